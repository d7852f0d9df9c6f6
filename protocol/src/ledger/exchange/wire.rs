//! The one request and the one answer.

use super::DecidedHeader;
use crate::{
    bounded::List,
    codec::Format,
    consensus::Message,
    ledger::{Entry, EntryId, Validators, ValidatorsHash, state::LeafKey, tree::StateProof},
    limits::{CONSENSUS_MESSAGE, PROVEN_LEAVES, STATE_PROOF},
};
use serde::{Deserialize, Serialize};

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// What one super node tells another to order the ledger; answered by [`Answer::Done`].
    Consensus(Box<Message>),
    /// An entry that shall stand in a block. A super node hands one that is new to it on to the
    /// others, unless it came from one of them. Answered by [`Answer::Waits`] or a refusal.
    Submit(Box<Entry>),
    /// The newest header, and the leaves under it; answered by [`Answer::Proven`].
    Prove {
        /// Who votes after the newest header that the asker believes.
        knows: ValidatorsHash,
        /// The leaves; maybe none.
        keys: List<LeafKey, PROVEN_LEAVES>,
    },
    /// The decided header of a height; answered by [`Answer::Header`].
    Header(u64),
}

impl Format for Request {
    const NAME: &'static str = "ledger request";
    const VERSION: u8 = 1;
    const LIMIT: usize = CONSENSUS_MESSAGE + 64;
}

impl Request {
    /// Tells whether bytes say that they are a [`Self::Consensus`] of this version, without reading
    /// more of them: only super nodes may send one.
    pub const fn is_consensus(bytes: &[u8]) -> bool {
        matches!(bytes, [Self::VERSION, 0, ..])
    }
}

/// The newest header of a super node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    /// The header.
    pub decided: DecidedHeader,
    /// Who votes after it, if that is not who the asker knows.
    pub next: Option<Validators>,
}

/// Leaves under the newest header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The header.
    pub newest: Newest,
    /// A proof for each leaf, in the order in which they were asked for.
    pub proofs: List<StateProof, PROVEN_LEAVES>,
}

/// Why a super node does not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The entry could not stand in the next block; the proven leaves say why.
    #[error("the entry does not hold")]
    Entry,
    /// Another entry waits already that would do the same, or stands where this one would.
    #[error("an entry that would do the same waits")]
    Occupied(EntryId),
    /// There is no room for the entry now.
    #[error("there is no room")]
    Full,
    /// No block is decided yet, or none of this height is kept.
    #[error("there is no such header")]
    NoHeader,
    /// The peer asks too much: again after so many seconds.
    #[error("wait {0} s")]
    Wait(u16),
    /// Only super nodes order the ledger.
    #[error("not from this node")]
    NotYours,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It was taken in.
    Done,
    /// The entry waits for a block.
    Waits(EntryId),
    /// The newest header with the leaves.
    Proven(Box<Proven>),
    /// The header asked for.
    Header(Box<DecidedHeader>),
    /// It was not done.
    Refused(Refusal),
}

impl Format for Answer {
    const NAME: &'static str = "ledger answer";
    const VERSION: u8 = 1;
    const LIMIT: usize =
        DecidedHeader::LIMIT + Validators::LIMIT + PROVEN_LEAVES * STATE_PROOF + 256;
}
