//! Super nodes' cores over memory disks, in virtual time: what they send takes a while, differs in
//! how long by dice, and does not arrive where nobody is up.

use super::people::{CREATED, network};
use crate::core::{
    Broken, Config, Core, Effect, Input, Membership, Outcome, Role, Start,
    net::{
        Fault, GossipId, InboundId, NetCommand, NetEvent, Protocol, RequestId, Unanswered, Verdict,
    },
};
use magpie_protocol::{
    address::NodeId,
    codec::{decode, encode},
    digest::digest,
    domain,
    group::Topic,
    ledger::{
        Entry,
        exchange::{Answer, Request, topic},
    },
    network::Network,
};
use magpie_storage::{
    engine::{KeyRange, MemoryDisk, Order},
    overlay::{Overlay, View},
    schema,
};
use magpie_wallet::{device::DeviceSecrets, kdf::KdfParams, super_keys::SuperSecrets};
use rand_chacha::{ChaCha8Rng, ChaCha20Rng, rand_core::SeedableRng};
use rand_core::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// When the world begins.
pub(super) const BEGIN: u64 = CREATED + 60_000;
/// The shortest and the longest that a frame takes, milliseconds.
const DELAY_MS: (u64, u64) = (2, 30);
/// Somebody who is no super node.
pub(super) const STRANGER: NodeId = NodeId([77; 32]);

/// A place in the world.
pub(super) type At = usize;

pub(super) struct Place {
    pub(super) disk: MemoryDisk,
    pub(super) keys: (DeviceSecrets, SuperSecrets),
    pub(super) core: Core,
    pub(super) store: Overlay,
    pub(super) rng: ChaCha20Rng,
    pub(super) up: bool,
    /// Takes everything and answers nothing.
    pub(super) mute: bool,
    pub(super) inbound: BTreeMap<InboundId, (At, RequestId)>,
    /// Requests that it waits for, by whom they went to.
    pub(super) asked: BTreeMap<RequestId, At>,
    pub(super) topics: BTreeSet<Topic>,
    pub(super) judged: BTreeMap<GossipId, Vec<u8>>,
    pub(super) heard: BTreeSet<Vec<u8>>,
}

/// The world.
pub(super) struct World {
    pub(super) now: u64,
    pub(super) network: Network,
    pub(super) places: Vec<Place>,
    queue: BTreeMap<(u64, u64), (At, Input)>,
    dice: ChaCha8Rng,
    pub(super) last: u64,
    /// Faults that were counted: by whom, against whom.
    pub(super) faults: Vec<(At, NodeId, Fault)>,
    /// Entries that super nodes handed each other.
    pub(super) handed: usize,
    /// Requests of super nodes that others refused.
    pub(super) refused: usize,
    /// Headers that were said, not passed on.
    pub(super) said: usize,
    /// The most requests that one place had under way to another.
    pub(super) most_asked: usize,
    /// What was ever told to a transport, and when.
    pub(super) trace: [u8; 32],
}

fn keys(seed: u8) -> (DeviceSecrets, SuperSecrets) {
    let mut rng = ChaCha20Rng::from_seed([seed; 32]);
    (DeviceSecrets::generate(&mut rng), SuperSecrets::generate(&mut rng))
}

fn core(
    network: &Network,
    (device, secrets): &(DeviceSecrets, SuperSecrets),
    store: &Overlay,
) -> Core {
    let config = Config {
        kdf: KdfParams::TEST,
        network: Some(Membership { network: network.clone(), bootstrap: vec![] }),
        role: Role::Super { secrets: Box::new(secrets.clone()) },
    };
    let start = Start { device: device.clone(), keys: None, fast: None };
    Core::new(config, start, store).unwrap()
}

impl World {
    /// A network of super nodes that have all just started and are connected.
    pub(super) fn new(supers: u8, seed: u64) -> Self {
        let mut world = Self::asleep(supers, seed);
        (0..world.places.len()).for_each(|at| world.start(at));
        world
    }

    /// The same before any of them started.
    pub(super) fn asleep(supers: u8, seed: u64) -> Self {
        let all: Vec<_> = (0..supers).map(|n| keys(n + 1)).collect();
        let network = network(&all, "world");
        let place = |(n, keys): (u8, (DeviceSecrets, SuperSecrets))| {
            let disk = MemoryDisk::new();
            let store = schema::open(Box::new(disk.open().unwrap())).unwrap();
            Place {
                disk,
                core: core(&network, &keys, &store),
                keys,
                store,
                rng: ChaCha20Rng::from_seed([n; 32]),
                up: false,
                mute: false,
                inbound: BTreeMap::new(),
                asked: BTreeMap::new(),
                topics: BTreeSet::new(),
                judged: BTreeMap::new(),
                heard: BTreeSet::new(),
            }
        };
        let places = (0..supers).zip(all).map(place).collect();
        Self {
            now: BEGIN,
            network,
            places,
            queue: BTreeMap::new(),
            dice: ChaCha8Rng::seed_from_u64(seed),
            last: 0,
            faults: vec![],
            handed: 0,
            refused: 0,
            said: 0,
            most_asked: 0,
            trace: [0; 32],
        }
    }

    pub(super) fn node(&self, at: At) -> NodeId {
        self.places[at].keys.0.node_id()
    }

    pub(super) fn keys(&self, at: At) -> (DeviceSecrets, SuperSecrets) {
        self.places[at].keys.clone()
    }

    pub(super) fn find(&self, node: NodeId) -> At {
        (0..self.places.len()).find(|at| self.node(*at) == node).unwrap()
    }

    /// Starts a node from its disk and connects it with all that are up.
    pub(super) fn start(&mut self, at: At) {
        let place = &mut self.places[at];
        if !place.up {
            place.up = true;
            self.put_now(at, Input::Started);
        }
        for other in 0..self.places.len() {
            if other != at && self.places[other].up {
                let (a, b) = (self.node(at), self.node(other));
                self.put_now(at, Input::Net(NetEvent::Connected { peer: b }));
                self.put_now(other, Input::Net(NetEvent::Connected { peer: a }));
            }
        }
    }

    /// Ends a node as a crash does, and makes it ready to start again.
    pub(super) fn kill(&mut self, at: At) {
        let peer = self.node(at);
        let waiting: Vec<_> = self.places[at].inbound.values().copied().collect();
        for (other, id) in waiting {
            let reason = Unanswered::Disconnected;
            self.put_now(other, Input::Net(NetEvent::Failed { id, reason }));
        }
        for other in (0..self.places.len()).filter(|other| *other != at) {
            if self.places[other].up {
                self.put_now(other, Input::Net(NetEvent::Disconnected { peer }));
            }
        }
        self.queue.retain(|_, (to, _)| *to != at);
        let seed = self.dice.next_u64();
        let place = &mut self.places[at];
        place.disk.crash(seed);
        place.store = schema::open(Box::new(place.disk.open().unwrap())).unwrap();
        place.core = core(&self.network, &place.keys, &place.store);
        place.up = false;
        place.inbound.clear();
        place.asked.clear();
        place.topics.clear();
        place.judged.clear();
        place.heard.clear();
    }

    fn put_now(&mut self, at: At, input: Input) {
        self.put(at, input, 0);
    }

    pub(super) fn put(&mut self, at: At, input: Input, wait_ms: u64) {
        self.last += 1;
        self.queue.insert((self.now + wait_ms, self.last), (at, input));
    }

    pub(super) fn send(&mut self, at: At, event: NetEvent) {
        let (least, most) = DELAY_MS;
        let wait_ms = least + self.dice.next_u64() % (most - least);
        self.put(at, Input::Net(event), wait_ms);
    }

    /// Steps without committing.
    pub(super) fn step(&mut self, at: At, input: Input) -> Result<Outcome, Broken> {
        let place = &mut self.places[at];
        place.core.step(input, &place.store, self.now, &mut place.rng)
    }

    /// Steps, commits, and returns what the transport is told.
    fn run(&mut self, at: At, input: Input) -> Vec<NetCommand> {
        let outcome = self.step(at, input).unwrap();
        let place = &mut self.places[at];
        place.store.push(outcome.batch);
        place.store.commit().unwrap();
        let net = |effect| match effect {
            Effect::Net(command) => command,
            other => panic!("{other:?}"),
        };
        let commands: Vec<_> = outcome.effects.into_iter().map(net).collect();
        let text = format!("{} {at} {commands:?}", self.now);
        self.trace = digest(domain::MACHINE_ID, &[&self.trace[..], text.as_bytes()].concat());
        commands
    }

    /// Lets this many milliseconds pass.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        self.pass_until(end, |_| false);
    }

    /// Lets time pass until something is so, and returns how long it took.
    pub(super) fn until(&mut self, most_ms: u64, is_so: impl Fn(&Self) -> bool) -> u64 {
        let begun = self.now;
        self.pass_until(begun + most_ms, &is_so);
        assert!(
            is_so(self),
            "it did not come to that in {most_ms} ms, heights {:?}",
            self.heights()
        );
        self.now - begun
    }

    fn pass_until(&mut self, end: u64, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            let up = self.places.iter().enumerate().filter(|(_, place)| place.up);
            let wake = up.filter_map(|(at, place)| Some((place.core.wake_at()?, at))).min();
            let next = self.queue.first_key_value().map(|((at_ms, _), _)| *at_ms);
            let (at, input) = match (next, wake) {
                (next, Some((wake, at))) if wake <= end && next.is_none_or(|next| wake < next) => {
                    self.now = self.now.max(wake);
                    (at, Input::Tick)
                }
                (Some(next), _) if next <= end => {
                    let Some((_, first)) = self.queue.pop_first() else { unreachable!() };
                    self.now = self.now.max(next);
                    first
                }
                _ => {
                    self.now = end;
                    return;
                }
            };
            self.take(at, input);
        }
    }

    fn take(&mut self, at: At, input: Input) {
        if !self.places[at].up {
            return;
        }
        if let Input::Net(NetEvent::Answered { id, .. } | NetEvent::Failed { id, .. }) = &input
            && self.places[at].asked.remove(id).is_none()
        {
            // It was answered before, or failed.
            return;
        }
        if self.places[at].mute && matches!(input, Input::Net(NetEvent::Inbound { .. })) {
            return;
        }
        for command in self.run(at, input) {
            self.transport(at, command);
        }
    }

    /// Asks a node with bytes, at once; returns the answer's bytes, or nothing if it refuses, and
    /// lets what follows happen.
    pub(super) fn ask_bytes(&mut self, at: At, from: NodeId, bytes: Vec<u8>) -> Option<Vec<u8>> {
        self.last += 1;
        let id = InboundId(self.last);
        let event = NetEvent::Inbound { id, from, protocol: Protocol::Ledger, bytes };
        let mut answers = vec![];
        for command in self.run(at, Input::Net(event)) {
            match command {
                NetCommand::Respond { id: of, bytes } if of == id => answers.push(Some(bytes)),
                NetCommand::Refuse { id: of } if of == id => answers.push(None),
                other => self.transport(at, other),
            }
        }
        assert_eq!(answers.len(), 1, "exactly one answer");
        answers.remove(0)
    }

    /// Asks a node, which answers.
    pub(super) fn ask(&mut self, at: At, from: NodeId, request: &Request) -> Answer {
        let answer = self.ask_bytes(at, from, encode(request).unwrap()).unwrap();
        decode(&answer).unwrap()
    }

    /// Submits an entry as a person's node does.
    pub(super) fn submit(&mut self, at: At, entry: Entry) -> Answer {
        self.ask(at, STRANGER, &Request::Submit(Box::new(entry)))
    }

    /// Shows a node a frame of gossip.
    pub(super) fn show(&mut self, at: At, from: NodeId, bytes: &[u8]) -> Verdict {
        let (id, topic) = (GossipId(0), topic(self.network.id()));
        let event = NetEvent::Gossip { id, from, topic, bytes: bytes.to_vec() };
        match self.run(at, Input::Net(event))[..] {
            [NetCommand::Judge { id: GossipId(0), verdict }] => verdict,
            ref other => panic!("{other:?}"),
        }
    }

    /// The newest height of each node.
    pub(super) fn heights(&self) -> Vec<u64> {
        (0..self.places.len()).map(|at| self.height(at)).collect()
    }

    pub(super) fn height(&self, at: At) -> u64 {
        let tip = crate::ledger::store::tip(&self.places[at].store).unwrap();
        tip.map_or(0, |tip| tip.tip().height)
    }

    /// All rows of a node, as they stand.
    pub(super) fn rows(&self, at: At) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.places[at].store.range(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap()
    }
}
