//! Proposals that others vote for and we lack: whom to ask, when, and how often.

use super::timers::REQUEST_MS;
use magpie_protocol::{address::NodeId, keys::ConsensusKey, ledger::BlockHash};
use std::collections::{BTreeMap, BTreeSet};

/// Proposals that are tracked; of the farthest round goes first.
const TRACKED: usize = 64;
/// Peers that are remembered for one proposal.
const PEERS: usize = 16;
/// Peers that are asked for one at once.
const AT_ONCE: usize = 2;
/// Requests to one peer for one proposal; one more each time that it speaks of it again.
const TRIES: u32 = 4;

/// A proposal: its round and its block.
pub(super) type Wanted = (u32, BlockHash);

#[derive(Debug, Default)]
struct Want {
    voters: BTreeSet<ConsensusKey>,
    /// Who spoke of it, and how often each was asked.
    peers: BTreeMap<NodeId, u32>,
    /// When to ask next; nothing while it is not asked for.
    due_ms: Option<u64>,
}

/// The proposals of one height that are missing.
#[derive(Debug, Default)]
pub(super) struct Wants(BTreeMap<Wanted, Want>);

impl Want {
    fn spoke(&mut self, peer: NodeId) {
        if self.peers.len() < PEERS || self.peers.contains_key(&peer) {
            let tries = self.peers.entry(peer).or_default();
            *tries = (*tries).min(TRIES - 1);
        }
    }

    /// Returns the peers to ask next: those that were asked least.
    fn turn(&self) -> Vec<NodeId> {
        let open = self.peers.iter().filter(|(_, tries)| **tries < TRIES);
        let mut open: Vec<_> = open.map(|(peer, tries)| (*tries, *peer)).collect();
        open.sort_unstable();
        open.into_iter().take(AT_ONCE).map(|(_, peer)| peer).collect()
    }

    fn next_ms(&self) -> Option<u64> {
        self.due_ms.filter(|_| self.peers.values().any(|tries| *tries < TRIES))
    }
}

impl Wants {
    /// Notes that a validator voted for a proposal that is missing, and returns who did so far.
    /// `now` is the round that we are in.
    pub(super) fn voted(
        &mut self,
        wanted: Wanted,
        voter: ConsensusKey,
        from: NodeId,
        now: u32,
    ) -> impl Iterator<Item = ConsensusKey> {
        let want = self.get(wanted, now);
        if let Some(want) = want {
            want.voters.insert(voter);
            want.spoke(from);
        }
        self.0.get(&wanted).into_iter().flat_map(|want| want.voters.iter().copied())
    }

    /// Asks for a proposal from `at_ms` on, unless it is asked for already; this peer spoke of it.
    pub(super) fn ask(&mut self, wanted: Wanted, from: NodeId, now: u32, at_ms: u64) {
        let Some(want) = self.get(wanted, now) else { return };
        want.spoke(from);
        want.due_ms.get_or_insert(at_ms);
    }

    /// Forgets a proposal that is there.
    pub(super) fn fulfil(&mut self, wanted: Wanted) {
        self.0.remove(&wanted);
    }

    /// Returns whom to ask for what now, each request once, and counts them.
    pub(super) fn next(&mut self, now_ms: u64) -> Vec<(Wanted, NodeId)> {
        let mut requests = Vec::new();
        for (wanted, want) in &mut self.0 {
            if want.next_ms().is_none_or(|at| at > now_ms) {
                continue;
            }
            want.due_ms = Some(now_ms.saturating_add(REQUEST_MS));
            for peer in want.turn() {
                if let Some(tries) = want.peers.get_mut(&peer) {
                    *tries = tries.saturating_add(1);
                }
                requests.push((*wanted, peer));
            }
        }
        requests
    }

    /// Returns when something is to be asked for next.
    pub(super) fn next_ms(&self) -> Option<u64> {
        self.0.values().filter_map(Want::next_ms).min()
    }

    /// Returns a want, or none if there are too many of nearer rounds.
    fn get(&mut self, wanted: Wanted, now: u32) -> Option<&mut Want> {
        if self.0.len() >= TRACKED && !self.0.contains_key(&wanted) {
            let far = |of: &Wanted| of.0.abs_diff(now);
            let rank = |(of, want): (&Wanted, &Want)| (far(of), want.due_ms.is_none(), *of);
            let (distance, idle, farthest) = self.0.iter().map(rank).max()?;
            if distance < far(&wanted) || distance == far(&wanted) && !idle {
                return None;
            }
            self.0.remove(&farthest);
        }
        Some(self.0.entry(wanted).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: BlockHash = BlockHash([1; 32]);

    fn peer(number: u8) -> NodeId {
        NodeId([number; 32])
    }

    #[test]
    fn several_peers_are_asked_and_each_has_its_own_tries() {
        let mut wants = Wants::default();
        wants.ask((0, HASH), peer(1), 0, 100);
        assert_eq!(wants.next(99), []);
        assert_eq!(wants.next(100), [((0, HASH), peer(1))]);
        assert_eq!(wants.next(100), []);
        for number in 2..=3 {
            wants.ask((0, HASH), peer(number), 0, 100);
        }
        let at = wants.next_ms().unwrap();
        assert_eq!(at, 100 + REQUEST_MS);
        assert_eq!(wants.next(at), [((0, HASH), peer(2)), ((0, HASH), peer(3))]);
        let mut asked = 3;
        while let Some(at) = wants.next_ms() {
            asked += wants.next(at).len();
        }
        assert_eq!(asked, 3 * TRIES as usize);
        wants.ask((0, HASH), peer(2), 0, 100);
        let at = wants.next_ms().unwrap();
        assert_eq!(wants.next(at), [((0, HASH), peer(2))]);
        assert_eq!(wants.next_ms(), None);
        wants.fulfil((0, HASH));
        assert_eq!(wants.next(u64::MAX), []);
    }

    #[test]
    fn the_farthest_round_is_dropped_first() {
        let mut wants = Wants::default();
        for round in 0..TRACKED as u32 {
            wants.ask((round, HASH), peer(1), 40, 0);
        }
        // Round 0 is 40 rounds away, and nothing is farther.
        let has = |wants: &Wants, round| wants.0.contains_key(&(round, HASH));
        wants.ask((90, HASH), peer(1), 40, 0);
        assert!(has(&wants, 0) && !has(&wants, 90));
        wants.ask((70, HASH), peer(1), 40, 0);
        assert!(!has(&wants, 0) && has(&wants, 70) && has(&wants, 40));
        assert_eq!(wants.0.len(), TRACKED);
    }

    #[test]
    fn no_proposal_remembers_all_peers() {
        let mut wants = Wants::default();
        for number in 0..100 {
            wants.ask((0, HASH), peer(number), 0, 0);
        }
        assert_eq!(wants.0[&(0, HASH)].peers.len(), PEERS);
    }
}
