//! What becomes of what a super node's core tells its transport.

use super::world::{At, World};
use crate::core::{
    Input,
    net::{GossipId, InboundId, NetCommand, NetEvent, Protocol, Unanswered, Verdict},
};
use magpie_protocol::{
    codec::decode,
    ledger::exchange::{Answer, topic},
};

/// After how long a request that nobody answers fails, milliseconds: longer than the transport
/// waits, so that more are under way.
const TIMEOUT_MS: u64 = 120_000;
/// After how long a request to who is not up fails, milliseconds.
const UNREACHABLE_MS: u64 = 5;

impl World {
    pub(super) fn transport(&mut self, at: At, command: NetCommand) {
        let from = self.node(at);
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                assert_eq!(protocol, Protocol::Ledger);
                self.handed += usize::from(bytes[1] == 1);
                let to = self.find(to);
                self.places[at].asked.insert(id, to);
                let asked = self.places[at].asked.values().filter(|peer| **peer == to).count();
                self.most_asked = self.most_asked.max(asked);
                let failed = |reason| Input::Net(NetEvent::Failed { id, reason });
                if self.places[to].up {
                    self.last += 1;
                    let inbound = InboundId(self.last);
                    self.places[to].inbound.insert(inbound, (at, id));
                    self.send(to, NetEvent::Inbound { id: inbound, from, protocol, bytes });
                    self.put(at, failed(Unanswered::TimedOut), TIMEOUT_MS);
                } else {
                    self.put(at, failed(Unanswered::Unreachable), UNREACHABLE_MS);
                }
            }
            NetCommand::Respond { id, bytes } => {
                if let Some((from, id)) = self.places[at].inbound.remove(&id) {
                    let refused = matches!(decode(&bytes).unwrap(), Answer::Refused(_));
                    self.refused += usize::from(refused);
                    self.send(from, NetEvent::Answered { id, bytes });
                }
            }
            NetCommand::Refuse { id } => {
                if let Some((from, id)) = self.places[at].inbound.remove(&id) {
                    self.send(from, NetEvent::Failed { id, reason: Unanswered::Refused });
                }
            }
            NetCommand::Misbehaved { peer, fault } => self.faults.push((at, peer, fault)),
            NetCommand::Subscribe { topic } => drop(self.places[at].topics.insert(topic)),
            NetCommand::Publish { topic: of, bytes } => {
                assert_eq!(of, topic(self.network.id()));
                self.said += 1;
                self.gossip(at, &bytes);
            }
            NetCommand::Judge { id, verdict } => {
                let frame = self.places[at].judged.remove(&id);
                if let (Some(bytes), Verdict::Accept) = (frame, verdict) {
                    self.gossip(at, &bytes);
                }
            }
            NetCommand::Keep { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn gossip(&mut self, at: At, bytes: &[u8]) {
        let (from, topic) = (self.node(at), topic(self.network.id()));
        self.places[at].heard.insert(bytes.to_vec());
        for to in (0..self.places.len()).filter(|to| *to != at) {
            let place = &mut self.places[to];
            if place.up && place.topics.contains(&topic) && place.heard.insert(bytes.to_vec()) {
                self.last += 1;
                let id = GossipId(self.last);
                place.judged.insert(id, bytes.to_vec());
                self.send(to, NetEvent::Gossip { id, from, topic, bytes: bytes.to_vec() });
            }
        }
    }
}
