//! A vote and a proposal with the signature of the validator who made them.

use crate::{
    keys::ConsensusKey,
    ledger::{Proposal, Vote},
    sign::Signature,
};
use serde::{Deserialize, Serialize};

/// A vote and who signed it, unverified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedVote {
    /// The vote.
    pub vote: Vote,
    /// Whose.
    pub validator: ConsensusKey,
    /// Under the vote.
    pub signature: Signature,
}

impl SignedVote {
    /// Tells whether the named validator signed it.
    pub fn holds(&self) -> bool {
        self.vote.is_signed_by(self.validator, &self.signature)
    }
}

/// A proposal and who signed it, unverified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedProposal {
    /// The proposal.
    pub proposal: Proposal,
    /// Whose.
    pub validator: ConsensusKey,
    /// Under the proposal.
    pub signature: Signature,
}

impl SignedProposal {
    /// Tells whether the named validator signed it.
    pub fn holds(&self) -> bool {
        self.proposal.is_signed_by(self.validator, &self.signature)
    }
}
