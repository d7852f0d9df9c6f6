//! What a block writes of the tree.

use super::{NodePlace, TreeNode};
use crate::ledger::{
    StateRoot,
    state::{Changes, LeafKey},
};
use std::collections::{BTreeMap, BTreeSet};

/// A row that only heights before the batch's need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// A node.
    Node(NodePlace),
    /// A value of a leaf, or the mark that the leaf went.
    Value {
        /// The height at which the leaf got it.
        height: u64,
        /// The leaf.
        key: LeafKey,
    },
}

/// The rows of one height, to be written together with its block.
///
/// What is stale may be removed once no height before this one is read any more: in order, so
/// that a root goes before what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeBatch {
    /// The height.
    pub height: u64,
    /// New nodes.
    pub nodes: BTreeMap<NodePlace, TreeNode>,
    /// New bytes of leaves, or nothing for a leaf that went.
    pub values: Changes,
    /// What heights from this one on do not need.
    pub stale: BTreeSet<Stale>,
}

impl NodeBatch {
    /// Returns the root that it writes for its height, or nothing if it writes none.
    pub fn root(&self) -> Option<StateRoot> {
        Some(StateRoot(self.nodes.get(&NodePlace::root(self.height))?.hash()))
    }
}
