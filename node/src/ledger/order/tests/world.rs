//! The world: nodes on disks in memory, links, time, partitions and crashes.

use super::{
    byzantine::Byzantine,
    checker::{Broken, Checker},
    scene::{BEGIN, CHAIN, Scene, beacon_key, node_id, public, validators},
    subject::Subject,
    toy::Toy,
};
use crate::ledger::order::{
    Effect, Input, Keys, Order, commit::read_log, rows::LOG, state::Sabotage,
};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    codec::{decode, encode},
    consensus::{DecidedBlock, Message},
    keys::ConsensusKey,
    ledger::{Entry, Evidence, Header, ValidatorSet},
};
use magpie_storage::{
    engine::{Fault, MemoryDisk},
    key::read_key,
    overlay::{Overlay, Tx},
};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::{collections::BTreeMap, rc::Rc};

enum Event {
    Deliver { to: usize, from: usize, bytes: Rc<Vec<u8>> },
    Wake { node: usize, life: u64 },
    Start(usize),
    Split,
    Join,
}

struct Node<C> {
    disk: MemoryDisk,
    alive: Option<(Overlay, Order, C)>,
    life: u64,
    wake: Option<u64>,
}

pub(in crate::ledger) struct World<C: Subject = Toy> {
    pub(in crate::ledger) scene: Scene,
    pub(in crate::ledger) now: u64,
    pub(in crate::ledger) set: ValidatorSet,
    pub(in crate::ledger) checker: Checker,
    pub(in crate::ledger) evidence: Vec<Evidence>,
    pub(in crate::ledger) crashes: u64,
    pub(in crate::ledger) messages: u64,
    keys: Vec<SigningKey>,
    /// Nodes that halted, and why.
    pub(in crate::ledger) halted: Vec<(usize, String)>,
    shared: C::Shared,
    nodes: Vec<Node<C>>,
    byzantine: Option<(usize, Byzantine)>,
    queue: BTreeMap<(u64, u64), Event>,
    events: u64,
    /// The side of each node while the network is apart.
    sides: Option<Vec<bool>>,
    rng: ChaCha8Rng,
    trace: blake3::Hasher,
}

impl World {
    pub(in crate::ledger) fn new(scene: Scene) -> Self {
        Self::with(scene, ())
    }
}

impl<C: Subject> World<C> {
    pub(in crate::ledger) fn with(scene: Scene, shared: C::Shared) -> Self {
        let (keys, set) = validators(scene.nodes);
        let bad = scene.nodes - 1;
        let vice =
            scene.vice.map(|vice| (bad, Byzantine::new(vice, keys[bad].clone(), set.clone())));
        let honest = |index: usize| vice.is_none() || index != bad;
        let honest = (0..scene.nodes).filter(|index| honest(*index));
        let honest = honest.map(|index| public(&keys[index])).collect();
        let node = |_| Node { disk: MemoryDisk::new(), alive: None, life: 0, wake: None };
        let mut world = Self {
            now: BEGIN,
            set,
            checker: Checker::new(CHAIN, honest),
            evidence: Vec::new(),
            crashes: 0,
            messages: 0,
            halted: Vec::new(),
            shared,
            nodes: (0..scene.nodes).map(node).collect(),
            keys,
            byzantine: vice,
            queue: BTreeMap::new(),
            events: 0,
            sides: None,
            rng: ChaCha8Rng::seed_from_u64(scene.seed),
            trace: blake3::Hasher::new(),
            scene,
        };
        for index in scene.dead..scene.nodes {
            world.push(index as u64, Event::Start(index));
        }
        if scene.splits {
            world.push(3_000, Event::Split);
        }
        world
    }

    /// Runs until every live node has decided all heights or patience is over; tells which.
    pub(in crate::ledger) fn run(&mut self) -> bool {
        let end = BEGIN + self.scene.patience_ms * self.scene.heights.max(10);
        while let Some(((at, _), event)) = self.queue.pop_first() {
            self.now = at;
            if at > end || self.is_done() {
                break;
            }
            match event {
                Event::Deliver { to, from, bytes } => self.deliver(to, from, &bytes),
                Event::Wake { node, life } => self.wake(node, life),
                Event::Start(node) => self.start(node),
                Event::Split => self.split(),
                Event::Join => self.join(),
            }
        }
        self.is_done()
    }

    /// Runs a while longer, whatever is decided.
    pub(in crate::ledger) fn run_for(&mut self, millis: u64) {
        let (end, heights) = (self.now + millis, self.scene.heights);
        self.scene.heights = u64::MAX;
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= end) {
            let ((at, _), event) = self.queue.pop_first().unwrap();
            self.now = at;
            match event {
                Event::Deliver { to, from, bytes } => self.deliver(to, from, &bytes),
                Event::Wake { node, life } => self.wake(node, life),
                Event::Start(node) => self.start(node),
                Event::Split => self.split(),
                Event::Join => self.join(),
            }
        }
        (self.now, self.scene.heights) = (end, heights);
    }

    /// Returns the height of each node, or nothing of one that is down.
    pub(in crate::ledger) fn heights(&self) -> Vec<Option<u64>> {
        let height =
            |node: &Node<C>| node.alive.as_ref().map(|(_, order, _)| order.head().tip.height);
        self.nodes.iter().map(height).collect()
    }

    /// Returns the hash of everything that happened.
    pub(in crate::ledger) fn trace(&self) -> String {
        self.trace.finalize().to_hex().to_string()
    }

    /// Returns the key of the Byzantine validator.
    pub(in crate::ledger) fn accused(&self) -> ConsensusKey {
        public(&self.keys[self.byzantine.as_ref().unwrap().0])
    }

    /// Returns the block that a node has decided at a height.
    pub(in crate::ledger) fn decided(&self, node: usize, height: u64) -> Option<DecidedBlock> {
        let (overlay, _, chain) = self.nodes[node].alive.as_ref()?;
        chain.decided(overlay, height).unwrap()
    }

    /// Lets an entry wait at a node.
    pub(in crate::ledger) fn offer(&mut self, node: usize, entry: Entry) {
        if let Some((overlay, _, chain)) = &mut self.nodes[node].alive {
            chain.offer(overlay, entry, self.now);
        }
        self.step(node, Input::Waiting);
    }

    /// Returns the store and the chain of a node that runs.
    pub(in crate::ledger) fn place(&self, node: usize) -> Option<(&Overlay, &C)> {
        self.nodes[node].alive.as_ref().map(|(overlay, _, chain)| (overlay, chain))
    }

    /// Starts a node now.
    pub(in crate::ledger) fn start(&mut self, node: usize) {
        let disk = &self.nodes[node].disk;
        let mut overlay = Overlay::new(Box::new(disk.open().unwrap()));
        let chain = C::open(&self.scene, &self.shared, &self.set, node, &mut overlay);
        overlay.commit().unwrap();
        let mut keys = Keys::new(self.keys[node].clone(), beacon_key(node));
        keys.sabotage = self.scene.sabotage;
        let order = Order::open(keys, &chain, &overlay).unwrap();
        let log = read_log(&overlay, order.head().tip.height + 1).unwrap();
        self.checker.log(&log);
        self.nodes[node].alive = Some((overlay, order, chain));
        self.nodes[node].wake = None;
        let effects = self.step(node, Input::Started);
        for effect in &effects {
            if let Effect::Publish(message) = effect {
                self.checker.resumed(message, &log);
            }
        }
    }

    fn is_done(&self) -> bool {
        let done = |(index, node): (usize, &Node<C>)| match &node.alive {
            Some((_, order, _)) => order.head().tip.height >= self.scene.heights,
            None => index < self.scene.dead,
        };
        let bad = self.byzantine.as_ref().map(|(index, _)| *index);
        self.nodes.iter().enumerate().filter(|(index, _)| Some(*index) != bad).all(done)
    }

    fn push(&mut self, after: u64, event: Event) {
        self.events += 1;
        self.queue.insert((self.now + after, self.events), event);
    }

    fn chance(&mut self, of: u32, percent: u32) -> bool {
        self.rng.next_u32() % of < percent
    }

    fn deliver(&mut self, to: usize, from: usize, bytes: &[u8]) {
        let cut = self.sides.as_ref().is_some_and(|sides| sides[to] != sides[from]);
        if cut || self.nodes[to].alive.is_none() {
            return;
        }
        self.note(b"deliver", &[to, from], bytes);
        let message = decode::<Message>(bytes).unwrap();
        if let Some((bad, byzantine)) = &mut self.byzantine
            && *bad == to
        {
            byzantine.hears(&message, &mut self.rng);
        }
        self.step(to, Input::Message { from: node_id(from), message: Box::new(message) });
    }

    fn wake(&mut self, node: usize, life: u64) {
        let current = &self.nodes[node];
        if current.life == life && current.wake == Some(self.now) {
            self.nodes[node].wake = None;
            self.step(node, Input::Tick);
        }
    }

    fn split(&mut self) {
        let sides = self.nodes.iter().map(|_| self.rng.next_u32().is_multiple_of(2)).collect();
        self.sides = Some(sides);
        let length = 500 + u64::from(self.rng.next_u32() % 8_000);
        self.push(length, Event::Join);
    }

    fn join(&mut self) {
        self.sides = None;
        let calm = 2_000 + u64::from(self.rng.next_u32() % 15_000);
        self.push(calm, Event::Split);
    }

    fn note(&mut self, what: &[u8], nodes: &[usize], bytes: &[u8]) {
        self.trace.update(what).update(&self.now.to_be_bytes());
        nodes.iter().for_each(|node| {
            self.trace.update(&(*node as u64).to_be_bytes());
        });
        self.trace.update(&(bytes.len() as u64).to_be_bytes()).update(bytes);
    }

    /// Steps, commits and publishes, with a crash in between if the dice say so; returns what was
    /// to leave.
    pub(in crate::ledger) fn step(&mut self, node: usize, input: Input) -> Vec<Effect> {
        let now = self.now;
        let Some((overlay, order, chain)) = &mut self.nodes[node].alive else { return vec![] };
        let height = order.head().tip.height + 1;
        let mut tx = Tx::new(overlay);
        let effects = match order.step(input, now, chain, &mut tx) {
            Ok(effects) => effects,
            // Only a planted fault makes a node contradict its own log.
            Err(halt) => {
                let Scene { sabotage, hasty, halts, .. } = self.scene;
                assert!(sabotage != Sabotage::None || hasty || halts, "{halt}");
                self.halted.push((node, halt.to_string()));
                self.crash(node, None);
                return vec![];
            }
        };
        let decides = effects.iter().any(|effect| matches!(effect, Effect::Decided(_)));
        if decides {
            let log = read_log(overlay, height).unwrap();
            self.checker.log(&log);
        }
        let batch = tx.into_batch();
        let tag = LOG.tag();
        let logged: Vec<(u64, u32)> = batch
            .iter()
            .filter(|(key, change)| key.first() == Some(&tag) && change.is_some())
            .map(|(key, _)| read_key(&key[1..]).unwrap())
            .collect();
        overlay.push(batch);
        let entries: Vec<_> =
            logged.iter().map(|key| LOG.get(overlay, key).unwrap().unwrap()).collect();
        let crashes = self.scene.crashes > 0 && self.chance(1_000, self.scene.crashes);
        let point = self.rng.next_u32() % 4;
        if self.scene.hasty {
            self.publish(node, &effects);
        }
        let disk = self.nodes[node].disk.clone();
        let (overlay, ..) = self.nodes[node].alive.as_mut().unwrap();
        if crashes && point < 2 {
            if point == 1 {
                disk.inject(Fault::Once(1));
                overlay.commit().ok();
            }
            self.crash_and_return(node);
            return vec![];
        }
        overlay.commit().unwrap();
        entries.iter().for_each(|entry| self.checker.logged(entry));
        if crashes {
            let some =
                if point == 2 { 0 } else { self.rng.next_u32() as usize % (effects.len() + 1) };
            self.publish(node, &effects[..some]);
            self.crash_and_return(node);
            return effects[..some].to_vec();
        }
        if !self.scene.hasty {
            self.publish(node, &effects);
        }
        effects
    }

    fn crash_and_return(&mut self, node: usize) {
        let pause = 1 + u64::from(self.rng.next_u32() % 3_000);
        self.crash(node, Some(pause));
    }

    fn crash(&mut self, node: usize, back: Option<u64>) {
        self.crashes += 1;
        self.note(b"crash", &[node], &[]);
        let seed = self.rng.next_u64();
        self.nodes[node].alive = None;
        self.nodes[node].disk.crash(seed);
        self.nodes[node].life += 1;
        if let Some(pause) = back {
            self.push(pause, Event::Start(node));
        }
    }

    fn publish(&mut self, node: usize, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Publish(message) => {
                    for to in (0..self.nodes.len()).filter(|to| *to != node) {
                        self.send(node, to, message);
                    }
                }
                Effect::Send { to, message } => self.send(node, usize::from(to.0[0]), message),
                Effect::Wake(at) => {
                    let life = self.nodes[node].life;
                    self.nodes[node].wake = Some(*at.max(&self.now));
                    self.push(at.saturating_sub(self.now), Event::Wake { node, life });
                }
                Effect::Decided(decided) => {
                    let bad = self.byzantine.as_ref().is_some_and(|(bad, _)| *bad == node);
                    let bytes = encode(decided.as_ref()).unwrap();
                    self.note(b"decided", &[node], &bytes);
                    // All clocks are the same, and two seconds may be decided ahead.
                    if decided.block.header.time_ms > self.now + 2_000 {
                        self.checker.broken.insert(Broken::Time);
                    }
                    if !bad {
                        let leaves = self.scene.leaves_at;
                        let left = leaves.is_some_and(|at| decided.block.header.height > at);
                        let mut validators = self.set.validators().to_vec();
                        validators.truncate(validators.len() - usize::from(left));
                        let set = ValidatorSet::new(validators).unwrap();
                        self.checker.decided(decided, &set);
                    }
                }
                Effect::Evidence(evidence) => {
                    evidence.check(CHAIN).unwrap();
                    self.evidence.push(**evidence);
                }
                Effect::Blame(peer) => {
                    let bad = self.byzantine.as_ref().map(|(bad, _)| *bad);
                    let peer = usize::from(peer.0[0]);
                    if bad != Some(node) && bad != Some(peer) {
                        self.checker.broken.insert(Broken::Blamed);
                    }
                }
            }
        }
    }

    fn send(&mut self, from: usize, to: usize, message: &Message) {
        let said = match &mut self.byzantine {
            Some((bad, byzantine)) if *bad == from => {
                let alive = self.nodes[from].alive.as_ref();
                let state_after = |header: &Header| {
                    alive.map_or(header.state, |(.., chain)| chain.state_after(header))
                };
                byzantine.says(message, to, &state_after, &mut self.rng)
            }
            _ => {
                self.checker.sent(message);
                vec![message.clone()]
            }
        };
        for message in said {
            self.messages += 1;
            let bytes = Rc::new(encode(&message).unwrap());
            let copies = 1 + u32::from(self.chance(100, self.scene.twice));
            for _ in 0..copies {
                if self.chance(100, self.scene.loss) {
                    continue;
                }
                let delay = 5 + self.rng.next_u64() % self.scene.delay_ms;
                self.push(delay, Event::Deliver { to, from, bytes: Rc::clone(&bytes) });
            }
        }
    }
}
