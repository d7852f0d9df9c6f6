//! One super node's core over a memory disk, and what its peers ask of it.

use super::people::{Person, START, blob, envelope, person, put, token};
use crate::core::{
    Config, Core, Effect, Input, Membership, Outcome, Role, Start,
    net::{InboundId, NetCommand, NetEvent, Protocol},
};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::{Address, NodeId},
    bounded::{List, Text},
    codec::{decode, encode},
    directory,
    keys::{BeaconKey, ConsensusKey, IssuerKey, ReceiptsKey},
    ledger::{Rules, exchange},
    limits::DAY_MS,
    mail::{self, Auth, Fetch, Fetched, Grant, Tokens},
    network::{Genesis, KdfFloor, Network, SuperNode},
    receipt::{StorageReceipt, Stored},
    record::Record,
    stamp::{Mint, Stamp, Subject},
    token::Quota,
};
use magpie_storage::{
    engine::{KeyRange, MemoryDisk, Order},
    overlay::{Overlay, View},
};
use magpie_wallet::{device::DeviceSecrets, kdf::KdfParams, super_keys::SuperSecrets};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// What the network asks of an idle node's strangers.
pub(super) const EFFORT: u8 = 2;
/// How long the network keeps mail.
pub(super) const KEPT: u64 = 30 * DAY_MS;

pub(super) struct World {
    pub(super) core: Core,
    pub(super) store: Overlay,
    pub(super) disk: MemoryDisk,
    pub(super) now: u64,
    rng: ChaCha20Rng,
    asked: u64,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn super_role() -> Role {
    let bytes = [&[2][..], &[201; 32], &[202; 32], &[204; 32]].concat();
    Role::Super { secrets: Box::new(SuperSecrets::from_bytes(&bytes).unwrap()) }
}

fn device() -> DeviceSecrets {
    DeviceSecrets::generate(&mut ChaCha20Rng::from_seed([200; 32]))
}

fn network() -> Network {
    let public = |seed| key(seed).verifying_key().to_bytes();
    let supers = vec![SuperNode {
        node: device().node_id(),
        receipts: ReceiptsKey(public(201)),
        consensus: ConsensusKey(public(202)),
        beacon: BeaconKey(public(204)),
        wallet: Address::from_bytes(public(205)).unwrap(),
    }];
    let genesis = Genesis {
        test_network: true,
        name: Text::new("test").unwrap(),
        created_ms: START,
        issuer: IssuerKey(public(203)),
        mail_retention_ms: KEPT,
        stamp_effort: EFFORT,
        kdf: KdfFloor { memory_kib: 64, passes: 1, lanes: 1 },
        supers: List::new(supers).unwrap(),
        money: Rules::usual(),
    };
    genesis.verify().unwrap()
}

fn start_core(store: &Overlay, role: Role) -> Core {
    let config = Config {
        kdf: KdfParams::TEST,
        network: Some(Membership { network: network(), bootstrap: vec![] }),
        role,
    };
    Core::new(config, Start { device: device(), keys: None, fast: None }, store).unwrap()
}

impl World {
    /// A super node that was just set up.
    pub(super) fn new() -> Self {
        Self::with_role(super_role())
    }

    pub(super) fn with_role(role: Role) -> Self {
        let disk = MemoryDisk::new();
        let store = Overlay::new(Box::new(disk.open().unwrap()));
        let core = start_core(&store, role);
        let rng = ChaCha20Rng::from_seed([9; 32]);
        Self { core, store, disk, now: START, rng, asked: 0 }
    }

    /// A super node that knows Alice with her devices 0 and 1, and her token 1.
    pub(super) fn with_alice() -> (Self, Person) {
        let mut world = Self::new();
        let alice = person(10);
        world.register(&alice, &alice.list((0, 1), &[0, 1]));
        assert_eq!(world.grant(&alice, 1, Quota::default()), mail::Answer::Done);
        (world, alice)
    }

    /// Cuts the power and starts again from what is on disk.
    pub(super) fn crash(&mut self) {
        self.disk.crash(0);
        self.store = Overlay::new(Box::new(self.disk.open().unwrap()));
        self.core = start_core(&self.store, super_role());
    }

    /// Steps without committing.
    pub(super) fn step(&mut self, input: Input) -> Outcome {
        self.core.step(input, &self.store, self.now, &mut self.rng).unwrap()
    }

    /// Steps, commits, and returns what the transport is told but of the ledger.
    pub(super) fn run(&mut self, input: Input) -> Vec<NetCommand> {
        let outcome = self.step(input);
        self.store.push(outcome.batch);
        self.store.commit().unwrap();
        let net = |effect| match effect {
            Effect::Net(command) => command,
            other => panic!("{other:?}"),
        };
        let ledger = exchange::topic(network().id());
        let is_of_ledger = |command: &NetCommand| match command {
            NetCommand::Subscribe { topic } | NetCommand::Publish { topic, .. } => *topic == ledger,
            _ => false,
        };
        outcome.effects.into_iter().map(net).filter(|command| !is_of_ledger(command)).collect()
    }

    pub(super) fn inbound(&mut self, from: NodeId, protocol: Protocol, bytes: Vec<u8>) -> Input {
        self.asked += 1;
        let id = InboundId(self.asked);
        Input::Net(NetEvent::Inbound { id, from, protocol, bytes })
    }

    /// Asks with bytes, and waits long enough between requests to be let in.
    pub(super) fn ask(
        &mut self,
        from: NodeId,
        protocol: Protocol,
        bytes: Vec<u8>,
    ) -> Vec<NetCommand> {
        let input = self.inbound(from, protocol, bytes);
        self.run(input)
    }

    /// Asks, and takes the one answer apart from other commands.
    fn answer(
        &mut self,
        from: NodeId,
        protocol: Protocol,
        bytes: Vec<u8>,
    ) -> (Vec<u8>, Vec<NetCommand>) {
        let mut commands = self.ask(from, protocol, bytes);
        let asked = InboundId(self.asked);
        let at = commands
            .iter()
            .position(|c| matches!(c, NetCommand::Respond { id, .. } if *id == asked))
            .unwrap_or_else(|| panic!("no answer: {commands:?}"));
        let NetCommand::Respond { bytes, .. } = commands.remove(at) else { unreachable!() };
        let answers =
            |c: &NetCommand| matches!(c, NetCommand::Respond { .. } | NetCommand::Refuse { .. });
        assert!(!commands.iter().any(answers), "two answers: {commands:?}");
        (bytes, commands)
    }

    pub(super) fn record(
        &mut self,
        from: NodeId,
        request: &directory::Request,
    ) -> directory::Answer {
        let (bytes, _) = self.answer(from, Protocol::Record, encode(request).unwrap());
        decode(&bytes).unwrap()
    }

    pub(super) fn mail(&mut self, from: NodeId, request: &mail::Request) -> mail::Answer {
        self.mail_and_more(from, request).0
    }

    /// Asks, and returns the answer and the other commands.
    pub(super) fn mail_and_more(
        &mut self,
        from: NodeId,
        request: &mail::Request,
    ) -> (mail::Answer, Vec<NetCommand>) {
        let (bytes, more) = self.answer(from, Protocol::Mail, encode(request).unwrap());
        (decode(&bytes).unwrap(), more)
    }

    /// Puts one record, with a stamp if one is given.
    pub(super) fn put_record(
        &mut self,
        record: &Record,
        stamp: Option<Stamp>,
    ) -> directory::PutAnswer {
        let put = directory::PutRecord { record: blob(record), stamp };
        let request = directory::Request::Put(List::new(vec![put]).unwrap());
        match self.record(NodeId([77; 32]), &request) {
            directory::Answer::Put(answers) => answers.into_vec().remove(0),
            other => panic!("{other:?}"),
        }
    }

    /// Puts an account's first list with enough work.
    pub(super) fn register(&mut self, person: &Person, list: &Record) {
        let stamp = self.work(&subject_of(person, list), EFFORT);
        let answer = self.put_record(list, Some(stamp));
        assert!(matches!(answer, directory::PutAnswer::Stored(_)), "{answer:?}");
    }

    pub(super) fn work(&self, subject: &Subject, effort: u8) -> Stamp {
        Mint::new(subject, self.now, effort, 0).unwrap().step(10_000_000).unwrap()
    }

    /// Sets a token from Alice's first device.
    pub(super) fn grant(&mut self, of: &Person, number: u8, quota: Quota) -> mail::Answer {
        let grant = Grant { hash: token(number).hash(), quota };
        let set = List::new(vec![grant]).unwrap();
        let tokens = Tokens { account: of.address(), set, withdraw: List::default() };
        self.mail(of.node(0), &mail::Request::Tokens(tokens))
    }

    pub(super) fn put_one(&mut self, put: mail::Put) -> mail::PutAnswer {
        match self.mail(NodeId([77; 32]), &mail::Request::Put(List::new(vec![put]).unwrap())) {
            mail::Answer::Put(answers) => answers.into_vec().remove(0),
            other => panic!("{other:?}"),
        }
    }

    /// Sends a letter of Bob's to a device with token 1; it is stored. Returns the envelope.
    pub(super) fn send(&mut self, to: &Person, device: usize, seed: u64) -> Vec<u8> {
        let bytes = envelope(&person(100), to.node(device), self.now + KEPT, seed, 0);
        let answer = self.put_one(put(to.address(), Auth::Token(token(1)), &bytes));
        assert!(matches!(answer, mail::PutAnswer::Stored(_)), "{answer:?}");
        bytes
    }

    /// Sends a letter of a stranger's with enough work. Returns the envelope and the answer.
    pub(super) fn knock(
        &mut self,
        to: &Person,
        device: usize,
        seed: u64,
    ) -> (Vec<u8>, mail::PutAnswer) {
        let bytes = envelope(&person(100), to.node(device), self.now + KEPT, seed, 0);
        let stamp = self.stamp(to.node(device), &bytes, EFFORT);
        let answer = self.put_one(put(to.address(), Auth::Stamp(stamp), &bytes));
        (bytes, answer)
    }

    pub(super) fn stamp(&self, mailbox: NodeId, envelope: &[u8], effort: u8) -> Stamp {
        let envelope = super::people::id_of(envelope);
        self.work(&Subject::Envelope { mailbox, envelope }, effort)
    }

    pub(super) fn fetch(&mut self, of: &Person, device: usize, after: u64, limit: u16) -> Fetched {
        let fetch = Fetch { account: of.address(), after, limit };
        match self.mail(of.node(device), &mail::Request::Fetch(fetch)) {
            mail::Answer::Fetched(fetched) => fetched,
            other => panic!("{other:?}"),
        }
    }

    /// The envelopes that wait for a device.
    pub(super) fn waiting(&mut self, of: &Person, device: usize) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut after = 0;
        loop {
            let fetched = self.fetch(of, device, after, 256);
            after = fetched.next;
            all.extend(fetched.envelopes.into_iter().map(|e| e.to_vec()));
            if !fetched.more {
                return all;
            }
        }
    }

    pub(super) fn ack(&mut self, of: &Person, device: usize, envelopes: &[&[u8]], held: bool) {
        let ids = envelopes.iter().map(|e| super::people::id_of(e)).collect();
        let ack = mail::Ack { account: of.address(), held, ids: List::new(ids).unwrap() };
        let answer = self.mail(of.node(device), &mail::Request::Ack(ack));
        assert_eq!(answer, mail::Answer::Done);
    }

    /// Checks a receipt as its receiver would.
    pub(super) fn check(&self, receipt: &StorageReceipt, stored: Stored) {
        let network = network();
        let keys = network.super_at(device().node_id()).unwrap();
        receipt.verify(network.id(), &keys.keys(), &stored).unwrap();
    }

    /// Ticks as the host does until nothing is due; returns what the transport is told.
    pub(super) fn ticks(&mut self) -> Vec<NetCommand> {
        let mut commands = Vec::new();
        for _ in 0..1_000 {
            if self.core.wake_at().is_none_or(|at| at > self.now) {
                return commands;
            }
            commands.extend(self.run(Input::Tick));
        }
        panic!("ticks never end");
    }

    /// All rows, as they stand.
    pub(super) fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.store.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap()
    }

    /// Rows of one table.
    pub(super) fn rows_of(&self, tag: u8) -> usize {
        self.rows().iter().filter(|(key, _)| key[0] == tag).count()
    }
}

pub(super) fn subject_of(person: &Person, list: &Record) -> Subject {
    use magpie_protocol::{digest::digest, domain::RECORD_HASH, ids::RecordHash};
    let record = RecordHash(digest(RECORD_HASH, &blob(list)));
    Subject::Record { account: person.address(), record }
}
