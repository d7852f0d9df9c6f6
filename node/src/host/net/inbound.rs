//! Peers' requests that the core has not answered yet, and answers that are on their way.
//!
//! A request is taken in if the table, the peer's share of it and the bytes allow; otherwise it is
//! answered "busy" at once. It stays, with what it takes of the budget, until libp2p says that its
//! answer was sent or cannot be.

use super::{
    behaviour::Behaviour,
    budget::Lease,
    codec::{Answer, Refusal},
};
use crate::core::net::{InboundId, Protocol};
use libp2p::request_response::{InboundRequestId, ResponseChannel};
use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

/// Where the answer to one request goes.
pub(super) type Channel = ResponseChannel<Answer>;

#[derive(Debug)]
struct Entry {
    from: NodeId,
    protocol: Protocol,
    wire: InboundRequestId,
    /// Taken when the answer is on its way.
    unanswered: Option<(Channel, Lease)>,
}

/// Peers' requests that are not done.
#[derive(Debug)]
pub(super) struct Inbound {
    most: usize,
    next_id: u64,
    entries: BTreeMap<InboundId, Entry>,
    wire: BTreeMap<(Protocol, InboundRequestId), InboundId>,
    shares: BTreeMap<(NodeId, Protocol), usize>,
}

impl Inbound {
    /// Returns an empty table of at most `most` requests.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            next_id: 0,
            entries: BTreeMap::new(),
            wire: BTreeMap::new(),
            shares: BTreeMap::new(),
        }
    }

    /// Takes a request in and names it, or gives its channel back if there is no room.
    pub(super) fn admit(
        &mut self,
        from: NodeId,
        protocol: Protocol,
        wire: InboundRequestId,
        channel: Channel,
        lease: Lease,
    ) -> Result<InboundId, Channel> {
        let share = self.shares.get(&(from, protocol)).copied().unwrap_or(0);
        if self.entries.len() >= self.most || share >= protocol.limits().streams {
            return Err(channel);
        }
        let id = InboundId(self.next_id);
        self.next_id += 1;
        self.shares.insert((from, protocol), share + 1);
        self.wire.insert((protocol, wire), id);
        let unanswered = Some((channel, lease));
        self.entries.insert(id, Entry { from, protocol, wire, unanswered });
        Ok(id)
    }

    /// Sends the core's answer, or its refusal; an answer over the protocol's limit or without
    /// room becomes a refusal. Returns whether the core's answer went out as it was.
    pub(super) fn answer(
        &mut self,
        swarm: &mut Behaviour,
        id: InboundId,
        answer: Result<Vec<u8>, Refusal>,
    ) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else { return false };
        let Some((channel, mut lease)) = entry.unanswered.take() else { return false };
        let (protocol, wire) = (entry.protocol, entry.wire);
        let answer = match answer {
            Ok(bytes) if bytes.len() > protocol.limits().response => Err(Refusal::Refused),
            Ok(bytes) if !lease.grow(bytes.len()) => Err(Refusal::Busy),
            other => other,
        };
        let whole = answer.is_ok();
        let answer = match answer {
            Ok(bytes) => Answer::Whole(bytes, lease),
            Err(refusal) => Answer::Refusal(refusal),
        };
        if swarm.requests(protocol).send_response(channel, answer).is_err() {
            self.done(protocol, wire);
            return false;
        }
        whole
    }

    /// Forgets a request that libp2p is done with.
    pub(super) fn done(&mut self, protocol: Protocol, wire: InboundRequestId) {
        let Some(id) = self.wire.remove(&(protocol, wire)) else { return };
        let Some(entry) = self.entries.remove(&id) else { return };
        let key = (entry.from, protocol);
        if let Some(share) = self.shares.get_mut(&key) {
            *share -= 1;
            if *share == 0 {
                self.shares.remove(&key);
            }
        }
    }

    /// Says whether requests of a peer are not done.
    pub(super) fn is_busy(&self, from: NodeId) -> bool {
        Protocol::ALL.into_iter().any(|protocol| self.shares.contains_key(&(from, protocol)))
    }
}
