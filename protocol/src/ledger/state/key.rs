//! Where a leaf stands in the tree.

use crate::domain::LEAF_KEY;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// The place of a leaf of state: SHA-256 over a domain, the leaf's kind and its identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeafKey(pub [u8; 32]);

impl LeafKey {
    /// Returns the place of the leaf of this kind that is called so.
    ///
    /// The hash is over the domain, a zero byte, the kind and the parts of the identity. All
    /// parts of one kind have fixed lengths, so no two identities run into one.
    pub(super) fn new(kind: u8, identity: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(LEAF_KEY.as_str());
        hasher.update([0, kind]);
        for part in identity {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl fmt::Debug for LeafKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeafKey({})", hex::encode(self.0))
    }
}
