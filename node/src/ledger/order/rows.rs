//! What the order keeps on disk: tags 0x50 to 0x52. Decided blocks and the head are the chain's.

use super::timers::RoundTimer;
use magpie_protocol::{
    codec::Format,
    consensus::{Polka, SignedProposal, SignedVote},
    keys::ConsensusKey,
    ledger::{Block, BlockHash, Evidence},
    limits::{BLOCK, VALIDATORS},
};
use magpie_storage::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Returns who said this, or made the block, and in which round; nobody alone says a wait's end
    /// or a polka.
    pub(super) fn share(&self) -> Share {
        match self {
            Self::Vote(of) => (Some(of.validator), of.vote.round),
            Self::Proposal(of) => (Some(of.validator), of.proposal.round),
            Self::Value(of) => (Some(of.proposer), of.round),
            Self::Timeout(of) => (None, of.round),
            Self::Polka(of) => (None, of.round),
        }
    }

    /// Returns the round in which `key` said this, or made the block; nothing if it was another.
    pub(super) fn spoken_by(&self, key: ConsensusKey) -> Option<u32> {
        let (by, round) = self.share();
        (by == Some(key)).then_some(round)
    }
}

/// Whose entries of which round: each has a share of the log.
pub(super) type Share = (Option<ConsensusKey>, u32);

/// Entries of the log that one validator can cause in one round. An honest one needs six: two votes,
/// a proposal, a verdict, and what it says again after malachite forgot it.
pub(super) const SHARE: u32 = 16;

/// How much of each share is used.
#[derive(Debug, Default)]
pub(super) struct Shares(BTreeMap<Share, u32>);

impl Shares {
    /// Counts an entry.
    pub(super) fn count(&mut self, entry: &LogEntry) {
        let used = self.0.entry(entry.share()).or_default();
        *used = used.saturating_add(1);
    }

    /// Tells whether so many entries more fit into a share.
    pub(super) fn has_room(&self, share: Share, entries: u32) -> bool {
        let used = self.0.get(&share).copied().unwrap_or_default();
        used.saturating_add(entries) <= SHARE
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

/// The height at which two things were said, and who said them.
pub(super) type EvidenceKey = (u64, [u8; 32]);

/// Evidence that no block holds yet. Gone with the block that holds it, or when it is too old.
pub(super) const EVIDENCE: Table<EvidenceKey, Evidence> = Table::new("order evidence", 0x52);
