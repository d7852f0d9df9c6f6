//! A header that whoever hands out a network file vouches for.

use crate::ledger::BlockHash;
use serde::{Deserialize, Serialize};

/// A decided header by its hash: who has the file believes no chain without it (page 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Its height, from 1.
    pub height: u64,
    /// Its hash.
    pub hash: BlockHash,
}
