//! Many cores in one test: memory stores, a clock that only the test moves, and a transport that
//! delivers every frame in order, or not at all to a node that is down.

use crate::core::{
    Call, CallId, Config, Core, Input, Membership, Register, Role, Scopes, Start,
    net::{Fault, GossipId, InboundId, NetEvent, RequestId, Unanswered},
};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::{Address, NodeId},
    api::ApiError,
    bounded::{List, Text},
    group::Topic,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey, IssuerKey, ReceiptsKey},
    ledger::Rules,
    limits::DAY_MS,
    network::{Checkpoint, Genesis, KdfFloor, Network, SuperNode},
};
use magpie_storage::{engine::MemoryDisk, overlay::Overlay, schema};
use magpie_wallet::{
    device::DeviceSecrets,
    kdf::{KdfParams, Password},
    keystore::KeyStore,
    super_keys::SuperSecrets,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// When the world begins, milliseconds since the Unix epoch.
const BEGIN: u64 = 1_800_000_000_000;
/// Between blocks without entries, in milliseconds.
const HEARTBEAT: u64 = 300_000;
/// How long it takes until nothing happens by itself any more, in milliseconds.
const SETTLE_MS: u64 = 60_000;
/// Inputs after which a test has gone wrong.
const INPUTS: usize = 200_000;

pub(in crate::core) const PASSWORD: &str = "im-1111111111";

/// A place in the world.
pub(in crate::core) type At = usize;

pub(in crate::core) struct Peer {
    pub(super) disk: MemoryDisk,
    pub(super) keys: Option<Vec<u8>>,
    pub(super) device: DeviceSecrets,
    pub(super) role: Role,
    pub(in crate::core) core: Core,
    pub(in crate::core) store: Overlay,
    pub(in crate::core) rng: ChaCha20Rng,
    pub(super) up: bool,
    pub(super) answers: BTreeMap<CallId, Result<Value, ApiError>>,
    pub(super) inbound: BTreeMap<InboundId, (At, RequestId)>,
    /// Event frames pushed since the node started.
    pub(super) pushed: usize,
    pub(super) topics: BTreeSet<Topic>,
    /// Frames that wait for a verdict.
    pub(super) judged: BTreeMap<GossipId, (Topic, Vec<u8>)>,
    /// Frames that the transport has seen.
    pub(super) heard: BTreeSet<(Topic, Vec<u8>)>,
}

/// All nodes, and what is on its way between them.
pub(in crate::core) struct World {
    pub(in crate::core) now: u64,
    pub(super) network: Network,
    pub(in crate::core) peers: Vec<Peer>,
    pub(super) queue: VecDeque<(At, Input)>,
    pub(super) links: BTreeSet<(At, At)>,
    /// Nodes that cannot reach each other.
    pub(super) parted: BTreeSet<(At, At)>,
    pub(super) addresses: BTreeMap<At, String>,
    pub(super) last: u64,
    /// Whether gossip reaches nobody.
    pub(in crate::core) deaf: bool,
    /// Requests so far that are as large as an envelope.
    pub(super) carried: usize,
    /// For how long what follows from a call is waited for, milliseconds.
    pub(in crate::core) settle_ms: u64,
    /// Of whom keys are held back, and which of them come before that.
    pub(super) held: Option<(At, usize)>,
    pub(super) held_keys: Vec<(At, Input)>,
    /// How often mail was asked for.
    pub(super) fetches: usize,
    /// How often records were put.
    pub(super) publications: usize,
    /// A super node that takes nothing without a stamp of this effort, and no stamp.
    pub(super) greedy: Option<(At, u8)>,
    /// The stamps it was given.
    pub(super) given: BTreeSet<(u8, u64)>,
    /// Super nodes that take people's entries and forget them.
    pub(in crate::core) swallows: BTreeSet<At>,
    /// A super node that stays connected and answers nobody, as one that was just killed.
    pub(super) mute: Option<At>,
    /// What it was asked.
    pub(super) unheard: Vec<(At, RequestId)>,
    /// Super nodes that change what they answer people about the ledger.
    pub(in crate::core) lies: BTreeMap<At, Lie>,
    /// Answers that were changed so far.
    pub(in crate::core) answers_changed: usize,
    /// Requests whose answers will be changed.
    pub(super) lied: BTreeSet<InboundId>,
    /// Faults that were counted: by whom, against which liar.
    pub(in crate::core) faults: Vec<(At, At, Fault)>,
}

/// What a super node makes of an honest answer.
pub(in crate::core) type Lie = Box<dyn FnMut(Vec<u8>) -> Vec<u8>>;

/// The least bytes of a request with an envelope in it.
pub(super) const CARRIES: usize = 1_024;

pub(in crate::core) fn signing(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

impl World {
    /// A network of super nodes alone; they are the places 0 to `supers`.
    pub(in crate::core) fn new(supers: u8) -> Self {
        Self::with_heartbeat(supers, HEARTBEAT)
    }

    /// The same with this time between blocks without entries, in milliseconds.
    pub(in crate::core) fn with_heartbeat(supers: u8, heartbeat_ms: u64) -> Self {
        let mut rng = ChaCha20Rng::from_seed([42; 32]);
        let devices: Vec<_> = (0..supers).map(|_| DeviceSecrets::generate(&mut rng)).collect();
        let keys = devices.iter().zip(0..).map(|(device, i)| SuperNode {
            node: device.node_id(),
            receipts: ReceiptsKey(signing(100 + i).verifying_key().to_bytes()),
            consensus: ConsensusKey(signing(150 + i).verifying_key().to_bytes()),
            beacon: BeaconKey(signing(200 + i).verifying_key().to_bytes()),
            wallet: Address::from_bytes(signing(98).verifying_key().to_bytes()).unwrap(),
        });
        let mut money = Rules::usual();
        // Blocks without entries are of no use here.
        money.pace.heartbeat_ms = heartbeat_ms;
        let genesis = Genesis {
            test_network: true,
            name: Text::new("world".to_owned()).unwrap(),
            created_ms: BEGIN,
            issuer: IssuerKey(signing(99).verifying_key().to_bytes()),
            mail_retention_ms: 30 * DAY_MS,
            stamp_effort: 8,
            kdf: KdfFloor { memory_kib: 64, passes: 1, lanes: 1 },
            supers: List::new(keys.collect()).unwrap(),
            money,
        };
        let mut world = Self {
            now: BEGIN,
            network: genesis.verify().unwrap(),
            peers: vec![],
            queue: VecDeque::new(),
            links: BTreeSet::new(),
            parted: BTreeSet::new(),
            addresses: BTreeMap::new(),
            last: 0,
            deaf: false,
            carried: 0,
            settle_ms: SETTLE_MS,
            held: None,
            held_keys: vec![],
            fetches: 0,
            publications: 0,
            greedy: None,
            given: BTreeSet::new(),
            swallows: BTreeSet::new(),
            mute: None,
            unheard: vec![],
            answers_changed: 0,
            lies: BTreeMap::new(),
            lied: BTreeSet::new(),
            faults: vec![],
        };
        for (device, i) in devices.into_iter().zip(0..) {
            let bytes = [&[2][..], &[100 + i; 32], &[150 + i; 32], &[200 + i; 32]].concat();
            let secrets = Box::new(SuperSecrets::from_bytes(&bytes).unwrap());
            world.add(device, Role::Super { secrets });
        }
        world
    }

    fn add(&mut self, device: DeviceSecrets, role: Role) -> At {
        let at = self.peers.len();
        let seed = u8::try_from(at).unwrap();
        let disk = MemoryDisk::new();
        let store = schema::open(Box::new(disk.open().unwrap())).unwrap();
        let core = self.core(&store, &device, &role, None);
        self.peers.push(Peer {
            disk,
            keys: None,
            device,
            role,
            core,
            store,
            rng: ChaCha20Rng::from_seed([seed; 32]),
            up: true,
            answers: BTreeMap::new(),
            inbound: BTreeMap::new(),
            pushed: 0,
            topics: BTreeSet::new(),
            judged: BTreeMap::new(),
            heard: BTreeSet::new(),
        });
        self.connect(at);
        at
    }

    fn core(
        &self,
        store: &Overlay,
        device: &DeviceSecrets,
        role: &Role,
        keys: Option<&[u8]>,
    ) -> Core {
        let config = Config {
            kdf: KdfParams::TEST,
            network: Some(Membership { network: self.network.clone(), bootstrap: vec![] }),
            role: role.clone(),
        };
        let keys = keys.map(|bytes| KeyStore::from_bytes(bytes).unwrap());
        Core::new(config, Start { device: device.clone(), keys, fast: None }, store).unwrap()
    }

    /// A person: registered and signed in.
    pub(in crate::core) fn person(&mut self) -> At {
        let mut rng = ChaCha20Rng::from_seed([200; 32]);
        rng.set_stream(self.peers.len() as u64);
        let at = self.add(DeviceSecrets::generate(&mut rng), Role::User);
        let call = self.next_call();
        let passwords = (
            Password::new(PASSWORD.into()).unwrap(),
            Password::new("wallet-1111111111".into()).unwrap(),
        );
        self.put(at, Input::Register(Register { call, entropy: None, passwords: Some(passwords) }));
        self.settle();
        self.peers[at].answers.remove(&call).unwrap().unwrap();
        self.sign_in(at);
        let me = self.call(at, "user", "getUserSingleInfo", json!({})).unwrap();
        self.addresses.insert(at, me["u_nd_add"].as_str().unwrap().to_owned());
        at
    }

    pub(in crate::core) fn sign_in(&mut self, at: At) {
        self.sign_in_now(at);
        self.settle();
    }

    /// The same without letting time pass.
    pub(in crate::core) fn sign_in_now(&mut self, at: At) {
        self.call(at, "login", "exportLogin", json!({"password": PASSWORD, "loginType": "text"}))
            .unwrap();
    }

    /// Ends a node as a crash does; what was not flushed is gone.
    pub(in crate::core) fn kill(&mut self, at: At) {
        self.peers[at].up = false;
        let gone: Vec<_> =
            self.links.iter().filter(|(a, b)| *a == at || *b == at).copied().collect();
        for (a, b) in gone {
            self.links.remove(&(a, b));
            let (other, peer) = if a == at { (b, at) } else { (a, at) };
            if other != at && self.peers[other].up {
                let peer = self.node(peer);
                self.put(other, Input::Net(NetEvent::Disconnected { peer }));
            }
        }
        self.queue.retain(|(to, _)| *to != at);
        // Whoever waits for it learns that it is gone.
        let waiting: Vec<_> = self.peers[at].inbound.values().copied().collect();
        for (other, id) in waiting {
            let reason = Unanswered::Disconnected;
            self.put(other, Input::Net(NetEvent::Failed { id, reason }));
        }
        self.peers[at].inbound.clear();
        let seed = self.now;
        self.peers[at].disk.crash(seed);
    }

    /// Starts a node anew from its disk; a person is not signed in.
    pub(in crate::core) fn restart(&mut self, at: At) {
        self.restart_now(at);
        self.settle();
    }

    /// The same without letting time pass.
    pub(in crate::core) fn restart_now(&mut self, at: At) {
        let store = schema::open(Box::new(self.peers[at].disk.open().unwrap())).unwrap();
        let (device, role) = (self.peers[at].device.clone(), self.peers[at].role.clone());
        let keys = self.peers[at].keys.clone();
        let core = self.core(&store, &device, &role, keys.as_deref());
        let peer = &mut self.peers[at];
        (peer.core, peer.store, peer.up) = (core, store, true);
        peer.answers.clear();
        peer.pushed = 0;
        peer.topics.clear();
        peer.judged.clear();
        peer.heard.clear();
        self.connect(at);
    }

    pub(in crate::core) fn node(&self, at: At) -> NodeId {
        self.peers[at].device.node_id()
    }

    /// The network, whose ledger the super nodes order.
    pub(in crate::core) fn chain(&self) -> NetworkId {
        self.network.id()
    }

    pub(super) fn find(&self, node: NodeId) -> Option<At> {
        (0..self.peers.len()).find(|at| self.node(*at) == node)
    }

    /// Lets nodes that start from now on read this checkpoint in the network file.
    pub(in crate::core) fn vouch(&mut self, checkpoint: Option<Checkpoint>) {
        self.network = self.network.clone().with_checkpoint(checkpoint);
    }

    fn next_call(&mut self) -> CallId {
        self.last += 1;
        CallId(self.last)
    }

    /// Calls a method and returns its answer; what follows from it happens in [`Self::settle`].
    pub(in crate::core) fn call(
        &mut self,
        at: At,
        module: &str,
        method: &str,
        params: Value,
    ) -> Result<Value, u16> {
        let id = self.next_call();
        let (module, method) = (module.to_owned(), method.to_owned());
        let call = Call { id, module, method, params, scopes: Scopes::ALL, key: None };
        self.put(at, Input::Call(call));
        for _ in 0..INPUTS {
            if let Some(answer) = self.peers[at].answers.remove(&id) {
                return answer.map_err(|error| error.code.number());
            }
            assert!(self.step_one(), "the call is never answered");
        }
        panic!("the call takes too long");
    }

    /// Puts one call to a node, under a key of the caller's, and returns its number.
    pub(in crate::core) fn put_call(
        &mut self,
        at: At,
        (module, method): (&str, &str),
        params: Value,
        key: Option<&str>,
    ) -> CallId {
        let id = self.next_call();
        let (module, method) = (module.to_owned(), method.to_owned());
        let key = key.map(str::to_owned);
        let call = Call { id, module, method, params, scopes: Scopes::ALL, key };
        self.put(at, Input::Call(call));
        id
    }

    /// Takes the answer to a call, if there is one by now.
    pub(in crate::core) fn answer(
        &mut self,
        at: At,
        id: CallId,
    ) -> Option<Result<Value, ApiError>> {
        self.peers[at].answers.remove(&id)
    }

    /// Holds back the keys that a node derives from passwords, after the next few.
    pub(in crate::core) const fn hold_keys(&mut self, at: At, after: usize) {
        self.held = Some((at, after));
    }

    /// Hands out the keys that were held back.
    pub(in crate::core) fn release_keys(&mut self) {
        self.held = None;
        self.queue.extend(self.held_keys.drain(..));
    }

    /// Puts calls to a node, one right behind the other, so that they wait there together.
    pub(in crate::core) fn put_calls(
        &mut self,
        at: At,
        module: &str,
        method: &str,
        params: Vec<Value>,
    ) {
        for params in params {
            let id = self.next_call();
            let (module, method) = (module.to_owned(), method.to_owned());
            let call = Call { id, module, method, params, scopes: Scopes::ALL, key: None };
            self.put(at, Input::Call(call));
        }
    }

    /// A person's address, whether the node is up or not.
    pub(in crate::core) fn address(&self, at: At) -> String {
        self.addresses[&at].clone()
    }

    pub(super) fn put(&mut self, at: At, input: Input) {
        self.queue.push_back((at, input));
    }

    /// Lets everything happen that happens by itself, for a minute of the world's time.
    pub(in crate::core) fn settle(&mut self) {
        self.pass(self.settle_ms);
    }

    /// Lets this many milliseconds pass.
    pub(in crate::core) fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        for _ in 0..INPUTS {
            while self.step_one() {}
            let up = self.peers.iter().enumerate().filter(|(_, peer)| peer.up);
            let next = up.filter_map(|(at, peer)| Some((peer.core.wake_at()?, at))).min();
            match next {
                Some((wake, at)) if wake <= end => {
                    self.now = self.now.max(wake);
                    self.put(at, Input::Tick);
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the world does not come to rest");
    }

    pub(in crate::core) fn step_one(&mut self) -> bool {
        let Some((at, input)) = self.queue.pop_front() else { return false };
        let now = self.now;
        let peer = &mut self.peers[at];
        if !peer.up {
            return true;
        }
        let outcome = peer.core.step(input, &peer.store, now, &mut peer.rng).unwrap();
        for change in outcome.files {
            if let crate::core::FileChange::Keys(body) = change {
                peer.keys = Some(body.to_vec());
            }
        }
        peer.store.push(outcome.batch);
        peer.store.commit().unwrap();
        for effect in outcome.effects {
            self.publish(at, effect);
        }
        true
    }

    /// How many event frames a node has pushed since its start.
    pub(in crate::core) fn pushed(&self, at: At) -> usize {
        self.peers[at].pushed
    }

    /// How many requests with envelopes in them were made so far.
    pub(in crate::core) const fn carried(&self) -> usize {
        self.carried
    }
}
