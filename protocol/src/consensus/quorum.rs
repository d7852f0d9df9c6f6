//! Votes of many validators in one message: a polka, and what ends a round.
//!
//! Order, strangers and power are checked before any signature, so that a forged one costs less to
//! refuse than to send.

use crate::{
    bounded::List,
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{BlockHash, CommitSignature, Step, ValidatorSet, Vote},
    limits::VALIDATORS,
    sign::Signature,
};
use serde::{Deserialize, Serialize};

/// The prevotes of more than two thirds for one block of a round, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polka {
    /// The height.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// The block.
    pub block: BlockHash,
    /// The prevotes, ascending by validator.
    pub signatures: List<CommitSignature, VALIDATORS>,
}

/// Why a round is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoundEndKind {
    /// More than a third is in this round already: whoever is in an earlier one skips to it.
    Skip,
    /// More than two thirds precommitted in this round: the next one begins.
    Precommits,
}

/// One vote of a [`RoundEnd`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundVote {
    /// Whose.
    pub validator: ConsensusKey,
    /// Which vote of the round.
    pub step: Step,
    /// For which block, or for none.
    pub block: Option<BlockHash>,
    /// Under the vote.
    pub signature: Signature,
}

/// The votes that let a validator leave a round, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundEnd {
    /// The height.
    pub height: u64,
    /// The round that was voted in.
    pub round: u32,
    /// Why it is over.
    pub kind: RoundEndKind,
    /// The votes, ascending by validator, one of each.
    pub votes: List<RoundVote, VALIDATORS>,
}

/// Why votes of many are not what they say. The fault of whoever sent them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuorumError {
    /// One validator stands twice, or they are not in order.
    #[error("votes of height {height}: validators ascend and differ; {validator} does not")]
    Order {
        /// The height.
        height: u64,
        /// The validator that does not follow.
        validator: ConsensusKey,
    },
    /// Somebody signed who does not vote.
    #[error("votes of height {height}: {validator} does not vote")]
    Stranger {
        /// The height.
        height: u64,
        /// The stranger.
        validator: ConsensusKey,
    },
    /// Who signed has too little power.
    #[error("votes of height {height}: {power} of {total} is too little")]
    Power {
        /// The height.
        height: u64,
        /// The power of who signed.
        power: u64,
        /// The power of all.
        total: u64,
    },
    /// A prevote where only precommits count.
    #[error("votes of height {height}: {validator} prevoted, only precommits count")]
    Step {
        /// The height.
        height: u64,
        /// Whose.
        validator: ConsensusKey,
    },
    /// A signature does not hold.
    #[error("votes of height {height}: the signature of {validator} does not hold")]
    Signature {
        /// The height.
        height: u64,
        /// Whose.
        validator: ConsensusKey,
    },
}

/// Returns the power of validators that ascend, differ and vote.
fn power(
    height: u64,
    set: &ValidatorSet,
    validators: impl Iterator<Item = ConsensusKey>,
) -> Result<u64, QuorumError> {
    let mut before = None;
    let mut power = 0_u64;
    for validator in validators {
        if before.is_some_and(|before| before >= validator) {
            return Err(QuorumError::Order { height, validator });
        }
        before = Some(validator);
        let known = set.get(validator).ok_or(QuorumError::Stranger { height, validator })?;
        // Different validators of one set have no more than the set.
        power = power.saturating_add(known.power);
    }
    Ok(power)
}

impl Polka {
    /// Checks that validators of this set with over two thirds of its power prevoted for the block
    /// on this chain. Errors: [`QuorumError`].
    pub fn verify(&self, chain: NetworkId, set: &ValidatorSet) -> Result<(), QuorumError> {
        let Self { height, round, block, ref signatures } = *self;
        let power = power(height, set, signatures.iter().map(|each| each.validator))?;
        if !set.decides(power) {
            return Err(QuorumError::Power { height, power, total: set.power() });
        }
        let vote = Vote { chain, height, round, step: Step::Prevote, block: Some(block) };
        for CommitSignature { validator, signature } in signatures.iter() {
            if !vote.is_signed_by(*validator, signature) {
                return Err(QuorumError::Signature { height, validator: *validator });
            }
        }
        Ok(())
    }
}

impl RoundEnd {
    /// Checks that validators of this set with enough power voted so on this chain.
    /// Errors: [`QuorumError`].
    pub fn verify(&self, chain: NetworkId, set: &ValidatorSet) -> Result<(), QuorumError> {
        let Self { height, round, kind, ref votes } = *self;
        let power = power(height, set, votes.iter().map(|each| each.validator))?;
        let enough = match kind {
            RoundEndKind::Skip => set.has_honest(power),
            RoundEndKind::Precommits => set.decides(power),
        };
        if !enough {
            return Err(QuorumError::Power { height, power, total: set.power() });
        }
        let prevote = votes.iter().find(|each| each.step == Step::Prevote);
        if let (RoundEndKind::Precommits, Some(RoundVote { validator, .. })) = (kind, prevote) {
            return Err(QuorumError::Step { height, validator: *validator });
        }
        for RoundVote { validator, step, block, signature } in votes.iter() {
            let vote = Vote { chain, height, round, step: *step, block: *block };
            if !vote.is_signed_by(*validator, signature) {
                return Err(QuorumError::Signature { height, validator: *validator });
            }
        }
        Ok(())
    }
}
