//! What the order keeps on disk: tags 0x50 to 0x53.

use super::timers::RoundTimer;
use magpie_protocol::{
    beacon::Beacon,
    codec::Format,
    consensus::{DecidedBlock, Polka, SignedProposal, SignedVote},
    keys::ConsensusKey,
    ledger::{Block, BlockHash, Tip, Validators},
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

/// What the next block has to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadRow {
    chain: magpie_protocol::ids::NetworkId,
    height: u64,
    hash: BlockHash,
    time_ms: u64,
    beacon: Beacon,
    validators: Validators,
}

impl Format for HeadRow {
    const NAME: &'static str = "ledger head row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 80 * VALIDATORS + 256;
}

impl HeadRow {
    /// Returns the row for a head.
    pub(super) fn new(head: &super::Head) -> Self {
        let Tip { chain, height, hash, time_ms, .. } = head.tip;
        let validators = head.validators.as_wire().clone();
        Self { chain, height, hash, time_ms, beacon: head.beacon, validators }
    }

    /// Returns the head of the row, or nothing if its validators are no set.
    pub(super) fn head(self) -> Option<super::Head> {
        let Self { chain, height, hash, time_ms, beacon, validators } = self;
        let validators = validators.verify().ok()?;
        let next_validators = validators.hash();
        let tip = Tip { chain, height, hash, time_ms, next_validators };
        Some(super::Head { tip, beacon, validators })
    }
}

/// The log of the height that is being decided, by height and place. Gone with the decision.
pub(super) const LOG: Table<(u64, u32), LogEntry> = Table::new("order log", 0x50);
/// Blocks of that height that may be voted for, by height and hash. Gone with the decision.
pub(super) const CANDIDATES: Table<(u64, [u8; 32]), Candidate> =
    Table::new("candidate blocks", 0x51);
/// Every decided block with its certificate, by height.
pub(super) const DECIDED: Table<u64, DecidedBlock> = Table::new("decided blocks", 0x52);
/// The last decided block; one row.
pub(super) const HEAD: Table<(), HeadRow> = Table::new("ledger head", 0x53);
