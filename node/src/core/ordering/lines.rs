//! The ways to the other super nodes: what waits for each of them, and what is under way.
//!
//! A peer that does not answer must not fill the requests of the node, nor its memory. What is said
//! of the order is said again after a silence, so the oldest of it gives way. Entries of one signer
//! are of use in their order alone: they go one after the other, and the newest stay behind.

use crate::{
    core::{net::Protocol, requests::Purpose, turn::Turn},
    ledger::mempool::Lane,
};
use magpie_protocol::{
    address::NodeId, codec::encode, ledger::exchange::Request, limits::CONSENSUS_MESSAGE,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
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
/// After how long a peer that is back is handed again all entries that wait here, milliseconds: who
/// comes and goes must not cost more than it is worth.
pub(super) const ALL_AGAIN_MS: u64 = 10_000;

/// What a super node hands another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// Something said to order the ledger.
    Statement,
    /// An entry that somebody submitted, of this signer.
    Entry(Lane),
}

/// What goes to one peer. The bytes are shared with the other peers' lines.
#[derive(Debug, Default)]
struct Line {
    statements: VecDeque<Arc<[u8]>>,
    /// Bytes of the statements that wait.
    bytes: usize,
    under_way: usize,
    entries: VecDeque<(Lane, Arc<[u8]>)>,
    /// Whose entries are under way.
    lanes: BTreeSet<Lane>,
    /// When it was handed all entries that waited here, milliseconds since the Unix epoch.
    all_ms: Option<u64>,
}

/// The ways to all other super nodes of the genesis.
#[derive(Debug)]
pub(super) struct Lines(BTreeMap<NodeId, Line>);

impl Line {
    fn take_statement(&mut self) -> Option<Arc<[u8]>> {
        let first = self.statements.pop_front()?;
        self.bytes = self.bytes.saturating_sub(first.len());
        Some(first)
    }

    fn put(&mut self, cargo: Cargo, bytes: Arc<[u8]>) {
        match cargo {
            Cargo::Statement => {
                while self.statements.len() >= STATEMENTS_WAITING || self.bytes > STATEMENTS_BYTES {
                    self.take_statement();
                }
                self.bytes = self.bytes.saturating_add(bytes.len());
                self.statements.push_back(bytes);
            }
            Cargo::Entry(lane) if self.entries.len() < ENTRIES_WAITING => {
                self.entries.push_back((lane, bytes));
            }
            Cargo::Entry(_) => {}
        }
    }

    /// Takes what goes next, statements first, if one more may be under way.
    fn next(&mut self) -> Option<(Cargo, Arc<[u8]>)> {
        if self.under_way < STATEMENTS_UNDER_WAY
            && let Some(bytes) = self.take_statement()
        {
            self.under_way += 1;
            return Some((Cargo::Statement, bytes));
        }
        if self.lanes.len() >= ENTRIES_UNDER_WAY {
            return None;
        }
        let free = self.entries.iter().position(|(lane, _)| !self.lanes.contains(lane))?;
        let (lane, bytes) = self.entries.remove(free)?;
        self.lanes.insert(lane);
        Some((Cargo::Entry(lane), bytes))
    }

    fn done(&mut self, cargo: Cargo) {
        match cargo {
            Cargo::Statement => self.under_way = self.under_way.saturating_sub(1),
            Cargo::Entry(lane) => drop(self.lanes.remove(&lane)),
        }
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
}

impl Turn<'_> {
    /// Hands another super node something once the step is durable. To who is away statements wait,
    /// the newest; entries do not: it gets them in blocks.
    pub(super) fn hand(&mut self, to: NodeId, cargo: Cargo, bytes: &Arc<[u8]>) {
        let is_here = self.core.net.has(&to);
        if let Some(line) = self.line(&to)
            && (is_here || cargo == Cargo::Statement)
        {
            line.put(cargo, Arc::clone(bytes));
            self.hand_next(to);
        }
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
        if let Some(line) = self.line(&to) {
            line.done(cargo);
            self.hand_next(to);
        }
    }

    /// Forgets the entries that wait for a peer that is gone.
    pub(crate) fn order_disconnected(&mut self, peer: &NodeId) {
        if let Some(line) = self.line(peer) {
            line.entries.clear();
        }
    }

    /// Hands a peer that is back what was said last: whoever of the two is behind learns it, and
    /// asks at once. Then the entries that wait here: it may have forgotten them, or never had them,
    /// and proposes next.
    pub(crate) fn order_connected(&mut self, peer: NodeId) {
        self.hand_waiting(peer);
        self.hand_next(peer);
    }

    fn hand_waiting(&mut self, to: NodeId) {
        let now = self.now;
        let Some(orderer) = self.core.orderer.as_deref_mut() else { return };
        let Some(line) = orderer.lines.0.get_mut(&to) else { return };
        if line.all_ms.is_some_and(|at| now < at.saturating_add(ALL_AGAIN_MS)) {
            return;
        }
        for (key, waiting) in orderer.ledger.pool().first(ENTRIES_WAITING) {
            line.all_ms = Some(now);
            let request = Request::Submit(Box::new(waiting.entry.entry().clone()));
            // What was taken in fits a request.
            let Ok(bytes) = encode(&request) else { continue };
            line.put(Cargo::Entry(key.lane), Arc::from(bytes));
        }
    }

    /// Hands a peer that is connected what may go now.
    fn hand_next(&mut self, to: NodeId) {
        if !self.core.net.has(&to) {
            return;
        }
        while let Some((cargo, bytes)) = self.line(&to).and_then(Line::next) {
            if !self.ask_peer(to, Protocol::Ledger, bytes.to_vec(), Purpose::Hand(cargo)) {
                // No request has room: what was taken is lost like any that is not answered.
                if let Some(line) = self.line(&to) {
                    line.done(cargo);
                }
                return;
            }
        }
    }

    fn line(&mut self, to: &NodeId) -> Option<&mut Line> {
        self.core.orderer.as_mut()?.lines.0.get_mut(to)
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use magpie_protocol::keys::ReceiveKey;

    fn bytes(number: usize, len: usize) -> Arc<[u8]> {
        let mut bytes = vec![0; len];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Arc::from(bytes)
    }

    fn entry(lane: u8) -> Cargo {
        Cargo::Entry(Lane::Receive(ReceiveKey([lane; 32])))
    }

    fn next(line: &mut Line) -> Option<(Cargo, usize)> {
        let (cargo, bytes) = line.next()?;
        Some((cargo, usize::from_be_bytes(bytes[..8].try_into().unwrap())))
    }

    fn filled(cargo: Cargo, count: usize, len: usize) -> Line {
        let mut line = Line::default();
        (0..count).for_each(|n| line.put(cargo, bytes(n, len)));
        line
    }

    #[test]
    fn of_statements_the_newest_wait_and_of_entries_the_oldest() {
        let mut line = filled(Cargo::Statement, STATEMENTS_WAITING + 10, 8);
        assert_eq!(line.statements.len(), STATEMENTS_WAITING);
        assert_eq!(next(&mut line), Some((Cargo::Statement, 10)));
        let mut line = filled(entry(1), ENTRIES_WAITING + 10, 8);
        assert_eq!(line.entries.len(), ENTRIES_WAITING);
        assert_eq!(next(&mut line), Some((entry(1), 0)));
    }

    #[test]
    fn large_statements_that_wait_are_few() {
        let line = filled(Cargo::Statement, 20, CONSENSUS_MESSAGE);
        assert_eq!(line.statements.len(), 5);
        assert_eq!(line.bytes, 5 * CONSENSUS_MESSAGE);
    }

    #[test]
    fn few_statements_are_under_way_until_they_are_done() {
        let mut line = filled(Cargo::Statement, STATEMENTS_UNDER_WAY + 2, 8);
        for n in 0..STATEMENTS_UNDER_WAY {
            assert_eq!(next(&mut line), Some((Cargo::Statement, n)));
        }
        assert_eq!(next(&mut line), None);
        line.done(Cargo::Statement);
        assert_eq!(next(&mut line), Some((Cargo::Statement, STATEMENTS_UNDER_WAY)));
        assert_eq!(next(&mut line), None);
    }

    #[test]
    fn entries_of_one_signer_go_one_after_the_other_and_those_of_few_signers_at_once() {
        let mut line = Line::default();
        for lane in 0..=u8::try_from(ENTRIES_UNDER_WAY).unwrap() {
            (0..2).for_each(|n| line.put(entry(lane), bytes(n, 8)));
        }
        for lane in 0..u8::try_from(ENTRIES_UNDER_WAY).unwrap() {
            assert_eq!(next(&mut line), Some((entry(lane), 0)));
        }
        assert_eq!(next(&mut line), None);
        line.done(entry(7));
        assert_eq!(next(&mut line), Some((entry(7), 1)));
        // Statements pass them by.
        line.put(Cargo::Statement, bytes(9, 8));
        assert_eq!(next(&mut line), Some((Cargo::Statement, 9)));
        assert_eq!(next(&mut line), None);
    }
}
