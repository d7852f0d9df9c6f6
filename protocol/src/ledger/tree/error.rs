//! Why the tree cannot be read or changed.

use super::NodePlace;
use crate::ledger::state::LeafKey;

/// Why the tree cannot be read or changed. Always ours: the store or the program is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    /// The store cannot be read.
    #[error(transparent)]
    Store(E),
    /// There is no tree of this height, or not any more.
    #[error("state tree: there is no root of height {0}")]
    Root(u64),
    /// A node that another names is not there.
    #[error("state tree: {0:?} is missing")]
    Missing(NodePlace),
    /// A node is not what the one above says.
    #[error("state tree: {0:?} does not belong there")]
    Misplaced(NodePlace),
    /// The bytes of a leaf are not those of its hash.
    #[error("state tree: the value of {0:?} at height {1} is missing or another")]
    Value(LeafKey, u64),
    /// A leaf would have more bytes than a proof can carry.
    #[error("state tree: {key:?} has {len} bytes")]
    LeafTooLong {
        /// The leaf.
        key: LeafKey,
        /// Its bytes.
        len: usize,
    },
    /// The library gave up.
    #[error("state tree: {0}")]
    Library(String),
}
