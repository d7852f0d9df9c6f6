//! Proposals that others vote for and we lack: whom to ask, and how often.

use magpie_protocol::{address::NodeId, keys::ConsensusKey, ledger::BlockHash};
use std::collections::BTreeMap;

/// Proposals whose voters are remembered.
const TRACKED: usize = 64;
/// Requests for one proposal before it is given up.
const TRIES: u32 = 8;

/// A proposal: its round and its block.
pub(super) type Wanted = (u32, BlockHash);

#[derive(Debug, Default)]
struct Want {
    voters: BTreeMap<ConsensusKey, NodeId>,
    tries: u32,
    active: bool,
}

/// The proposals of one height that are missing.
#[derive(Debug, Default)]
pub(super) struct Wants(BTreeMap<Wanted, Want>);

impl Wants {
    /// Notes that a validator voted for a proposal that is missing, and returns who did so far.
    pub(super) fn voted(
        &mut self,
        wanted: Wanted,
        voter: ConsensusKey,
        from: NodeId,
    ) -> impl Iterator<Item = ConsensusKey> {
        let want = self.get(wanted);
        want.voters.insert(voter, from);
        want.voters.keys().copied()
    }

    /// Tells whether the proposal is asked for already.
    pub(super) fn is_asked(&self, wanted: Wanted) -> bool {
        self.0.get(&wanted).is_some_and(|want| want.active)
    }

    /// Begins to ask for a proposal.
    pub(super) fn ask(&mut self, wanted: Wanted, of: ConsensusKey, from: NodeId) {
        let want = self.get(wanted);
        want.voters.insert(of, from);
        want.active = true;
    }

    /// Forgets a proposal that is there.
    pub(super) fn fulfil(&mut self, wanted: Wanted) {
        self.0.remove(&wanted);
    }

    /// Returns whom to ask for what next, each request once, and counts them.
    pub(super) fn next(&mut self) -> Vec<(Wanted, NodeId)> {
        let mut requests = Vec::new();
        for (wanted, want) in &mut self.0 {
            if !want.active || want.tries >= TRIES || want.voters.is_empty() {
                continue;
            }
            let turn = want.tries as usize % want.voters.len();
            want.tries += 1;
            requests.extend(want.voters.values().nth(turn).map(|peer| (*wanted, *peer)));
        }
        requests
    }

    /// Tells whether something is still asked for.
    pub(super) fn is_asking(&self) -> bool {
        self.0.values().any(|want| want.active && want.tries < TRIES)
    }

    fn get(&mut self, wanted: Wanted) -> &mut Want {
        if self.0.len() >= TRACKED && !self.0.contains_key(&wanted) {
            self.0.pop_first();
        }
        self.0.entry(wanted).or_default()
    }
}
