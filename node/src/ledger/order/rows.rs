//! What the order keeps on disk: tags 0x50 and 0x51. Decided blocks and the head are the chain's.

use super::timers::RoundTimer;
use magpie_protocol::{
    codec::Format,
    consensus::{Polka, SignedProposal, SignedVote},
    keys::ConsensusKey,
    ledger::{Block, BlockHash},
    limits::{BLOCK, VALIDATORS},
};
use magpie_storage::table::Table;
use serde::{Deserialize, Serialize};

/// One entry of a height's log: what changed malachite's mind, written before it is acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum LogEntry {
    /// A vote, ours or another's; its signature held.
    Vote(SignedVote),
    /// A proposal, ours or another's; its signature held.
    Proposal(SignedProposal),
    /// What became of a block when it was checked, or that we made it.
    Value(Value),
    /// A wait that ended.
    Timeout(RoundTimer),
    /// A polka in one piece; its signatures held.
    Polka(Polka),
}

/// The verdict on a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Value {
    /// The round of the proposal that it came with.
    pub(super) round: u32,
    /// The block.
    pub(super) block: BlockHash,
    /// Who proposed it in that round.
    pub(super) proposer: ConsensusKey,
    /// Whether it may be voted for.
    pub(super) valid: bool,
}

impl LogEntry {
    /// Returns the round in which `key` said this, or made the block; nothing if it was another.
    pub(super) fn spoken_by(&self, key: ConsensusKey) -> Option<u32> {
        let (round, by) = match self {
            Self::Vote(of) => (of.vote.round, of.validator),
            Self::Proposal(of) => (of.proposal.round, of.validator),
            Self::Value(of) => (of.round, of.proposer),
            Self::Timeout(_) | Self::Polka(_) => return None,
        };
        (by == key).then_some(round)
    }
}

impl Format for LogEntry {
    const NAME: &'static str = "order log row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 96 * VALIDATORS + 128;
}

/// A block that may yet be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Candidate(pub(super) Block);

impl Format for Candidate {
    const NAME: &'static str = "candidate block row";
    const VERSION: u8 = 1;
    const LIMIT: usize = BLOCK;
}

/// The log of the height that is being decided, by height and place. Gone with the decision.
pub(super) const LOG: Table<(u64, u32), LogEntry> = Table::new("order log", 0x50);
/// Blocks of that height that may be voted for, by height and hash. Gone with the decision.
pub(super) const CANDIDATES: Table<(u64, [u8; 32]), Candidate> =
    Table::new("candidate blocks", 0x51);
