//! The proof of one leaf, or of its absence: what a wallet checks against a header's root.

use super::hash::{EMPTY, Hash, branch_hash, leaf_hash, value_hash};
use crate::{
    bounded::{Blob, List},
    codec::Format,
    ledger::{StateRoot, state::LeafKey},
    limits::{STATE_DEPTH, STATE_LEAF, STATE_PROOF},
};
use serde::{Deserialize, Serialize};

/// What stands where the way towards a leaf's place ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofEnd {
    /// The leaf: its bytes.
    Leaf(Blob<STATE_LEAF>),
    /// Another leaf, alone in the part where the one asked for would stand.
    Other {
        /// Its place.
        key: [u8; 32],
        /// SHA-256 of its bytes.
        value: [u8; 32],
    },
    /// A part without leaves.
    Empty,
}

/// The way from a leaf's place to the root, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateProof {
    pub(super) end: ProofEnd,
    /// From the end upwards; a part without leaves is nothing.
    pub(super) siblings: List<Option<[u8; 32]>, STATE_DEPTH>,
}

impl Format for StateProof {
    const NAME: &'static str = "state proof";
    const VERSION: u8 = 1;
    const LIMIT: usize = STATE_PROOF;
}

/// Why a proof proves nothing. The fault of whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It leads to another root.
    #[error("state proof of {key:?}: it leads to {found}, not to {expected}")]
    Root {
        /// The leaf's place.
        key: LeafKey,
        /// The root of the header.
        expected: StateRoot,
        /// Where it leads.
        found: StateRoot,
    },
    /// The other leaf that it shows says nothing of this one.
    #[error("state proof of {key:?}: {other:?} does not stand in its place")]
    Other {
        /// The leaf's place.
        key: LeafKey,
        /// The leaf shown.
        other: LeafKey,
    },
    /// A part without leaves is written out.
    #[error("state proof of {0:?}: a part without leaves is nothing, not its hash")]
    Spelling(LeafKey),
}

impl StateProof {
    /// Returns a proof that its maker answers for.
    pub(super) const fn new(end: ProofEnd, siblings: List<Option<Hash>, STATE_DEPTH>) -> Self {
        Self { end, siblings }
    }

    /// Returns what stands where the way ends.
    pub const fn end(&self) -> &ProofEnd {
        &self.end
    }

    /// Returns how many levels above it there are.
    pub fn depth(&self) -> usize {
        self.siblings.len()
    }

    /// Returns the bytes of the leaf at `key` under `root`, or nothing if there is none.
    ///
    /// Errors: [`ProofError`].
    pub fn verify(&self, root: &StateRoot, key: &LeafKey) -> Result<Option<&[u8]>, ProofError> {
        let depth = self.siblings.len();
        let (mut hash, found) = match &self.end {
            ProofEnd::Leaf(bytes) => (leaf_hash(key, &value_hash(bytes)), Some(&**bytes)),
            ProofEnd::Other { key: other, value } => {
                let other = LeafKey(*other);
                if other == *key || (0..depth).any(|level| bit(key, level) != bit(&other, level)) {
                    return Err(ProofError::Other { key: *key, other });
                }
                (leaf_hash(&other, value), None)
            }
            ProofEnd::Empty => (EMPTY, None),
        };
        for (sibling, level) in self.siblings.iter().zip((0..depth).rev()) {
            if *sibling == Some(EMPTY) {
                return Err(ProofError::Spelling(*key));
            }
            let sibling = sibling.unwrap_or(EMPTY);
            hash = match bit(key, level) {
                false => branch_hash(&hash, &sibling),
                true => branch_hash(&sibling, &hash),
            };
        }
        let (expected, leads) = (*root, StateRoot(hash));
        if leads == expected {
            Ok(found)
        } else {
            Err(ProofError::Root { key: *key, expected, found: leads })
        }
    }
}

/// Tells which half of `level` a place is in, the root's level being 0: its bits from the highest
/// of the first byte on.
fn bit(key: &LeafKey, level: usize) -> bool {
    let byte = key.0.get(level / 8).copied().unwrap_or_default();
    byte >> (7 - level % 8) & 1 == 1
}
