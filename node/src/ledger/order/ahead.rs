//! Messages of heights that are not there yet: what others decided sooner.
//!
//! In: votes and proposals whose signatures hold, by validators who vote now; a proposal comes with
//! its own block or none. Out: those of a height once it starts. A validator fills its own share
//! alone, so that no one drives out another.

use magpie_protocol::{
    consensus::{Message, SignedProposal, SignedVote},
    keys::ConsensusKey,
    ledger::Block,
};
use std::collections::BTreeMap;

/// Heights after the one being decided of which messages are held.
pub(super) const HEIGHTS: u64 = 2;
/// Votes of one validator held.
const VOTES: usize = 16;
/// Proposals of one validator held: each may bring a block.
const PROPOSALS: usize = 2;

/// A message that waits for its height, with its sender.
pub(super) type Held = (magpie_protocol::address::NodeId, Message);

/// The messages that wait.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// By height, place of arrival.
    held: BTreeMap<(u64, u64), (ConsensusKey, Held)>,
    arrived: u64,
}

impl Ahead {
    /// Tells whether a vote of this validator would be held.
    pub(super) fn takes_vote(&self, vote: &SignedVote) -> bool {
        let of = |message: &Message| matches!(message, Message::Vote(held) if held == vote);
        let own = self.held.values().filter(|(key, (_, message))| {
            *key == vote.validator && matches!(message, Message::Vote(_))
        });
        own.count() < VOTES && !self.held.values().any(|(_, (_, message))| of(message))
    }

    /// Tells whether a proposal would be held.
    pub(super) fn takes_proposal(&self, signed: &SignedProposal) -> bool {
        let mut proposals = 0;
        for (key, (_, message)) in self.held.values() {
            if let Message::Proposal(held, _) = message {
                proposals += usize::from(*key == signed.validator);
                if held == signed {
                    return false;
                }
            }
        }
        proposals < PROPOSALS
    }

    /// Holds a vote whose signature holds.
    pub(super) fn hold_vote(&mut self, from: magpie_protocol::address::NodeId, vote: SignedVote) {
        self.hold(vote.vote.height, vote.validator, (from, Message::Vote(vote)));
    }

    /// Holds a proposal whose signature holds.
    pub(super) fn hold_proposal(
        &mut self,
        from: magpie_protocol::address::NodeId,
        signed: SignedProposal,
        block: Option<Box<Block>>,
    ) {
        let height = signed.proposal.height;
        self.hold(height, signed.validator, (from, Message::Proposal(signed, block)));
    }

    /// Tells whether messages of this height wait.
    pub(super) fn has(&self, height: u64) -> bool {
        self.held.range((height, 0)..=(height, u64::MAX)).next().is_some()
    }

    /// Returns how many messages wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Takes the messages of a height in the order in which they came, and drops older ones.
    pub(super) fn take(&mut self, height: u64) -> Vec<Held> {
        let later = self.held.split_off(&(height.saturating_add(1), 0));
        let taken = std::mem::replace(&mut self.held, later);
        let of = |((at, _), (_, held)): ((u64, u64), (ConsensusKey, Held))| {
            (at == height).then_some(held)
        };
        taken.into_iter().filter_map(of).collect()
    }

    fn hold(&mut self, height: u64, key: ConsensusKey, held: Held) {
        self.arrived = self.arrived.wrapping_add(1);
        self.held.insert((height, self.arrived), (key, held));
    }
}
