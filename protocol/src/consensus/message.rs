//! The one message between validators.

use super::{Polka, RoundEnd, SignedProposal, SignedVote};
use crate::{
    bounded::List,
    codec::Format,
    ledger::{Block, BlockHash, Certificate},
    limits::{BLOCK, CONSENSUS_MESSAGE, SYNC_BLOCKS, VALIDATORS},
};
use serde::{Deserialize, Serialize};

/// A block with the certificate that decided it, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedBlock {
    /// The block.
    pub block: Block,
    /// That it was decided.
    pub certificate: Certificate,
}

impl Format for DecidedBlock {
    const NAME: &'static str = "decided block";
    const VERSION: u8 = 1;
    const LIMIT: usize = BLOCK + 96 * VALIDATORS + 64;
}

/// What one validator tells another, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// A vote.
    Vote(SignedVote),
    /// A proposal. The block is there when it is proposed for the first time; who lacks it later
    /// asks with [`Self::Want`].
    Proposal(SignedProposal, Option<Box<Block>>),
    /// The polka of a block that is proposed again.
    Polka(Polka),
    /// What let the sender enter its round.
    RoundEnd(RoundEnd),
    /// The height of the last block that the sender has decided.
    Status(u64),
    /// Asks for a proposal of a round with its block; answered by [`Self::Proposal`].
    Want {
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// The block.
        block: BlockHash,
    },
    /// Asks for decided blocks from this height on; answered by [`Self::Decided`].
    Sync(u64),
    /// Decided blocks, one after the other, as many as fit; never none.
    Decided(List<DecidedBlock, SYNC_BLOCKS>),
}

impl Format for Message {
    const NAME: &'static str = "consensus message";
    const VERSION: u8 = 1;
    const LIMIT: usize = CONSENSUS_MESSAGE;
}
