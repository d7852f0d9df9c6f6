//! People for the tests of the rules: cores on stores in memory, and a carrier that takes what one
//! posted to the other.

use crate::core::{
    Call, CallId, Config, Core, Effect, Input, Missed, Register, Role, Scopes, Start, Turn,
    letters::{
        rows::{TOKENS, WAITING},
        sender::{Sender, Taken},
    },
};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ErrorCode, Event},
    content::Payload,
    ids::MessageId,
    token::Token,
};
use magpie_storage::{
    engine::{MemoryDisk, Order},
    overlay::Overlay,
    table::Keys,
};
use magpie_wallet::{device::DeviceSecrets, kdf::KdfParams};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};

/// When the tests begin.
pub(crate) const NOW: u64 = 1_700_000_000_000;

/// A signed-in account on a device of its own.
pub(crate) struct Peer {
    pub(crate) core: Core,
    pub(crate) store: Overlay,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) now: u64,
}

/// What one account posted to another.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) from: Sender,
    pub(crate) to: Address,
    pub(crate) payload: Payload,
    pub(crate) about: Option<MessageId>,
}

impl Peer {
    /// Registers an anonymous account and signs in.
    pub(crate) fn new(seed: u8) -> Self {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let store = Overlay::new(Box::new(MemoryDisk::new().open().unwrap()));
        let device = DeviceSecrets::generate(&mut rng);
        let config = Config { kdf: KdfParams::default(), network: None, role: Role::User };
        let start = Start { device, keys: None, fast: None };
        let core = Core::new(config, start, &store).unwrap();
        let mut peer = Self { core, store, rng, now: NOW };
        let register = Register { call: CallId(1), entropy: None, passwords: None };
        peer.step(Input::Register(register));
        peer.ok("login", "exportLogin", json!({ "loginType": "text" }));
        peer
    }

    /// Steps one input and keeps its batch.
    pub(crate) fn step(&mut self, input: Input) -> Vec<Effect> {
        let outcome = self.core.step(input, &self.store, self.now, &mut self.rng).unwrap();
        self.store.push(outcome.batch);
        outcome.effects
    }

    /// Does something in a step of its own.
    pub(crate) fn turn<T>(&mut self, act: impl FnOnce(&mut Turn<'_>) -> T) -> T {
        let mut turn = Turn::new(&mut self.core, &self.store, self.now, &mut self.rng, None);
        let done = act(&mut turn);
        turn.attend(Turn::write_back);
        let outcome = turn.finish().unwrap();
        self.store.push(outcome.batch);
        done
    }

    /// Does something in the middle of a group of steps, which leaves no batch.
    pub(crate) fn turn_only<T>(&mut self, act: impl FnOnce(&mut Turn<'_>) -> T) -> T {
        let mut turn = Turn::new(&mut self.core, &self.store, self.now, &mut self.rng, None);
        let done = act(&mut turn);
        turn.finish().unwrap();
        done
    }

    /// Calls the local API.
    pub(crate) fn call(
        &mut self,
        module: &str,
        method: &str,
        params: Value,
    ) -> Result<Value, ApiError> {
        let (module, method) = (module.to_owned(), method.to_owned());
        let call = Call { id: CallId(2), module, method, params, scopes: Scopes::ALL, key: None };
        let mut effects = self.step(Input::Call(call)).into_iter();
        effects
            .find_map(|effect| match effect {
                Effect::Answer { answer, .. } => Some(answer.map(|data| data.value())),
                _ => None,
            })
            .expect("the rules answer at once")
    }

    /// Calls the local API, which answers 200.
    pub(crate) fn ok(&mut self, module: &str, method: &str, params: Value) -> Value {
        let answer = self.call(module, method, params);
        answer.unwrap_or_else(|error| panic!("{module}.{method}: {error}"))
    }

    /// Calls the local API, which refuses and changes nothing; returns the code.
    pub(crate) fn refused(&mut self, module: &str, method: &str, params: Value) -> ErrorCode {
        let before = self.store.pending().clone();
        let error = self.call(module, method, params).expect_err("is refused");
        assert_eq!(self.store.pending(), &before, "{module}.{method} changed something");
        error.code
    }

    pub(crate) fn address(&self) -> Address {
        self.core.open.as_ref().unwrap().account.address
    }

    /// Returns this device as others prove it.
    pub(crate) fn sender(&self) -> Sender {
        let account = &self.core.open.as_ref().unwrap().account;
        let list_version = account.device_list.latest().at;
        Sender { account: account.address, device: account.device_key.id(), list_version }
    }

    /// Takes all that was posted.
    pub(crate) fn posted(&mut self) -> Vec<Letter> {
        let from = self.sender();
        self.turn(|turn| {
            let rows = turn.rows().unwrap();
            let found =
                WAITING.scan(&turn.tx, &rows, &(), &Keys::all(), Order::Ascending, usize::MAX);
            let mut letters = Vec::new();
            for ((to, number), row) in found.unwrap() {
                turn.delete(&WAITING, &(), &(to, number)).unwrap();
                let payload = Payload::from_bytes(&row.payload).unwrap();
                letters.push((number, Letter { from, to, payload, about: row.about }));
            }
            letters.sort_by_key(|(number, _)| *number);
            letters.into_iter().map(|(_, letter)| letter).collect()
        })
    }

    /// Takes a letter in.
    pub(crate) fn receive(&mut self, letter: &Letter) -> Taken {
        self.turn(|turn| turn.received(letter.from, letter.payload.clone())).unwrap()
    }

    /// Returns the tokens given to and taken from an account.
    pub(crate) fn tokens(&mut self, other: Address) -> (Option<Token>, Option<Token>) {
        let pair = self.turn(|turn| turn.read(&TOKENS, &(), &other)).unwrap().unwrap_or_default();
        (pair.given, pair.taken)
    }

    /// Returns the names and data of the events kept since the last time.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        self.turn(|turn| {
            let rows = turn.rows().unwrap();
            let (table, all) = (&crate::core::event_rows::EVENT_PAGES, Keys::all());
            let found = table.scan(&turn.tx, &rows, &(), &all, Order::Ascending, usize::MAX);
            let pages = found.unwrap();
            let kept = pages.iter().flat_map(|(_, page)| page.0.iter());
            let told = kept.filter_map(|event| turn.event_of(&event.noted).unwrap()).collect();
            turn.drop_events().unwrap();
            told
        })
    }

    /// Returns what a listener that saw `from` is given at once.
    pub(crate) fn missed(&mut self, from: u64) -> Missed {
        self.core.missed(&self.store, (self.now, &mut self.rng), from).unwrap()
    }

    /// Returns the names of the events kept since the last time.
    pub(crate) fn event_names(&mut self) -> Vec<&'static str> {
        self.events().iter().map(Event::name).collect()
    }

    /// Returns whether an account is a friend here.
    pub(crate) fn is_friend(&mut self, other: &Self) -> bool {
        self.ok("contact", "isFriend", json!({ "nodeId": other.address() }))["status"] == true
    }

    /// Sends a text to a friend and returns the message's id.
    pub(crate) fn say(&mut self, to: &Self, text: &str) -> String {
        let rows = self.ok("chat", "sendTextMessage", to.text(text));
        rows[0]["msg_id"].as_str().unwrap().to_owned()
    }

    /// Returns the parameters of a call that sends a text to this account.
    pub(crate) fn text(&self, text: &str) -> Value {
        json!({ "cnd": self.address(), "cid": self.address(), "conversationType": 0, "pub": "",
                "text": text })
    }

    /// Lists all messages of the conversation with an account, oldest first.
    pub(crate) fn heard(&mut self, other: &Self) -> Vec<Value> {
        let page = json!({ "conversationId": other.address(), "startTime": -1, "pageSize": 1000,
                           "orderBy": "ASC" });
        let rows = self.ok("chat", "getMessagesByConversationId", page);
        rows.as_array().unwrap().clone()
    }

    /// Returns the texts of those messages.
    pub(crate) fn texts(&mut self, other: &Self) -> Vec<String> {
        self.heard(other).iter().map(text_of).collect()
    }

    /// Returns a message's row.
    pub(crate) fn message(&mut self, id: &str) -> Value {
        self.ok("chat", "getMessageByIdChat", json!({ "messageId": id }))
    }
}

/// Returns the text that a message's row shows.
pub(crate) fn text_of(row: &Value) -> String {
    let content: Value = serde_json::from_str(row["msg_cry"].as_str().unwrap()).unwrap();
    content["text"].as_str().unwrap().to_owned()
}

/// Carries letters between two until neither posts another; returns what was said of each.
pub(crate) fn carry(a: &mut Peer, b: &mut Peer) -> Vec<Taken> {
    let mut taken = Vec::new();
    loop {
        let letters = [a.posted(), b.posted()].concat();
        if letters.is_empty() {
            return taken;
        }
        for letter in letters {
            let to = if letter.to == a.address() { &mut *a } else { &mut *b };
            assert_eq!(letter.to, to.address());
            taken.push(to.receive(&letter));
        }
    }
}

/// Two who are friends, with nothing on its way and no events kept.
pub(crate) fn friends() -> (Peer, Peer) {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    let hello = json!({ "nodeId": bob.address(), "content": "hello" });
    alice.ok("contact", "addFriend", hello);
    carry(&mut alice, &mut bob);
    bob.ok("contact", "agreeApplySync", json!({ "nodeId": alice.address() }));
    carry(&mut alice, &mut bob);
    for peer in [&mut alice, &mut bob] {
        peer.events();
    }
    (alice, bob)
}
