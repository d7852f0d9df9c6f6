//! Where nodes and the bytes of leaves are read from.

use super::{NodePlace, TreeNode};
use crate::ledger::state::LeafKey;

/// The bytes that a leaf had from some height on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptValue {
    /// The height at which it got them.
    pub height: u64,
    /// The bytes, or nothing if it went then.
    pub bytes: Option<Vec<u8>>,
}

/// A store of nodes and values.
pub trait Nodes {
    /// Why a row cannot be read. Always ours: the store is broken.
    type Error;

    /// Returns the node at a place.
    fn node(&self, place: &NodePlace) -> Result<Option<TreeNode>, Self::Error>;

    /// Returns the newest value of a leaf that is not newer than `height`.
    fn value(&self, key: &LeafKey, height: u64) -> Result<Option<KeptValue>, Self::Error>;
}
