//! Faults of peers: counted, forgiven with time, and over a threshold a block for a time.
//!
//! In: faults that the core or the frame found, with the time in milliseconds. Out: whether the
//! peer is now blocked, and whose block is over. A key is free to make, so this stops broken and
//! lazy peers; what a determined one may cost is bounded elsewhere.

use crate::core::net::Fault;
use magpie_protocol::address::NodeId;
use std::collections::{BTreeMap, BTreeSet};

/// Points over which a peer is blocked.
const THRESHOLD: u32 = 100;
/// Points over which a super node of the genesis is blocked: without them there is no network.
const THRESHOLD_GENESIS: u32 = 1_000;
/// Points are halved each time so much passes.
const HALVED_MS: u64 = 10 * 60_000;
/// How long a peer stays blocked.
const BLOCKED_MS: u64 = 60 * 60_000;
/// Peers whose faults are remembered; a new one replaces the one with the fewest points.
const REMEMBERED: usize = 4_096;

impl Fault {
    const fn points(self) -> u32 {
        match self {
            Self::Flooding => 5,
            Self::Malformed => 20,
            Self::Forged => 50,
        }
    }
}

#[derive(Debug)]
struct Record {
    points: u32,
    /// When the points were last halved.
    since: u64,
    blocked_until: Option<u64>,
}

impl Record {
    /// How often the points are to be halved since they last were.
    const fn halvings(&self, now: u64) -> u64 {
        now.saturating_sub(self.since) / HALVED_MS
    }

    fn points_at(&self, now: u64) -> u32 {
        self.points.checked_shr(self.halvings(now).min(32) as u32).unwrap_or(0)
    }
}

/// Points over which this peer is blocked.
fn threshold(genesis: &BTreeSet<NodeId>, node: NodeId) -> u32 {
    if genesis.contains(&node) { THRESHOLD_GENESIS } else { THRESHOLD }
}

/// The faults of peers.
#[derive(Debug)]
pub(super) struct Score {
    genesis: BTreeSet<NodeId>,
    records: BTreeMap<NodeId, Record>,
}

impl Score {
    pub(super) fn new(genesis: BTreeSet<NodeId>) -> Self {
        Self { genesis, records: BTreeMap::new() }
    }

    /// Counts a fault. `blocked` says that the peer is blocked from now on; `unblocked` is a peer
    /// whose block ended early because its record had to make room.
    pub(super) fn fault(&mut self, node: NodeId, fault: Fault, now: u64) -> Verdict {
        let mut verdict = Verdict::default();
        if !self.records.contains_key(&node) && self.records.len() >= REMEMBERED {
            let weight = |r: &Record| (r.blocked_until.is_some(), r.points, r.since);
            let least = self.records.iter().min_by_key(|(_, r)| weight(r)).map(|(node, _)| *node);
            if let Some(least) = least {
                let record = self.records.remove(&least);
                verdict.unblocked = record.and_then(|r| r.blocked_until).map(|_| least);
            }
        }
        let record = self.records.entry(node).or_insert(Record {
            points: 0,
            since: now,
            blocked_until: None,
        });
        record.points = record.points_at(now).saturating_add(fault.points());
        record.since += record.halvings(now) * HALVED_MS;
        let threshold = threshold(&self.genesis, node);
        if record.points >= threshold && record.blocked_until.is_none() {
            record.blocked_until = Some(now + BLOCKED_MS);
            verdict.blocked = true;
        }
        verdict
    }

    pub(super) fn is_blocked(&self, node: NodeId) -> bool {
        self.records.get(&node).is_some_and(|record| record.blocked_until.is_some())
    }

    /// Returns how near a peer is to being blocked, from 0 for who did nothing wrong to 1.
    pub(super) fn nearness(&self, node: NodeId, now: u64) -> f64 {
        let points = self.records.get(&node).map_or(0, |record| record.points_at(now));
        (f64::from(points) / f64::from(threshold(&self.genesis, node))).min(1.0)
    }

    /// Returns the peers whose faults are remembered.
    pub(super) fn remembered(&self) -> impl Iterator<Item = NodeId> {
        self.records.keys().copied()
    }

    /// Forgets those whose block is over and returns them.
    pub(super) fn over(&mut self, now: u64) -> Vec<NodeId> {
        let over = |record: &Record| record.blocked_until.is_some_and(|until| until <= now);
        let nodes: Vec<_> =
            self.records.iter().filter(|(_, r)| over(r)).map(|(node, _)| *node).collect();
        for node in &nodes {
            self.records.remove(node);
        }
        nodes
    }
}

/// What follows from a fault.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) blocked: bool,
    pub(super) unblocked: Option<NodeId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u16) -> NodeId {
        let mut id = [0; 32];
        id[..2].copy_from_slice(&n.to_be_bytes());
        NodeId(id)
    }

    fn faults_until_blocked(score: &mut Score, who: NodeId, fault: Fault) -> u32 {
        (1..).find(|_| score.fault(who, fault, 0).blocked).unwrap()
    }

    #[test]
    fn the_threshold_blocks_and_genesis_super_nodes_have_a_higher_one() {
        let mut score = Score::new(BTreeSet::from([node(2)]));
        assert_eq!(faults_until_blocked(&mut score, node(1), Fault::Malformed), 5);
        assert_eq!(faults_until_blocked(&mut score, node(2), Fault::Malformed), 50);
        assert_eq!(faults_until_blocked(&mut score, node(3), Fault::Forged), 2);
        assert!(score.is_blocked(node(1)));
        assert!(!score.fault(node(1), Fault::Forged, 1).blocked, "blocked already");
        assert!(score.over(BLOCKED_MS - 1).is_empty());
        assert_eq!(score.over(BLOCKED_MS), [node(1), node(2), node(3)]);
        assert!(!score.is_blocked(node(1)));
    }

    #[test]
    fn faults_are_forgiven_with_time() {
        let mut score = Score::new(BTreeSet::new());
        let malformed = |score: &mut Score, at| score.fault(node(1), Fault::Malformed, at).blocked;
        for at in 0..100 {
            assert!(!malformed(&mut score, at * HALVED_MS / 2), "{at}");
        }
        assert!(!malformed(&mut score, u64::MAX / 2));
    }

    #[test]
    fn nearness_grows_with_faults_and_falls_with_time() {
        let mut score = Score::new(BTreeSet::from([node(2)]));
        assert_eq!(score.nearness(node(1), 0), 0.0);
        score.fault(node(1), Fault::Forged, 0);
        score.fault(node(2), Fault::Forged, 0);
        assert_eq!(score.nearness(node(1), 0), 0.5);
        assert_eq!(score.nearness(node(2), 0), 0.05);
        assert_eq!(score.nearness(node(1), HALVED_MS), 0.25);
        assert_eq!(score.nearness(node(1), u64::MAX), 0.0);
        score.fault(node(1), Fault::Forged, 1);
        score.fault(node(1), Fault::Forged, 2);
        assert_eq!(score.nearness(node(1), 2), 1.0);
        assert!(score.remembered().eq([node(1), node(2)]));
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_blocked_last() {
        let mut score = Score::new(BTreeSet::new());
        faults_until_blocked(&mut score, node(0), Fault::Forged);
        for n in 1..5_000 {
            assert_eq!(score.fault(node(n), Fault::Flooding, 0), Verdict::default());
        }
        assert_eq!(score.records.len(), REMEMBERED);
        assert!(score.is_blocked(node(0)));
    }
}
