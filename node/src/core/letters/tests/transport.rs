//! What nodes send each other: every frame arrives in order, or not at all.

use super::world::{At, CARRIES, Peer, World};
use crate::core::{
    Effect, Input, Role,
    net::{GossipId, InboundId, NetCommand, NetEvent, Protocol, Unanswered, Verdict},
};
use magpie_protocol::{
    bounded::List,
    codec::{decode, encode},
    directory,
    group::Topic,
    ledger::exchange::{self, Request},
    mail::{self, Auth},
    stamp::Stamp,
};
use magpie_wallet::kdf;

impl World {
    /// Everybody keeps a connection to the super nodes, as far as both are up.
    pub(super) fn connect(&mut self, at: At) {
        self.put(at, Input::Started);
        let address = format!("/ip4/127.0.0.1/tcp/{}", 1_000 + at);
        self.put(at, Input::Net(NetEvent::Listening { address }));
        let is_super = |peer: &Peer| matches!(peer.role, Role::Super { .. });
        for other in 0..self.peers.len() {
            if is_super(&self.peers[other]) || is_super(&self.peers[at]) {
                self.link(at, other);
            }
        }
    }

    fn link(&mut self, a: At, b: At) {
        let key = (a.min(b), a.max(b));
        if self.parted.contains(&key) {
            return;
        }
        if a != b && self.peers[a].up && self.peers[b].up && self.links.insert(key) {
            let (peer_a, peer_b) = (self.node(a), self.node(b));
            self.put(a, Input::Net(NetEvent::Connected { peer: peer_b }));
            self.put(b, Input::Net(NetEvent::Connected { peer: peer_a }));
        }
    }

    pub(super) fn publish(&mut self, at: At, effect: Effect) {
        match effect {
            Effect::Answer { call, answer } => {
                self.peers[at].answers.insert(call, answer.map(|data| data.value()));
            }
            Effect::Derive { job, password, salt, params } => {
                let key = kdf::derive(&password, salt, params);
                let derived = Input::KeyDerived { job, key };
                match &mut self.held {
                    Some((of, 0)) if *of == at => self.held_keys.push((at, derived)),
                    Some((of, left)) if *of == at => {
                        *left -= 1;
                        self.put(at, derived);
                    }
                    _ => self.put(at, derived),
                }
            }
            Effect::Net(command) => self.transport(at, command),
            Effect::Push { frames, .. } => self.peers[at].pushed += frames.len(),
            Effect::CloseListeners { .. } => {}
        }
    }

    fn transport(&mut self, at: At, command: NetCommand) {
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                let mails = matches!(protocol, Protocol::Direct | Protocol::Mail);
                let fetches = matches!(decode(&bytes), Ok(mail::Request::Fetch(_)));
                self.fetches += usize::from(protocol == Protocol::Mail && fetches);
                let publishes = matches!(decode(&bytes), Ok(directory::Request::Put(_)));
                self.publications += usize::from(protocol == Protocol::Record && publishes);
                self.carried += usize::from(mails && bytes.len() >= CARRIES);
                let reached = self.find(to).filter(|to| self.peers[*to].up);
                if self.mute.is_some() && self.mute == reached {
                    self.unheard.push((at, id));
                    return;
                }
                if let Some((_, effort)) = self.greedy.filter(|(to, _)| Some(*to) == reached)
                    && let Some(bytes) = self.wants_more(protocol, &bytes, effort)
                {
                    return self.put(at, Input::Net(NetEvent::Answered { id, bytes }));
                }
                if reached.is_some_and(|to| self.swallows.contains(&to))
                    && let Ok(Request::Submit(entry)) = decode(&bytes)
                    && let (Protocol::Ledger, Ok(entry)) = (protocol, entry.id())
                {
                    let bytes = encode(&exchange::Answer::Waits(entry)).unwrap();
                    return self.put(at, Input::Net(NetEvent::Answered { id, bytes }));
                }
                match reached.filter(|to| !self.parted.contains(&(at.min(*to), at.max(*to)))) {
                    Some(to) => {
                        self.link(at, to);
                        self.last += 1;
                        let inbound = InboundId(self.last);
                        self.peers[to].inbound.insert(inbound, (at, id));
                        let is_super = matches!(self.peers[at].role, Role::Super { .. });
                        if protocol == Protocol::Ledger && !is_super && self.lies.contains_key(&to)
                        {
                            self.lied.insert(inbound);
                        }
                        let from = self.node(at);
                        let event = NetEvent::Inbound { id: inbound, from, protocol, bytes };
                        self.put(to, Input::Net(event));
                    }
                    None => {
                        let reason = Unanswered::Unreachable;
                        self.put(at, Input::Net(NetEvent::Failed { id, reason }));
                    }
                }
            }
            NetCommand::Respond { id, bytes } => {
                let lie = self.lies.get_mut(&at).filter(|_| self.lied.remove(&id));
                let told = lie.map_or_else(|| bytes.clone(), |lie| lie(bytes.clone()));
                self.answers_changed += usize::from(told != bytes);
                let bytes = told;
                if let Some((from, id)) = self.peers[at].inbound.remove(&id) {
                    self.put(from, Input::Net(NetEvent::Answered { id, bytes }));
                }
            }
            NetCommand::Refuse { id } => {
                if let Some((from, id)) = self.peers[at].inbound.remove(&id) {
                    let reason = Unanswered::Refused;
                    self.put(from, Input::Net(NetEvent::Failed { id, reason }));
                }
            }
            NetCommand::Keep { peer, .. } => {
                if let Some(other) = self.find(peer) {
                    self.link(at, other);
                }
            }
            NetCommand::Misbehaved { peer, fault } => {
                let liar = self.find(peer).filter(|peer| self.lies.contains_key(peer));
                let liar = liar.unwrap_or_else(|| {
                    panic!("an honest peer {peer} is scored for {fault:?} by {at}")
                });
                self.faults.push((at, liar, fault));
            }
            NetCommand::Subscribe { topic } => {
                self.peers[at].topics.insert(topic);
            }
            NetCommand::Unsubscribe { topic } => {
                self.peers[at].topics.remove(&topic);
            }
            NetCommand::Publish { topic, bytes } => self.gossip(at, topic, &bytes),
            NetCommand::Judge { id, verdict } => {
                let frame = self.peers[at].judged.remove(&id);
                if let (Some((topic, bytes)), Verdict::Accept) = (frame, verdict) {
                    self.gossip(at, topic, &bytes);
                }
            }
            NetCommand::Forget { .. } | NetCommand::AddAddresses { .. } => {}
        }
    }

    /// Gives a frame to those connected who listen to its topic and have not seen it.
    /// Returns the answer of a super node that takes nothing without a stamp of this effort, and no stamp.
    fn wants_more(&mut self, protocol: Protocol, bytes: &[u8], effort: u8) -> Option<Vec<u8>> {
        let stamps: Vec<Option<Stamp>>;
        let answer = match (protocol, decode(bytes), decode(bytes)) {
            (Protocol::Mail, Ok(mail::Request::Put(puts)), _) => {
                let stamp = |put: &mail::Put| match &put.auth {
                    Auth::Stamp(stamp) => Some(*stamp),
                    Auth::Token(_) => None,
                };
                stamps = puts.iter().map(stamp).collect();
                let refused = mail::PutAnswer::Refused(mail::Refusal::StampWanted { effort });
                encode(&mail::Answer::Put(List::new(vec![refused; stamps.len()]).unwrap()))
            }
            (Protocol::Record, _, Ok(directory::Request::Put(puts))) => {
                stamps = puts.iter().map(|put| put.stamp).collect();
                let refusal = directory::Refusal::StampWanted { effort };
                let refused = directory::PutAnswer::Refused(refusal);
                encode(&directory::Answer::Put(List::new(vec![refused; stamps.len()]).unwrap()))
            }
            _ => return None,
        };
        self.given.extend(stamps.into_iter().flatten().map(|stamp| (stamp.effort, stamp.nonce)));
        Some(answer.unwrap())
    }

    fn gossip(&mut self, at: At, topic: Topic, bytes: &[u8]) {
        if self.deaf {
            return;
        }
        self.peers[at].heard.insert((topic, bytes.to_vec()));
        for to in 0..self.peers.len() {
            let is_linked = self.links.contains(&(at.min(to), at.max(to)));
            let peer = &mut self.peers[to];
            if !is_linked || !peer.topics.contains(&topic) {
                continue;
            }
            if peer.heard.insert((topic, bytes.to_vec())) {
                self.last += 1;
                let id = GossipId(self.last);
                peer.judged.insert(id, (topic, bytes.to_vec()));
                let from = self.node(at);
                let event = NetEvent::Gossip { id, from, topic, bytes: bytes.to_vec() };
                self.put(to, Input::Net(event));
            }
        }
    }

    /// Lets a node answer nobody any more; who was it before answers again, and what it was asked is
    /// given up.
    pub(in crate::core) fn hush(&mut self, at: Option<At>) {
        self.mute = at;
        for (asker, id) in std::mem::take(&mut self.unheard) {
            self.put(asker, Input::Net(NetEvent::Failed { id, reason: Unanswered::TimedOut }));
        }
    }

    /// Ends the connection of two nodes and makes none again until they [meet](Self::meet).
    pub(in crate::core) fn part(&mut self, a: At, b: At) {
        let key = (a.min(b), a.max(b));
        self.parted.insert(key);
        if self.links.remove(&key) {
            let (peer_a, peer_b) = (self.node(a), self.node(b));
            self.put(a, Input::Net(NetEvent::Disconnected { peer: peer_b }));
            self.put(b, Input::Net(NetEvent::Disconnected { peer: peer_a }));
        }
    }

    /// Connects two nodes and lets happen what follows.
    pub(in crate::core) fn meet(&mut self, a: At, b: At) {
        self.parted.remove(&(a.min(b), a.max(b)));
        self.link(a, b);
        self.pass(1_000);
    }
}
