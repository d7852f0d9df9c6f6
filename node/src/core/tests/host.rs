//! A host without threads: it does with an outcome what the real one does, in the same order.

use crate::core::{
    Broken, Call, CallId, Config, Core, Effect, FileChange, Input, JobId, Missed, Outcome, Role,
    Scopes, Start,
};
use magpie_protocol::api::{ApiError, ErrorCode};
use magpie_storage::{engine::MemoryDisk, overlay::Overlay, schema};
use magpie_wallet::{
    device::DeviceSecrets,
    fast_login::FastLogin,
    kdf::{self, KdfParams, Password, Salt},
    keystore::{BODY_LEN, KeyStore},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a call was answered with.
pub(super) type Told = Result<Value, ApiError>;

pub(super) const LOGIN: &str = "im-1111111111";
pub(super) const WALLET: &str = "wallet-1111111111";

/// The private files beside the store.
pub(super) struct Files {
    device: Vec<u8>,
    pub(super) keys: Option<Box<[u8; BODY_LEN]>>,
    pub(super) fast: Option<Vec<u8>>,
}

/// A password that waits to be turned into a key.
pub(super) struct Derivation {
    job: JobId,
    password: Password,
    salt: Salt,
    params: KdfParams,
}

pub(super) struct Host {
    pub(super) disk: MemoryDisk,
    pub(super) store: Overlay,
    pub(super) core: Core,
    pub(super) files: Files,
    /// The time, milliseconds since the Unix epoch.
    pub(super) now: u64,
    rng: ChaCha20Rng,
    last_call: u64,
    answers: BTreeMap<CallId, Told>,
    pub(super) derivations: Vec<Derivation>,
    /// Events pushed: their numbers and frames.
    pub(super) pushed: Vec<(u64, Vec<Value>)>,
    /// Last frames of listeners that were closed.
    pub(super) closed: Vec<Value>,
}

impl Host {
    /// An empty data directory.
    pub(super) fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let disk = MemoryDisk::new();
        let device = DeviceSecrets::generate(&mut rng).to_bytes().to_vec();
        let files = Files { device, keys: None, fast: None };
        let (store, core) = open(&disk, &files);
        Self {
            disk,
            store,
            core,
            files,
            now: 1_700_000_000_000,
            rng,
            last_call: 0,
            answers: BTreeMap::new(),
            derivations: vec![],
            pushed: vec![],
            closed: vec![],
        }
    }

    /// A node whose account is registered and signed in.
    pub(super) fn signed_in() -> Self {
        let mut host = Self::new();
        host.register().unwrap();
        host.login(LOGIN).unwrap();
        host.closed.clear();
        host
    }

    /// Ends the process and starts another one on the same disk and files.
    pub(super) fn restart(&mut self) {
        self.disk.crash(self.now);
        (self.store, self.core) = open(&self.disk, &self.files);
        self.answers.clear();
        self.derivations.clear();
    }

    /// Returns what a listener that saw `from` is given at once.
    pub(super) fn missed(&mut self, from: u64) -> Missed {
        self.core.missed(&self.store, (self.now, &mut self.rng), from).unwrap()
    }

    /// Steps one input and does nothing with its outcome.
    pub(super) fn step(&mut self, input: Input) -> Result<Outcome, Broken> {
        self.core.step(input, &self.store, self.now, &mut self.rng)
    }

    /// Writes the private files of an outcome, as the first thing that becomes durable.
    pub(super) fn write_files(&mut self, files: Vec<FileChange>) {
        for change in files {
            match change {
                FileChange::Keys(body) => self.files.keys = Some(body),
                FileChange::FastLogin(bytes) => {
                    self.files.fast = bytes.map(|bytes| bytes.to_vec());
                }
            }
        }
    }

    /// Makes an outcome durable and carries out its effects, except that derivations wait.
    pub(super) fn publish(&mut self, outcome: Outcome) {
        self.write_files(outcome.files);
        self.store.push(outcome.batch);
        self.store.commit().unwrap();
        self.carry_out(outcome.effects);
    }

    /// Carries out effects, except that derivations wait.
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) {
        let value = |frame: &String| serde_json::from_str(frame).unwrap();
        for effect in effects {
            match effect {
                Effect::Answer { call, answer } => {
                    assert!(
                        self.answers.insert(call, answer.map(|data| data.value())).is_none(),
                        "answered twice"
                    );
                }
                Effect::Derive { job, password, salt, params } => {
                    self.derivations.push(Derivation { job, password, salt, params });
                }
                Effect::Push { seq, frames } => {
                    self.pushed.push((seq, frames.iter().map(value).collect()));
                }
                Effect::CloseListeners { frame } => self.closed.push(value(&frame)),
                Effect::Net(command) => panic!("nothing is connected, yet {command:?}"),
            }
        }
    }

    /// Steps one input and publishes it.
    pub(super) fn put(&mut self, input: Input) {
        let outcome = self.step(input).unwrap();
        self.publish(outcome);
    }

    /// Turns the next password that waits into its key and steps it, without publishing.
    pub(super) fn derived_once(&mut self) -> Outcome {
        let Derivation { job, password, salt, params } = self.derivations.remove(0);
        let key = kdf::derive(&password, salt, params);
        self.step(Input::KeyDerived { job, key }).unwrap()
    }

    /// Turns every password that waits into its key, and goes on until none waits.
    pub(super) fn derive(&mut self) {
        while !self.derivations.is_empty() {
            let outcome = self.derived_once();
            self.publish(outcome);
        }
    }

    pub(super) fn next_call(&mut self) -> CallId {
        self.last_call += 1;
        CallId(self.last_call)
    }

    pub(super) fn input(&mut self, module: &str, method: &str, params: Value) -> Input {
        Input::Call(Call {
            id: self.next_call(),
            module: module.into(),
            method: method.into(),
            params,
            scopes: Scopes::ALL,
            key: None,
        })
    }

    /// Begins a call: nothing slow is carried out.
    pub(super) fn begin(&mut self, module: &str, method: &str, params: Value) -> CallId {
        let input = self.input(module, method, params);
        self.put(input);
        CallId(self.last_call)
    }

    /// Takes the answer of a call, if it is there.
    pub(super) fn answer(&mut self, call: CallId) -> Option<Told> {
        self.answers.remove(&call)
    }

    /// Runs one call to its answer.
    pub(super) fn call(&mut self, module: &str, method: &str, params: Value) -> Told {
        let call = self.begin(module, method, params);
        self.derive();
        self.answer(call).expect("the call is answered")
    }

    /// Returns the data and the code of a call that is refused.
    pub(super) fn refused(&mut self, module: &str, method: &str, params: Value) -> (u16, Value) {
        let error = self.call(module, method, params).expect_err("the call is refused");
        (error.code.number(), error.data)
    }

    pub(super) fn register(&mut self) -> Told {
        let params = json!({"imPwd": LOGIN, "walletPwd": WALLET, "type": "text"});
        self.call("login", "register", params)
    }

    pub(super) fn login(&mut self, password: &str) -> Told {
        self.call("login", "exportLogin", json!({"password": password, "loginType": "text"}))
    }

    pub(super) fn profile(&mut self) -> Value {
        self.call("user", "getUserSingleInfo", json!({})).unwrap()
    }

    pub(super) fn rename(&mut self, nickname: &str) -> Value {
        self.call("user", "updateUserSingleInfo", json!({"nickname": nickname})).unwrap()
    }
}

/// Returns the code of a refusal.
pub(super) fn code<T>(answer: &Result<T, ApiError>) -> Option<ErrorCode> {
    answer.as_ref().err().map(|error| error.code)
}

fn open(disk: &MemoryDisk, files: &Files) -> (Overlay, Core) {
    let store = schema::open(Box::new(disk.open().unwrap())).unwrap();
    let start = Start {
        device: DeviceSecrets::from_bytes(&files.device).unwrap(),
        keys: files.keys.as_ref().map(|body| KeyStore::from_bytes(&body[..]).unwrap()),
        fast: files.fast.as_ref().map(|bytes| FastLogin::from_bytes(bytes).unwrap()),
    };
    let core =
        Core::new(Config { kdf: KdfParams::TEST, network: None, role: Role::User }, start, &store)
            .unwrap();
    (store, core)
}
