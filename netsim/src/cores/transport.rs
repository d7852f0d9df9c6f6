//! What nodes send each other: requests are answered once or fail once, gossip comes or does not.

use super::{
    adversary::FOREIGN,
    happening::{Gossiped, Happening, Told},
    place::Asked,
    sabotage::Sabotage,
    world::World,
};
use magpie_node::core::{
    Input,
    net::{
        Fault, GossipId, InboundId, NetCommand, NetEvent, Protocol, RequestId, Unanswered, Verdict,
    },
};
use magpie_protocol::{address::NodeId, group::Topic};
use std::sync::Arc;

/// Gossip that may wait for a verdict at one node.
const JUDGING: usize = 1_024;
/// The first wait between two dials, milliseconds; it doubles.
const REDIAL_MS: u64 = 1_000;
/// The longest.
const REDIAL_MOST_MS: u64 = 120_000;

impl World {
    /// Lets one thing of the queue happen.
    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Input { at, life, input } => {
                if self.lives(at, life) {
                    self.put(at, *input);
                }
            }
            Happening::Work { at, life } => {
                if self.lives(at, life) {
                    self.work(at);
                }
            }
            Happening::Arrives { from, life, to, id, protocol, bytes } => {
                self.arrives((from, life), to, id, protocol, bytes);
            }
            Happening::Returns { to, life, from, id, answer } => {
                if self.links.reach(from, to) {
                    self.returns(to, life, id, answer);
                }
            }
            Happening::Deadline { at, life, id } => {
                self.returns(at, life, id, Err(Unanswered::TimedOut));
            }
            Happening::Dialled { from, to } => self.dialled(from, to),
            Happening::Redial { at, life, peer } => self.redial(at, life, peer),
            Happening::Lost { at, life, peer } => self.lost(at, life, peer),
            Happening::Severs { a, b } => {
                let stays = self.links.reach(a, b) && !self.snubs(a, b);
                if !stays && self.links.disconnect(a, b) {
                    for (at, other) in [(a, b), (b, a)] {
                        let peer = self.places[other].node();
                        self.lost(at, self.places[at].life, peer);
                    }
                }
            }
            Happening::Gossip { from, to, frame } => self.hears(from, to, frame),
            Happening::Start { at } => self.start(at),
            Happening::Struck { at, life, down_ms } => {
                // In peace nobody falls of what was planned before.
                if self.lives(at, life) && self.places[at].doom.is_some() {
                    self.fall(at, down_ms);
                }
            }
            Happening::Adversary { number } => self.adversary_acts(number),
            Happening::Replay { number } => self.adversary_sends(number),
            Happening::Plan { number } => self.told.push_back(Told::Plan { number }),
        }
    }

    /// Carries out a command of a node, or what an adversary that has it makes of it.
    pub(super) fn send(&mut self, at: usize, command: NetCommand) {
        for (wait_ms, command) in self.adversary_touches(at, command) {
            if wait_ms == 0 {
                self.transmit(at, command);
            } else {
                let number = self.adversaries.keep(at, command);
                self.plan(wait_ms, Happening::Replay { number });
            }
        }
    }

    /// Carries out a command as it stands.
    pub(super) fn transmit(&mut self, at: usize, command: NetCommand) {
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                self.request(at, id, to, protocol, bytes);
            }
            NetCommand::Respond { id, bytes } => self.respond(at, id, Ok(bytes)),
            NetCommand::Refuse { id } => self.respond(at, id, Err(Unanswered::Refused)),
            NetCommand::Keep { peer, addresses } => {
                let life = self.places[at].life;
                let Some(running) = &mut self.places[at].running else { return };
                if !addresses.is_empty() {
                    running.known.insert(peer);
                }
                if running.kept.insert(peer, 0).is_none() {
                    self.plan(0, Happening::Redial { at, life, peer });
                }
            }
            NetCommand::Forget { peer } => {
                if let Some(running) = &mut self.places[at].running {
                    running.kept.remove(&peer);
                }
            }
            NetCommand::AddAddresses { peer, addresses } => {
                if let Some(running) = &mut self.places[at].running
                    && !addresses.is_empty()
                {
                    running.known.insert(peer);
                }
            }
            NetCommand::Misbehaved { peer, fault } => {
                let blamed = self.find(peer, at);
                if let Some(blamed) = blamed.filter(|blamed| !self.adversaries.has(*blamed)) {
                    let name = self.scenario.name_of(blamed);
                    let what = format!("blames {name}, which is honest, for {fault:?}");
                    self.find_out(at, "no-false-blame", what);
                }
            }
            NetCommand::Subscribe { topic } => {
                if let Some(running) = &mut self.places[at].running {
                    running.topics.insert(topic);
                }
            }
            NetCommand::Unsubscribe { topic } => {
                if let Some(running) = &mut self.places[at].running {
                    running.topics.remove(&topic);
                }
            }
            NetCommand::Publish { topic, bytes } => {
                self.gossip(at, &Arc::new(Gossiped::new(topic, bytes)));
            }
            NetCommand::Judge { id, verdict } => {
                let Some(running) = &mut self.places[at].running else { return };
                let judged = running.judging.remove(&id);
                if let (Some(frame), Verdict::Accept) = (judged, verdict) {
                    self.gossip(at, &frame);
                }
            }
        }
    }

    fn request(
        &mut self,
        at: usize,
        id: RequestId,
        to: NodeId,
        protocol: Protocol,
        bytes: Vec<u8>,
    ) {
        let limits = protocol.limits();
        let timeout = u64::try_from(limits.timeout.as_millis()).unwrap_or(u64::MAX);
        let (life, deadline) = (self.places[at].life, self.now + timeout);
        let target = self.find(to, at);
        let Some(running) = &mut self.places[at].running else { return };
        if running.asked.insert(id, Asked { to, deadline }).is_some() {
            let what = format!("request {} is made twice", id.0);
            self.find_out(at, "answers-once", what);
        }
        let knows = self.places[at].running.as_ref().is_some_and(|it| it.known.contains(&to));
        self.plan(timeout, Happening::Deadline { at, life, id });
        self.traffic.count(at, self.elapsed(), Some(protocol), bytes.len());
        if bytes.len() > limits.request {
            return self.returns(at, life, id, Err(Unanswered::TooLarge));
        }
        let fails = |reason| Happening::Returns { to: at, life, from: at, id, answer: Err(reason) };
        let is_up = target.is_some_and(|target| self.links.is_up(at, target));
        let Some(target) = target.filter(|_| is_up || knows) else {
            return self.plan(1, fails(Unanswered::NoAddress));
        };
        if self.snubs(at, target) {
            return self.plan(1, fails(Unanswered::Unreachable));
        }
        if !self.links.reach(at, target) {
            return;
        }
        let delay = self.links.delay(at, target);
        if !is_up {
            if !self.is_up(target) {
                return self.plan(delay * 2, fails(Unanswered::Unreachable));
            }
            let to = (target, self.places[target].life);
            self.plan(delay * 2, Happening::Dialled { from: (at, life), to });
        }
        if self.links.loses() || self.adversaries.withholds(at) {
            return;
        }
        let wait = if is_up { delay } else { delay * 3 };
        self.plan(wait, Happening::Arrives { from: at, life, to: target, id, protocol, bytes });
    }

    fn arrives(
        &mut self,
        (from, life): (usize, u64),
        to: usize,
        id: RequestId,
        protocol: Protocol,
        bytes: Vec<u8>,
    ) {
        if !self.links.reach(from, to) {
            return;
        }
        self.last += 1;
        let inbound = InboundId(self.last);
        let node = self.places[from].node();
        let Some(running) = &mut self.places[to].running else {
            let (wait, answer) = (self.links.delay(from, to), Err(Unanswered::Disconnected));
            return self.plan(wait, Happening::Returns { to: from, life, from: to, id, answer });
        };
        running.inbound.insert(inbound, (from, life, id, protocol));
        if self.sabotage == Some(Sabotage::Blame) && self.elapsed().is_multiple_of(50) {
            let fault = Fault::Flooding;
            self.transmit(to, NetCommand::Misbehaved { peer: node, fault });
        }
        if self.is_deaf(to) && protocol == Protocol::Group {
            return;
        }
        let event = NetEvent::Inbound { id: inbound, from: node, protocol, bytes };
        self.put(to, Input::Net(event));
    }

    fn respond(&mut self, at: usize, id: InboundId, answer: Result<Vec<u8>, Unanswered>) {
        let Some(running) = &mut self.places[at].running else { return };
        let Some((to, life, id, protocol)) = running.inbound.remove(&id) else { return };
        let bytes = answer.as_ref().map_or(0, Vec::len);
        self.traffic.count(at, self.elapsed(), Some(protocol), bytes);
        if !self.links.loses() && self.links.reach(at, to) {
            let wait = self.links.delay(at, to);
            self.plan(wait, Happening::Returns { to, life, from: at, id, answer });
        }
    }

    fn returns(
        &mut self,
        to: usize,
        life: u64,
        id: RequestId,
        answer: Result<Vec<u8>, Unanswered>,
    ) {
        if !self.lives(to, life) {
            return;
        }
        let Some(running) = &mut self.places[to].running else { return };
        if running.asked.remove(&id).is_none() || id.0 >= FOREIGN {
            return;
        }
        let answer = if self.is_deaf(to) { answer.and(Err(Unanswered::TimedOut)) } else { answer };
        let event = match answer {
            Ok(bytes) => NetEvent::Answered { id, bytes },
            Err(reason) => NetEvent::Failed { id, reason },
        };
        self.put(to, Input::Net(event));
    }

    fn dialled(&mut self, (a, life_a): (usize, u64), (b, life_b): (usize, u64)) {
        let stands = self.lives(a, life_a) && self.lives(b, life_b) && self.links.reach(a, b);
        if !stands {
            let peer = self.places[b].node();
            if self.lives(a, life_a) {
                self.dial_failed(a, peer);
            }
            return;
        }
        if self.links.connect(a, b) {
            for (at, other) in [(a, b), (b, a)] {
                let peer = self.places[other].node();
                if let Some(running) = &mut self.places[at].running
                    && let Some(failures) = running.kept.get_mut(&peer)
                {
                    *failures = 0;
                }
                self.put(at, Input::Net(NetEvent::Connected { peer }));
            }
        }
    }

    fn dial_failed(&mut self, at: usize, peer: NodeId) {
        let jitter = self.dice.between(0, REDIAL_MS / 4);
        let life = self.places[at].life;
        let Some(running) = &mut self.places[at].running else { return };
        let Some(failures) = running.kept.get_mut(&peer) else { return };
        let wait = (REDIAL_MS << (*failures).min(10)).min(REDIAL_MOST_MS);
        *failures += 1;
        self.plan(wait + jitter, Happening::Redial { at, life, peer });
    }

    fn redial(&mut self, at: usize, life: u64, peer: NodeId) {
        let Some(target) = self.find(peer, at).filter(|target| *target != at) else { return };
        let wants = self.lives(at, life)
            && self.places[at].running.as_ref().is_some_and(|running| {
                running.kept.contains_key(&peer) && running.known.contains(&peer)
            });
        if !wants || self.links.is_up(at, target) || self.snubs(at, target) {
            return;
        }
        if self.is_up(target) && self.links.reach(at, target) {
            let wait = self.links.delay(at, target) * 2;
            let to = (target, self.places[target].life);
            self.plan(wait, Happening::Dialled { from: (at, life), to });
        } else {
            self.dial_failed(at, peer);
        }
    }

    /// A node notices that its connection with a peer is gone, and all that it asked there.
    fn lost(&mut self, at: usize, life: u64, peer: NodeId) {
        if !self.lives(at, life) {
            return;
        }
        // It may stand again by now: the news of the old one's end was slow.
        let stands = self.find(peer, at).is_some_and(|other| self.links.is_up(at, other));
        let Some(running) = &mut self.places[at].running else { return };
        let gone: Vec<_> =
            running.asked.iter().filter(|(_, it)| it.to == peer).map(|(id, _)| *id).collect();
        let kept = running.kept.contains_key(&peer);
        for id in gone {
            self.returns(at, life, id, Err(Unanswered::Disconnected));
        }
        if stands {
            return;
        }
        self.put(at, Input::Net(NetEvent::Disconnected { peer }));
        if kept {
            let wait = self.dice.between(REDIAL_MS / 2, REDIAL_MS);
            self.plan(wait, Happening::Redial { at, life, peer });
        }
    }

    /// Gives a frame to those connected who listen to its topic.
    fn gossip(&mut self, at: usize, frame: &Arc<Gossiped>) {
        if let Some(running) = &mut self.places[at].running {
            running.heard.insert(frame.hash);
        }
        for to in self.links.peers(at) {
            if self.snubs(at, to) || !self.listens(to, &frame.topic) {
                continue;
            }
            self.traffic.count(at, self.elapsed(), None, frame.bytes.len());
            if self.links.reach(at, to) && !self.links.loses() {
                let (wait, frame) = (self.links.delay(at, to), Arc::clone(frame));
                self.plan(wait, Happening::Gossip { from: at, to, frame });
            }
        }
    }

    /// Tells whether a host swallows what its node should hear: the planted bug.
    fn is_deaf(&self, at: usize) -> bool {
        self.sabotage == Some(Sabotage::DeafMember) && at + 1 == self.people().end && self.has_begun
    }

    fn listens(&self, at: usize, topic: &Topic) -> bool {
        self.places[at].running.as_ref().is_some_and(|running| running.topics.contains(topic))
    }

    fn hears(&mut self, from: usize, to: usize, frame: Arc<Gossiped>) {
        if !self.links.reach(from, to) || !self.listens(to, &frame.topic) || self.is_deaf(to) {
            return;
        }
        self.last += 1;
        let (id, node) = (GossipId(self.last), self.places[from].node());
        let Some(running) = &mut self.places[to].running else { return };
        if !running.heard.insert(frame.hash) {
            return;
        }
        if running.judging.len() >= JUDGING {
            running.judging.pop_first();
        }
        let (topic, bytes) = (frame.topic, frame.bytes.clone());
        running.judging.insert(id, frame);
        self.put(to, Input::Net(NetEvent::Gossip { id, from: node, topic, bytes }));
    }
}
