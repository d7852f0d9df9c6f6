//! Nodes of the tree as they are kept, and where they stand.

use super::{
    Branch,
    hash::{EMPTY, Hash, leaf_hash},
};
use crate::{codec::Format, ledger::state::LeafKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Nibbles of a leaf's place: the most levels of branches.
pub(super) const NIBBLES: u8 = 64;

/// Where a node stands: the height at which it was made, and the nibbles that lead to it.
///
/// Places sort by depth: roots come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodePlace {
    /// How many nibbles lead to it, at most 64.
    pub depth: u8,
    /// The height at which it was made.
    pub height: u64,
    /// The nibbles, two in a byte, the rest zero.
    pub path: [u8; 32],
}

impl NodePlace {
    /// Returns where the root of a height stands.
    pub const fn root(height: u64) -> Self {
        Self { height, depth: 0, path: [0; 32] }
    }

    /// Returns where a child made at `height` stands, or nothing below the last level.
    pub(super) fn child(&self, nibble: u8, height: u64) -> Option<Self> {
        let Self { depth, mut path, .. } = *self;
        let byte = path.get_mut(usize::from(depth / 2))?;
        *byte |= if depth.is_multiple_of(2) { nibble << 4 } else { nibble & 0x0f };
        Some(Self { height, depth: depth.saturating_add(1), path })
    }

    /// Tells whether the nibbles lead towards `key`.
    pub(super) fn leads_to(&self, key: &LeafKey) -> bool {
        (0..self.depth).all(|depth| nibble_of(&self.path, depth) == nibble_of(&key.0, depth))
    }
}

impl fmt::Debug for NodePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = hex::encode(self.path);
        let nibbles = path.get(..usize::from(self.depth)).unwrap_or(&path);
        write!(f, "NodePlace({}/{nibbles})", self.height)
    }
}

/// Returns the nibble at `depth` of a place, or nothing behind its end.
pub(super) fn nibble_of(path: &[u8; 32], depth: u8) -> Option<u8> {
    let byte = *path.get(usize::from(depth / 2))?;
    Some(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f })
}

/// A node as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TreeNode {
    /// The root of a tree without leaves.
    Empty,
    /// A leaf: its place and the hash of its bytes.
    Leaf {
        /// The leaf's [`LeafKey`].
        key: [u8; 32],
        /// SHA-256 of its bytes.
        value: [u8; 32],
    },
    /// A part with two leaves or more.
    Branch(Branch),
}

impl Format for TreeNode {
    const NAME: &'static str = "state tree node";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16 * 64 + 16;
}

impl TreeNode {
    /// Returns the hash of the node.
    pub(super) fn hash(&self) -> Hash {
        match self {
            Self::Empty => EMPTY,
            Self::Leaf { key, value } => leaf_hash(&LeafKey(*key), value),
            Self::Branch(branch) => branch.hash(),
        }
    }
}
