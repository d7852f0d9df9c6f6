//! All nodes, what is on its way between them, and the time, which only moves when something happens.

use super::{
    adversary::Adversaries,
    checks::Chain,
    happening::{Happening, Told},
    links::Links,
    network::{BEGIN_MS, Founded},
    place::{Fall, INBOX, Moment, Place},
    sabotage::Sabotage,
    trace::Trace,
    traffic::Traffic,
};
use crate::{
    cores::{
        finding::{Finding, Findings},
        happening::Answer,
    },
    dice::Dice,
    scenario::{Adversary, AdversaryKind, Scenario},
};
use magpie_node::core::{Call, CallId, Effect, Input, Role, Scopes, net::NetEvent};
use magpie_protocol::{address::NodeId, network::GenesisError};
use magpie_wallet::{device::DeviceSecrets, kdf};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How long a node takes to get to its inbox and to flush, milliseconds at most.
const WORK_MS: u64 = 3;
/// How long Argon2id takes, milliseconds.
const DERIVE_MS: u64 = 30;
/// One answer of so many is lost, where that is the planted bug.
const LOST: u64 = 4;
/// How soon a doomed node falls although it had nothing to do, milliseconds.
const DOOM_MS: u64 = 400;

/// All nodes, and what is on its way between them.
#[derive(Debug)]
pub struct World {
    /// The time, milliseconds since the Unix epoch.
    pub now: u64,
    /// What is simulated.
    pub scenario: Scenario,
    /// Where chance comes from.
    pub seed: u64,
    /// The network with all its secrets.
    pub founded: Founded,
    /// The nodes: super nodes first, then people, then twins of super nodes.
    pub places: Vec<Place>,
    /// What is between them.
    pub links: Links,
    /// What happened so far.
    pub trace: Trace,
    /// What went over the links.
    pub traffic: Traffic,
    /// What checkers found so far.
    pub findings: Findings,
    /// What people are to hear.
    pub told: VecDeque<Told>,
    /// Who does not keep to the rules.
    pub(super) adversaries: Adversaries,
    /// The bug that is planted.
    pub sabotage: Option<Sabotage>,
    pub(super) dice: Dice,
    pub(super) bootstrap: Vec<(NodeId, String)>,
    pub(super) by_node: BTreeMap<NodeId, Vec<usize>>,
    queue: BTreeMap<(u64, u64), Happening>,
    wakes: BTreeSet<(u64, usize)>,
    wake_of: Vec<Option<u64>>,
    pub(super) last: u64,
    /// The blocks that were decided.
    pub chain: Chain,
    /// Whether the setup is over.
    pub has_begun: bool,
}

impl World {
    /// Makes the nodes of a scenario, none of which runs yet.
    pub fn new(
        mut scenario: Scenario,
        seed: u64,
        sabotage: Option<Sabotage>,
    ) -> Result<Self, GenesisError> {
        if sabotage == Some(Sabotage::TwoTraitors) {
            // Half of the super nodes lie: from their votes and one more, two majorities can be made.
            let supers = scenario.nodes.supers;
            let traitor = |number| Adversary {
                kind: AdversaryKind::Equivocator,
                node: Some(format!("super-{number}")),
                share: 1.0,
            };
            scenario.adversaries.extend((supers - supers / 2..supers).map(traitor));
        }
        let founded = Founded::new(scenario.nodes.supers, seed)?;
        let links = Links::new(scenario.links.clone(), seed);
        let adversaries = Adversaries::new(&scenario, seed);
        let mut world = Self {
            now: BEGIN_MS,
            seed,
            places: vec![],
            links,
            trace: Trace::default(),
            traffic: Traffic::default(),
            findings: Findings::default(),
            told: VecDeque::new(),
            adversaries,
            sabotage,
            dice: Dice::new(seed, "world", 0),
            bootstrap: vec![],
            by_node: BTreeMap::new(),
            queue: BTreeMap::new(),
            wakes: BTreeSet::new(),
            wake_of: vec![],
            last: 0,
            chain: Chain::default(),
            has_begun: false,
            founded,
            scenario,
        };
        let supers = world.founded.supers.clone();
        for (device, secrets) in &supers {
            let secrets = Box::new(secrets.clone());
            world.add(device.clone(), Role::Super { secrets });
        }
        for at in 0..supers.len() {
            world.bootstrap.push((world.places[at].node(), address_of(at)));
        }
        for number in 0..world.scenario.nodes.people {
            let mut dice = Dice::new(seed, "device", u64::from(number));
            world.add(DeviceSecrets::generate(dice.rng()), Role::User);
        }
        for at in world.adversaries.equivocators() {
            let (device, secrets) = supers[at].clone();
            world.add(device, Role::Super { secrets: Box::new(secrets) });
        }
        Ok(world)
    }

    fn add(&mut self, device: DeviceSecrets, role: Role) {
        let at = self.places.len();
        let skew = self.scenario.faults.skew_ms;
        let rng = Dice::new(self.seed, "node", at as u64);
        let rolled = Dice::new(self.seed, "skew", at as u64).between(0, 2 * skew);
        let skew_ms = rolled.cast_signed() - skew.cast_signed();
        let place = Place::new(device, role, rng, skew_ms);
        self.by_node.entry(place.node()).or_default().push(at);
        self.places.push(place);
        self.wake_of.push(None);
    }

    /// Returns how many super nodes there are; they are the first places.
    pub fn supers(&self) -> usize {
        self.founded.supers.len()
    }

    /// Returns the places of people.
    pub fn people(&self) -> std::ops::Range<usize> {
        let first = self.supers();
        first..first + usize::try_from(self.scenario.nodes.people).unwrap_or(0)
    }

    /// Returns the place that a node's frames reach when they come from `from`: a twin serves half
    /// of the world.
    pub(super) fn find(&self, node: NodeId, from: usize) -> Option<usize> {
        match self.by_node.get(&node)?.as_slice() {
            [] => None,
            [one] => Some(*one),
            twins if self.has_begun => twins.get(self.side(from) % twins.len()).copied(),
            [first, ..] => Some(*first),
        }
    }

    /// Tells whether one of two twins does not speak to a node: the other one does.
    pub(super) fn snubs(&self, at: usize, to: usize) -> bool {
        let twins = self.by_node.get(&self.places[at].node()).map_or(1, Vec::len);
        self.has_begun && twins > 1 && self.side(at) % twins != self.side(to) % twins
    }

    /// Returns the side of the world that a node is on for those who have a twin; the first of two
    /// twins serves the one side, the second the other.
    fn side(&self, at: usize) -> usize {
        let twins = self.by_node.get(&self.places[at].node());
        let place = twins.filter(|twins| twins.len() > 1);
        place.and_then(|twins| twins.iter().position(|twin| *twin == at)).unwrap_or(at)
    }

    /// Returns the time since the beginning, milliseconds.
    pub const fn elapsed(&self) -> u64 {
        self.now - BEGIN_MS
    }

    /// Tells whether a node is up.
    pub fn is_up(&self, at: usize) -> bool {
        self.places[at].running.is_some()
    }

    /// Plans something for later.
    pub(super) fn plan(&mut self, wait_ms: u64, happening: Happening) {
        self.last += 1;
        self.queue.insert((self.now + wait_ms, self.last), happening);
    }

    /// Lets a node fall in its next piece of work, at this moment of it, for so long.
    pub fn doom(&mut self, at: usize, moment: Moment, down_ms: u64) {
        let life = self.places[at].life;
        if self.places[at].running.is_some() && self.places[at].doom.is_none() {
            self.places[at].doom = Some(moment);
            self.places[at].down_ms = down_ms;
            self.plan(DOOM_MS, Happening::Struck { at, life, down_ms });
        }
    }

    /// Puts a call to a node and returns its number; nothing if the node is down.
    pub fn call(
        &mut self,
        at: usize,
        (module, method): (&str, &str),
        params: Value,
        key: Option<String>,
    ) -> Option<CallId> {
        self.last += 1;
        let id = CallId(self.last);
        self.places[at].running.as_mut()?.calls.insert(id);
        let (module, method) = (module.to_owned(), method.to_owned());
        let call = Call { id, module, method, params, scopes: Scopes::ALL, key };
        self.put(at, Input::Call(call));
        Some(id)
    }

    /// Puts an input into a node's inbox, which looks into it soon.
    pub(super) fn put(&mut self, at: usize, input: Input) {
        let wait = self.dice.between(0, WORK_MS);
        let life = self.places[at].life;
        let Some(running) = &mut self.places[at].running else { return };
        running.inbox.push_back(input);
        let (length, is_scheduled) = (running.inbox.len(), running.is_scheduled);
        running.is_scheduled = true;
        if length > INBOX {
            self.find_out(at, "bounded-queues", format!("{length} inputs wait in the inbox"));
        }
        if !is_scheduled {
            self.plan(wait, Happening::Work { at, life });
        }
    }

    /// Notes what a checker found.
    pub fn find_out(&mut self, at: usize, checker: &'static str, what: String) {
        let (node, at_ms) = (self.scenario.name_of(at), self.elapsed());
        self.findings.add(Finding { at_ms, checker, node, what });
    }

    /// Lets the next thing happen, unless it is after `end`; returns whether something did.
    pub fn advance(&mut self, end: u64) -> bool {
        let next = self.queue.first_key_value().map(|((at, _), _)| *at);
        let wake = self.wakes.first().copied();
        match (next, wake) {
            (next, Some((wake, at))) if wake <= end && next.is_none_or(|next| wake < next) => {
                self.now = self.now.max(wake);
                self.wakes.remove(&(wake, at));
                self.wake_of[at] = None;
                self.work(at);
            }
            (Some(next), _) if next <= end => {
                let Some((_, happening)) = self.queue.pop_first() else { return false };
                self.now = self.now.max(next);
                self.happen(happening);
            }
            _ => {
                self.now = self.now.max(end);
                return false;
            }
        }
        true
    }

    /// Returns the node's place if it is up in this life.
    pub(super) fn lives(&self, at: usize, life: u64) -> bool {
        self.places[at].life == life && self.places[at].running.is_some()
    }

    /// Lets a node work on what waits for it.
    pub(super) fn work(&mut self, at: usize) {
        if self.sabotage == Some(Sabotage::Hoard) && at == 0 && self.has_begun {
            return;
        }
        let done = self.places[at].work((at, self.now), self.sabotage, &mut self.trace);
        if let Some(Fall::Stopped(broken)) = &done.fall {
            let what = format!("the node stopped by itself: {broken}");
            self.find_out(at, "never-stops", what);
        }
        for effect in done.effects {
            self.carry_out(at, effect);
        }
        if let Some(fall) = done.fall {
            let down_ms = match fall {
                Fall::Crash => self.places[at].down_ms,
                Fall::Disk(_) | Fall::Stopped(_) => self.dice.between(500, self.longest_fault()),
            };
            self.fall(at, down_ms);
            return;
        }
        self.watch(at);
        self.measure(at);
        let again = self.places[at].running.as_mut().is_some_and(|running| {
            let again = !running.inbox.is_empty() && !running.is_scheduled;
            running.is_scheduled |= again;
            again
        });
        if again {
            let life = self.places[at].life;
            self.plan(1, Happening::Work { at, life });
        }
        self.note_wake(at);
    }

    /// Notes when a node wants to be woken.
    fn note_wake(&mut self, at: usize) {
        if let Some(old) = self.wake_of[at].take() {
            self.wakes.remove(&(old, at));
        }
        // One millisecond later at least, so that time goes on whatever a node wishes.
        let wake = self.places[at].wake_at().map(|wake| wake.max(self.now + 1));
        if let Some(wake) = wake {
            self.wakes.insert((wake, at));
        }
        self.wake_of[at] = wake;
    }

    /// Ends the setup: twins start, and each of them goes on with its own half of the world.
    pub fn begin(&mut self) {
        self.has_begun = true;
        for at in 0..self.places.len() {
            for peer in self.links.peers(at) {
                if self.snubs(at, peer) {
                    self.plan(0, Happening::Severs { a: at, b: peer });
                }
            }
        }
        for at in self.people().end..self.places.len() {
            self.start(at);
        }
    }

    /// Ends all faults but those of adversaries.
    pub fn make_peace(&mut self) {
        self.links.make_peace();
        self.adversaries.make_peace();
        for place in &mut self.places {
            place.doom = None;
            place.disk.repair();
            place.disk_fails = false;
        }
    }

    /// Returns for how long a fault lasts at most, milliseconds.
    pub(super) fn longest_fault(&self) -> u64 {
        self.scenario.faults.longest_ms.unwrap_or(5_000)
    }

    fn carry_out(&mut self, at: usize, effect: Effect) {
        match effect {
            Effect::Answer { call, .. } if self.loses(at, call) => {}
            Effect::Answer { call, answer } => {
                let mut answer = answer.map(|data| data.value());
                self.reorder(at, &mut answer);
                let twice = self.sabotage == Some(Sabotage::AnswerTwice);
                for _ in 0..=u8::from(twice) {
                    if let Some(running) = &mut self.places[at].running
                        && !running.calls.remove(&call)
                    {
                        let what = format!("call {} is answered twice", call.0);
                        self.find_out(at, "answers-once", what);
                    }
                }
                self.told.push_back(Told::Answer { at, call, answer });
            }
            Effect::Derive { job, password, salt, params } => {
                let key = kdf::derive(&password, salt, params);
                let life = self.places[at].life;
                let input = Input::KeyDerived { job, key };
                self.plan(DERIVE_MS, Happening::Input { at, life, input: Box::new(input) });
            }
            Effect::Push { frames, .. } => self.told.push_back(Told::Push { at, frames }),
            Effect::CloseListeners { .. } => {}
            Effect::Net(command) => self.send(at, command),
        }
    }

    /// Tells whether a host forgets to hand out an answer, where that is the planted bug.
    fn loses(&self, at: usize, call: CallId) -> bool {
        let is_here = self.sabotage == Some(Sabotage::LoseAnswer) && at == self.people().start;
        is_here && self.has_begun && call.0.is_multiple_of(LOST)
    }

    /// Puts the rows of a conversation into another order, where that is the planted bug.
    fn reorder(&self, at: usize, answer: &mut Answer) {
        let is_here = self.sabotage == Some(Sabotage::Reorder) && at == self.people().start;
        if let (true, Ok(Value::Array(rows))) = (is_here, answer) {
            let is_chat = rows.len() > 3 && rows.iter().all(|row| row["msg_id"].is_string());
            if is_chat {
                let half = rows.len() / 2;
                rows.swap(half - 1, half + 1);
            }
        }
    }

    /// Starts a node from its disk.
    pub fn start(&mut self, at: usize) {
        if self.places[at].running.is_some() {
            return;
        }
        let started = self.places[at].start(&self.founded.network, &self.bootstrap, self.sabotage);
        if let Err(why) = started {
            return self.find_out(at, "starts-again", format!("does not start: {why}"));
        }
        self.put(at, Input::Started);
        let address = address_of(at);
        self.put(at, Input::Net(NetEvent::Listening { address }));
        self.told.push_back(Told::Started { at });
    }

    /// Ends a node as a power cut does; it starts again after so long, milliseconds.
    pub(super) fn fall(&mut self, at: usize, down_ms: u64) {
        if let Some(old) = self.wake_of[at].take() {
            self.wakes.remove(&(old, at));
        }
        let Some(gone) = self.places[at].fall(&mut self.dice) else { return };
        match self.sabotage {
            Some(Sabotage::TearFile) => self.places[at].tear_file(),
            Some(Sabotage::WrongSalt) => self.places[at].change_salt(),
            _ => {}
        }
        self.told.push_back(Told::Fell { at, calls: gone.calls });
        for peer in self.links.peers(at) {
            self.links.disconnect(at, peer);
            let (wait, life) = (self.links.delay(at, peer), self.places[peer].life);
            let (node, reach) = (self.places[at].node(), self.links.reach(at, peer));
            // Behind a partition the end of a connection is not heard at once.
            let wait = if reach { wait } else { wait + 5_000 };
            self.plan(wait, Happening::Lost { at: peer, life, peer: node });
        }
        self.plan(down_ms, Happening::Start { at });
    }
}

/// Returns where a node is reached.
pub(super) fn address_of(at: usize) -> String {
    format!("/ip4/10.0.{}.{}/tcp/4001", at / 250, at % 250 + 1)
}
