//! Those who do not keep to the rules: an honest core with a mouth that lies, or somebody at the
//! links.
//!
//! An equivocator is two cores with one set of keys: when the setup is over, the second starts on an
//! empty disk, and each of them serves half of the world.

use super::{happening::Happening, world::World};
use crate::{
    dice::Dice,
    scenario::{AdversaryKind, Scenario},
};
use magpie_node::core::net::{NetCommand, Protocol, RequestId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a replayer remembers of each kind, at most.
const REMEMBERED: usize = 64;
/// How much later a replay comes, milliseconds at most.
const LATER_MS: u64 = 4_000;
/// How often a flooder acts, milliseconds.
const FLOOD_MS: u64 = 40;
/// Requests that a flooder makes each time.
const FLOOD: u64 = 8;
/// Requests of adversaries have numbers from here on, which no core uses.
pub(super) const FOREIGN: u64 = 1 << 60;

/// One adversary of the scenario.
#[derive(Debug, Clone, Copy)]
struct Active {
    kind: AdversaryKind,
    at: Option<usize>,
    share: f64,
}

/// Answers, by who gave them, to whom, over what.
type Given = BTreeMap<(usize, usize, Protocol), VecDeque<Vec<u8>>>;

/// All adversaries of a run.
#[derive(Debug)]
pub struct Adversaries {
    all: Vec<Active>,
    /// The places that are in their hands.
    places: BTreeSet<usize>,
    dice: Dice,
    /// Commands that come later, and whose they are.
    stash: BTreeMap<u64, (usize, NetCommand)>,
    /// Requests that were made: where to, over what.
    made: VecDeque<(usize, NetCommand)>,
    given: Given,
    last: u64,
}

impl Adversaries {
    /// Returns those of a scenario.
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let active = |it: &crate::scenario::Adversary| Active {
            kind: it.kind,
            at: it.node.as_deref().and_then(|name| scenario.node(name)),
            share: it.share,
        };
        let all: Vec<_> = scenario.adversaries.iter().map(active).collect();
        let mut places: BTreeSet<_> = all.iter().filter_map(|it| it.at).collect();
        let first = usize::try_from(scenario.nodes.supers + scenario.nodes.people).unwrap_or(0);
        let twins = all.iter().filter(|it| it.kind == AdversaryKind::Equivocator).count();
        places.extend(first..first + twins);
        Self {
            all,
            places,
            dice: Dice::new(seed, "adversary", 0),
            stash: BTreeMap::new(),
            made: VecDeque::new(),
            given: BTreeMap::new(),
            last: 0,
        }
    }

    /// Tells whether a place is in somebody's hands.
    pub fn has(&self, at: usize) -> bool {
        self.places.contains(&at)
    }

    /// Returns the super nodes that have a twin.
    pub fn equivocators(&self) -> Vec<usize> {
        let is_one = |it: &&Active| it.kind == AdversaryKind::Equivocator;
        self.all.iter().filter(is_one).filter_map(|it| it.at).collect()
    }

    /// Keeps a command for later, under a number.
    pub fn keep(&mut self, at: usize, command: NetCommand) -> u64 {
        self.last += 1;
        self.stash.insert(self.last, (at, command));
        self.last
    }

    /// Decides whether one who sits at the links takes a frame of this node.
    pub fn withholds(&mut self, at: usize) -> bool {
        let mut taken = false;
        for it in &self.all {
            let is_there = it.at.is_none_or(|of| of == at);
            if it.kind == AdversaryKind::Withholder && is_there {
                taken |= self.dice.happens(it.share);
            }
        }
        taken
    }

    /// Those who take frames at the links let them pass from now on.
    pub fn make_peace(&mut self) {
        self.all.retain(|it| it.kind != AdversaryKind::Withholder || it.at.is_some());
    }

    fn acts(&mut self, at: usize, kinds: &[AdversaryKind]) -> bool {
        let all = self.all.iter().filter(|it| it.at == Some(at) && kinds.contains(&it.kind));
        let share = all.map(|it| it.share).fold(0.0, f64::max);
        share > 0.0 && self.dice.happens(share)
    }

    /// Changes a few bytes.
    fn mangle(&mut self, bytes: &mut [u8]) {
        for _ in 0..self.dice.between(1, 4) {
            let at = usize::try_from(self.dice.below(bytes.len() as u64)).unwrap_or(0);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << self.dice.below(8);
            }
        }
    }

    fn remember(&mut self, at: usize, to: usize, protocol: Protocol, bytes: &[u8]) {
        let given = self.given.entry((at, to, protocol)).or_default();
        given.push_back(bytes.to_vec());
        if given.len() > REMEMBERED {
            given.pop_front();
        }
    }
}

impl World {
    /// Returns what becomes of a command of a node, each after a while.
    pub(super) fn adversary_touches(
        &mut self,
        at: usize,
        command: NetCommand,
    ) -> Vec<(u64, NetCommand)> {
        if self.adversaries.all.is_empty() {
            return vec![(0, command)];
        }
        let is_frame = matches!(command, NetCommand::Respond { .. } | NetCommand::Publish { .. });
        if is_frame && self.adversaries.withholds(at) {
            return vec![];
        }
        if !self.adversaries.has(at) {
            return vec![(0, command)];
        }
        self.touched(at, command)
    }

    fn touched(&mut self, at: usize, mut command: NetCommand) -> Vec<(u64, NetCommand)> {
        use AdversaryKind::{Forger, Liar, Replayer};
        let running = self.places[at].running.as_ref();
        let asker = match &command {
            NetCommand::Respond { id, .. } => running.and_then(|it| it.inbound.get(id)).copied(),
            _ => None,
        };
        let adversaries = &mut self.adversaries;
        let mut touched = Vec::new();
        match &mut command {
            NetCommand::Respond { bytes, .. } => {
                if let Some((to, _, _, protocol)) = asker {
                    let kinds: &[_] =
                        if protocol == Protocol::Ledger { &[Replayer, Liar] } else { &[Replayer] };
                    let replays = adversaries.acts(at, kinds);
                    let before = adversaries.given.get(&(at, to, protocol));
                    let before: Vec<_> = before.into_iter().flatten().cloned().collect();
                    adversaries.remember(at, to, protocol, bytes);
                    if replays && let Some(old) = adversaries.dice.pick(&before) {
                        bytes.clone_from(old);
                    }
                    let lies = protocol == Protocol::Ledger && adversaries.acts(at, &[Liar]);
                    if lies || adversaries.acts(at, &[Forger]) {
                        adversaries.mangle(bytes);
                    }
                }
            }
            NetCommand::Request { to, protocol, bytes, .. } => {
                if adversaries.acts(at, &[Forger]) {
                    adversaries.mangle(bytes);
                }
                adversaries.last += 1;
                let id = RequestId(FOREIGN + adversaries.last);
                let again = || NetCommand::Request {
                    id,
                    to: *to,
                    protocol: *protocol,
                    bytes: bytes.clone(),
                };
                adversaries.made.push_back((at, again()));
                if adversaries.made.len() > REMEMBERED {
                    adversaries.made.pop_front();
                }
                if adversaries.acts(at, &[Replayer]) {
                    touched.push((adversaries.dice.between(1, LATER_MS), again()));
                }
            }
            NetCommand::Publish { topic, bytes } => {
                if adversaries.acts(at, &[Forger]) {
                    adversaries.mangle(bytes);
                }
                if adversaries.acts(at, &[Replayer]) {
                    let again = NetCommand::Publish { topic: *topic, bytes: bytes.clone() };
                    touched.push((adversaries.dice.between(1, LATER_MS), again));
                }
            }
            _ => {}
        }
        touched.push((0, command));
        touched
    }

    /// Wakes the flooders for the first time.
    pub fn rouse(&mut self) {
        for number in 0..self.adversaries.all.len() {
            if self.adversaries.all[number].kind == AdversaryKind::Flooder {
                self.plan(FLOOD_MS, Happening::Adversary { number });
            }
        }
    }

    /// An adversary acts by itself.
    pub(super) fn adversary_acts(&mut self, number: usize) {
        let Some(Active { at: Some(at), share, .. }) = self.adversaries.all.get(number).copied()
        else {
            return;
        };
        self.plan(FLOOD_MS, Happening::Adversary { number });
        if !self.is_up(at) {
            return;
        }
        for _ in 0..FLOOD {
            let adversaries = &mut self.adversaries;
            if !adversaries.dice.happens(share) {
                continue;
            }
            let others: Vec<_> = adversaries.made.iter().filter(|(of, _)| *of == at).collect();
            let Some((_, NetCommand::Request { to, protocol, bytes, .. })) =
                adversaries.dice.pick(&others).copied()
            else {
                return;
            };
            let (to, protocol, mut bytes) = (*to, *protocol, bytes.clone());
            if adversaries.dice.happens(0.5) {
                adversaries.mangle(&mut bytes);
            }
            adversaries.last += 1;
            let id = RequestId(FOREIGN + adversaries.last);
            self.transmit(at, NetCommand::Request { id, to, protocol, bytes });
        }
    }

    /// Sends what adversaries kept for now.
    pub(super) fn adversary_sends(&mut self, number: u64) {
        if let Some((at, command)) = self.adversaries.stash.remove(&number)
            && self.is_up(at)
        {
            self.transmit(at, command);
        }
    }
}
