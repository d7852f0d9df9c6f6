//! The ways to the other super nodes: what waits for each of them, and what is under way.
//!
//! A peer that does not answer must not fill the requests of the node, nor its memory. What is said
//! of the order is said again after a silence, so the oldest of it gives way; entries are of use in
//! their order alone, so the newest stay behind.

use crate::core::{net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{address::NodeId, limits::CONSENSUS_MESSAGE};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Statements under way to one peer.
pub(super) const STATEMENTS_UNDER_WAY: usize = 32;
/// Statements that wait for one peer.
pub(super) const STATEMENTS_WAITING: usize = 64;
/// Their bytes, besides the newest.
pub(super) const STATEMENTS_BYTES: usize = 4 * CONSENSUS_MESSAGE;
/// Entries under way to one peer; with the statements they are fewer than the transport takes.
pub(super) const ENTRIES_UNDER_WAY: usize = 24;
/// Entries that wait for one peer.
pub(super) const ENTRIES_WAITING: usize = 4_096;

/// What a super node hands another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// Something said to order the ledger.
    Statement,
    /// An entry that somebody submitted.
    Entry,
}

/// One sort of cargo for one peer. The bytes are shared with the other peers' queues.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Arc<[u8]>>,
    bytes: usize,
    under_way: usize,
}

#[derive(Debug, Default)]
struct Line {
    statements: Queue,
    entries: Queue,
}

/// The ways to all other super nodes of the genesis.
#[derive(Debug)]
pub(super) struct Lines(BTreeMap<NodeId, Line>);

impl Queue {
    fn take_first(&mut self) -> Option<Arc<[u8]>> {
        let first = self.waiting.pop_front()?;
        self.bytes = self.bytes.saturating_sub(first.len());
        Some(first)
    }

    fn put(&mut self, cargo: Cargo, bytes: Arc<[u8]>) {
        if cargo == Cargo::Entry && self.waiting.len() >= ENTRIES_WAITING {
            return;
        }
        let len = bytes.len();
        while cargo == Cargo::Statement
            && (self.waiting.len() >= STATEMENTS_WAITING || self.bytes > STATEMENTS_BYTES)
        {
            self.take_first();
        }
        self.bytes = self.bytes.saturating_add(len);
        self.waiting.push_back(bytes);
    }
}

impl Lines {
    /// Returns the ways to these nodes.
    pub(super) fn new(others: impl Iterator<Item = NodeId>) -> Self {
        Self(others.map(|node| (node, Line::default())).collect())
    }

    /// Tells whether there is a way to this node.
    pub(super) fn has(&self, node: &NodeId) -> bool {
        self.0.contains_key(node)
    }

    /// Returns the nodes.
    pub(super) fn nodes(&self) -> Vec<NodeId> {
        self.0.keys().copied().collect()
    }

    fn queue(&mut self, node: &NodeId, cargo: Cargo) -> Option<&mut Queue> {
        let line = self.0.get_mut(node)?;
        Some(match cargo {
            Cargo::Statement => &mut line.statements,
            Cargo::Entry => &mut line.entries,
        })
    }

    /// Lets something wait for its turn.
    fn put(&mut self, node: &NodeId, cargo: Cargo, bytes: Arc<[u8]>) {
        if let Some(queue) = self.queue(node, cargo) {
            queue.put(cargo, bytes);
        }
    }

    /// Takes what goes next, if one more may be under way.
    fn next(&mut self, node: &NodeId, cargo: Cargo) -> Option<Arc<[u8]>> {
        let most = match cargo {
            Cargo::Statement => STATEMENTS_UNDER_WAY,
            Cargo::Entry => ENTRIES_UNDER_WAY,
        };
        let queue = self.queue(node, cargo).filter(|queue| queue.under_way < most)?;
        let bytes = queue.take_first()?;
        queue.under_way += 1;
        Some(bytes)
    }

    /// Notes that one is not under way any more.
    fn done(&mut self, node: &NodeId, cargo: Cargo) {
        if let Some(queue) = self.queue(node, cargo) {
            queue.under_way = queue.under_way.saturating_sub(1);
        }
    }

    /// Drops what waits for a node that is away.
    fn drop_waiting(&mut self, node: &NodeId) {
        if let Some(line) = self.0.get_mut(node) {
            for queue in [&mut line.statements, &mut line.entries] {
                queue.waiting.clear();
                queue.bytes = 0;
            }
        }
    }
}

impl Turn<'_> {
    /// Hands another super node something once the step is durable. Who is away gets nothing: it
    /// is told the height when it is back, and asks for what it missed.
    pub(super) fn hand(&mut self, to: NodeId, cargo: Cargo, bytes: &Arc<[u8]>) {
        if !self.core.net.has(&to) {
            return;
        }
        if let Some(orderer) = &mut self.core.orderer {
            orderer.lines.put(&to, cargo, Arc::clone(bytes));
        }
        self.hand_next(to, cargo);
    }

    /// Hands all other super nodes something.
    pub(super) fn hand_all(&mut self, cargo: Cargo, bytes: Vec<u8>) {
        let bytes = Arc::from(bytes);
        let nodes = self.core.orderer.as_ref().map(|orderer| orderer.lines.nodes());
        for to in nodes.unwrap_or_default() {
            self.hand(to, cargo, &bytes);
        }
    }

    /// Goes on after what was handed to a peer was answered, or will not be. Nothing is said twice
    /// here: the order says again what matters.
    pub(crate) fn handed(&mut self, to: NodeId, cargo: Cargo) {
        if let Some(orderer) = &mut self.core.orderer {
            orderer.lines.done(&to, cargo);
        }
        self.hand_next(to, cargo);
    }

    /// Forgets what waits for a peer that is gone.
    pub(crate) fn order_disconnected(&mut self, peer: &NodeId) {
        if let Some(orderer) = &mut self.core.orderer {
            orderer.lines.drop_waiting(peer);
        }
    }

    fn hand_next(&mut self, to: NodeId, cargo: Cargo) {
        while let Some(orderer) = &mut self.core.orderer
            && let Some(bytes) = orderer.lines.next(&to, cargo)
        {
            let asked = self.ask_peer(to, Protocol::Ledger, bytes.to_vec(), Purpose::Hand(cargo));
            if !asked {
                // No request has room. What was taken is lost like any that a peer did not answer.
                if let Some(orderer) = &mut self.core.orderer {
                    orderer.lines.done(&to, cargo);
                }
                break;
            }
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use std::iter::once;

    const PEER: NodeId = NodeId([1; 32]);

    fn bytes(number: usize, len: usize) -> Arc<[u8]> {
        let mut bytes = vec![0; len];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Arc::from(bytes)
    }

    fn number(bytes: &[u8]) -> usize {
        usize::from_be_bytes(bytes[..8].try_into().unwrap())
    }

    fn put_all(cargo: Cargo, count: usize, len: usize) -> Lines {
        let mut lines = Lines::new(once(PEER));
        (0..count).for_each(|n| lines.put(&PEER, cargo, bytes(n, len)));
        lines
    }

    #[test]
    fn of_statements_the_newest_wait_and_of_entries_the_oldest() {
        for (cargo, waiting, first) in
            [(Cargo::Statement, STATEMENTS_WAITING, 10), (Cargo::Entry, ENTRIES_WAITING, 0)]
        {
            let mut lines = put_all(cargo, waiting + 10, 8);
            assert_eq!(lines.0[&PEER].statements.waiting.len(), waiting * usize::from(first > 0));
            assert_eq!(number(&lines.next(&PEER, cargo).unwrap()), first);
        }
    }

    #[test]
    fn large_statements_that_wait_are_few() {
        let lines = put_all(Cargo::Statement, 20, CONSENSUS_MESSAGE);
        let queue = &lines.0[&PEER].statements;
        assert_eq!(queue.waiting.len(), 5);
        assert_eq!(queue.bytes, 5 * CONSENSUS_MESSAGE);
    }

    #[test]
    fn few_are_under_way_until_they_are_done_and_strangers_get_nothing() {
        for (cargo, most) in
            [(Cargo::Statement, STATEMENTS_UNDER_WAY), (Cargo::Entry, ENTRIES_UNDER_WAY)]
        {
            let mut lines = put_all(cargo, most + 2, 8);
            for n in 0..most {
                assert_eq!(number(&lines.next(&PEER, cargo).unwrap()), n);
            }
            assert!(lines.next(&PEER, cargo).is_none());
            lines.done(&PEER, cargo);
            assert_eq!(number(&lines.next(&PEER, cargo).unwrap()), most);
            lines.drop_waiting(&PEER);
            lines.done(&PEER, cargo);
            assert!(lines.next(&PEER, cargo).is_none());
            let stranger = NodeId([2; 32]);
            lines.put(&stranger, cargo, bytes(0, 8));
            assert!(!lines.has(&stranger) && lines.next(&stranger, cargo).is_none());
        }
    }
}
