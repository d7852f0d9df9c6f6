//! The core's requests that are not answered yet: each leaves here exactly once.
//!
//! A request waits until its peer is connected and has a stream to spare, then it is under way.
//! It leaves with its answer, its failure, or its deadline, whichever is first; what libp2p tells
//! of it afterwards only frees the stream.

use crate::core::net::{Protocol, RequestId, Unanswered};
use libp2p::request_response::OutboundRequestId;
use magpie_protocol::address::NodeId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tokio::time::Instant;

#[derive(Debug)]
struct Entry {
    /// Tells this request from an earlier one with the same id.
    serial: u64,
    to: NodeId,
    protocol: Protocol,
    deadline: Instant,
    /// Taken when it goes under way.
    waiting: Option<Vec<u8>>,
}

#[derive(Debug)]
struct UnderWay {
    to: NodeId,
    id: RequestId,
    serial: u64,
}

/// A request ready to be sent.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) id: RequestId,
    pub(super) protocol: Protocol,
    pub(super) bytes: Vec<u8>,
}

/// Requests of the core that are not answered yet.
#[derive(Debug)]
pub(super) struct Outbound {
    most: usize,
    next_serial: u64,
    entries: BTreeMap<RequestId, Entry>,
    deadlines: BTreeSet<(Instant, RequestId)>,
    waiting: BTreeMap<(NodeId, Protocol), VecDeque<RequestId>>,
    /// Requests under way, whether or not still wanted.
    wire: BTreeMap<(Protocol, OutboundRequestId), UnderWay>,
    under_way: BTreeMap<(NodeId, Protocol), usize>,
}

impl Outbound {
    /// Returns an empty table of at most `most` requests.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            next_serial: 0,
            entries: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            waiting: BTreeMap::new(),
            wire: BTreeMap::new(),
            under_way: BTreeMap::new(),
        }
    }

    /// Takes a request in, or says why not.
    pub(super) fn admit(
        &mut self,
        to: NodeId,
        ready: Ready,
        deadline: Instant,
    ) -> Result<(), Unanswered> {
        let Ready { id, protocol, bytes } = ready;
        if self.entries.contains_key(&id) {
            return Err(Unanswered::Busy);
        }
        if self.entries.len() >= self.most {
            return Err(Unanswered::Busy);
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        self.entries.insert(id, Entry { serial, to, protocol, deadline, waiting: Some(bytes) });
        self.deadlines.insert((deadline, id));
        self.waiting.entry((to, protocol)).or_default().push_back(id);
        Ok(())
    }

    /// Returns the next request that may be sent to a connected peer; [`sent`](Self::sent) follows.
    pub(super) fn next_for(&mut self, to: NodeId) -> Option<Ready> {
        for protocol in Protocol::ALL {
            let under_way = self.under_way.get(&(to, protocol)).copied().unwrap_or(0);
            if under_way >= protocol.limits().streams {
                continue;
            }
            let Some(queue) = self.waiting.get_mut(&(to, protocol)) else { continue };
            let id = queue.pop_front();
            if queue.is_empty() {
                self.waiting.remove(&(to, protocol));
            }
            let Some(id) = id else { continue };
            if let Some(bytes) = self.entries.get_mut(&id).and_then(|e| e.waiting.take()) {
                return Some(Ready { id, protocol, bytes });
            }
        }
        None
    }

    /// Notes under which name libp2p sends a request.
    pub(super) fn sent(
        &mut self,
        to: NodeId,
        id: RequestId,
        protocol: Protocol,
        wire: OutboundRequestId,
    ) {
        let Some(serial) = self.entries.get(&id).map(|entry| entry.serial) else { return };
        self.wire.insert((protocol, wire), UnderWay { to, id, serial });
        *self.under_way.entry((to, protocol)).or_default() += 1;
    }

    /// Ends a request that libp2p is done with, and returns its id if it was still wanted.
    pub(super) fn done(
        &mut self,
        protocol: Protocol,
        wire: OutboundRequestId,
    ) -> Option<RequestId> {
        let UnderWay { to, id, serial } = self.wire.remove(&(protocol, wire))?;
        if let Some(under_way) = self.under_way.get_mut(&(to, protocol)) {
            *under_way -= 1;
            if *under_way == 0 {
                self.under_way.remove(&(to, protocol));
            }
        }
        let same = self.entries.get(&id).is_some_and(|entry| entry.serial == serial);
        (same && self.remove(id)).then_some(id)
    }

    /// Removes a request from everything but `wire`.
    fn remove(&mut self, id: RequestId) -> bool {
        let Some(entry) = self.entries.remove(&id) else { return false };
        self.deadlines.remove(&(entry.deadline, id));
        if entry.waiting.is_some() {
            let key = (entry.to, entry.protocol);
            if let Some(queue) = self.waiting.get_mut(&key) {
                queue.retain(|waiting| *waiting != id);
                if queue.is_empty() {
                    self.waiting.remove(&key);
                }
            }
        }
        true
    }

    /// Removes the requests that wait for a connection with a peer and returns their ids.
    pub(super) fn fail_waiting(&mut self, to: NodeId) -> Vec<RequestId> {
        let ids: Vec<RequestId> = Protocol::ALL
            .into_iter()
            .filter_map(|protocol| self.waiting.remove(&(to, protocol)))
            .flatten()
            .collect();
        ids.into_iter().filter(|id| self.remove(*id)).collect()
    }

    /// Removes the requests whose deadline is not after `now` and returns them with their peers.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(RequestId, NodeId)> {
        let mut expired = Vec::new();
        while let Some(&(deadline, id)) = self.deadlines.first() {
            if deadline > now {
                break;
            }
            self.deadlines.pop_first();
            if let Some(to) = self.entries.get(&id).map(|entry| entry.to) {
                self.remove(id);
                expired.push((id, to));
            }
        }
        expired
    }

    /// Returns when the next request expires.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Says whether requests wait for a connection with a peer.
    pub(super) fn is_waiting(&self, to: NodeId) -> bool {
        Protocol::ALL.into_iter().any(|protocol| self.waiting.contains_key(&(to, protocol)))
    }

    /// Says whether requests to a peer are under way.
    pub(super) fn is_under_way(&self, to: NodeId) -> bool {
        Protocol::ALL.into_iter().any(|protocol| self.under_way.contains_key(&(to, protocol)))
    }

    /// Removes all requests and returns their ids.
    pub(super) fn drain(&mut self) -> Vec<RequestId> {
        self.deadlines.clear();
        self.waiting.clear();
        self.wire.clear();
        self.under_way.clear();
        std::mem::take(&mut self.entries).into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BOB: NodeId = NodeId([2; 32]);

    fn admit(table: &mut Outbound, id: u64, deadline: Instant) -> Result<(), Unanswered> {
        let ready = Ready { id: RequestId(id), protocol: Protocol::Mail, bytes: vec![id as u8] };
        table.admit(BOB, ready, deadline)
    }

    #[test]
    fn a_table_is_bounded_and_its_ids_are_unique() {
        let mut table = Outbound::new(2);
        let now = Instant::now();
        assert_eq!(admit(&mut table, 1, now), Ok(()));
        assert_eq!(admit(&mut table, 1, now), Err(Unanswered::Busy));
        assert_eq!(admit(&mut table, 2, now), Ok(()));
        assert_eq!(admit(&mut table, 3, now), Err(Unanswered::Busy));
        assert_eq!(table.fail_waiting(BOB), [RequestId(1), RequestId(2)]);
        assert_eq!(admit(&mut table, 3, now), Ok(()));
        assert_eq!(table.drain(), [RequestId(3)]);
        assert!(table.next_deadline().is_none() && !table.is_waiting(BOB));
    }

    #[test]
    fn requests_leave_in_order_or_at_their_deadline_but_once() {
        let mut table = Outbound::new(9);
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        for (id, deadline) in [(1, later), (2, start), (3, later)] {
            admit(&mut table, id, deadline).unwrap();
        }
        assert_eq!(table.next_deadline(), Some(start));
        assert_eq!(table.expire(start), [(RequestId(2), BOB)]);
        assert_eq!(table.next_for(BOB).map(|r| (r.id.0, r.bytes)), Some((1, vec![1])));
        assert_eq!(table.next_for(BOB).map(|r| (r.id.0, r.bytes)), Some((3, vec![3])));
        assert!(table.next_for(BOB).is_none());
        assert!(table.fail_waiting(BOB).is_empty());
        assert_eq!(table.expire(later), [(RequestId(1), BOB), (RequestId(3), BOB)]);
        assert!(table.drain().is_empty());
    }
}
