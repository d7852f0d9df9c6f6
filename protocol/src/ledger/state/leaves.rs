//! How leaves are read, and what a block changes of them.

use super::LeafKey;
use std::collections::BTreeMap;

/// What a block changes: each leaf's new bytes, or nothing for a leaf that goes.
pub type Changes = BTreeMap<LeafKey, Option<Vec<u8>>>;

/// Where leaves are read from.
pub trait Leaves {
    /// Why a leaf cannot be read. Always ours: the store is broken.
    type Error;

    /// Returns the bytes of a leaf, or nothing if there is no such leaf.
    fn leaf(&self, key: &LeafKey) -> Result<Option<Vec<u8>>, Self::Error>;
}
