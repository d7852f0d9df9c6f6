//! Four levels of the tree as one row: up to sixteen children.

use super::hash::{EMPTY, Hash, branch_hash};
use crate::bounded::{List, TooMany};
use serde::{Deserialize, Serialize};

/// Children that a branch may have.
const CHILDREN: usize = 16;

/// What stands below a branch at one of its sixteen places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// Its place, below 16.
    pub nibble: u8,
    /// Its hash.
    pub hash: [u8; 32],
    /// The height at which it was made.
    pub height: u64,
    /// The leaves in it; one is a leaf itself.
    pub leaves: u64,
}

impl Child {
    /// Tells whether this is a leaf, not a branch.
    pub const fn is_leaf(&self) -> bool {
        self.leaves == 1
    }
}

/// A part of the tree with two leaves or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "List<Child, CHILDREN>", into = "List<Child, CHILDREN>")]
pub struct Branch {
    children: List<Child, CHILDREN>,
    leaves: u64,
}

/// Why children are no branch. Ours: a row is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BranchError {
    /// There are too many.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// They do not stand in order, or at a place that is none.
    #[error("a branch's children ascend, below 16; {0} does not")]
    Order(u8),
    /// A part without leaves is not written down.
    #[error("the child at {0} has no leaves")]
    Empty(u8),
    /// One leaf stands above, and so many cannot be counted.
    #[error("a branch has two leaves or more, and fewer than 2^64")]
    Leaves,
}

impl Branch {
    /// Returns the branch over these children, ascending by place. Errors: [`BranchError`].
    pub fn new(children: Vec<Child>) -> Result<Self, BranchError> {
        Self::try_from(List::new(children)?)
    }

    /// Returns the children, ascending by place.
    pub fn children(&self) -> &[Child] {
        &self.children
    }

    /// Returns the leaves in it.
    pub const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Returns the child at `nibble`.
    pub(super) fn child(&self, nibble: u8) -> Option<&Child> {
        let at = self.children.binary_search_by_key(&nibble, |child| child.nibble);
        self.children.get(at.ok()?)
    }

    /// Goes down towards `nibble`: adds the sibling of each level to `siblings`, the empty ones as
    /// nothing, and returns the child that it ends at, or nothing at an empty part.
    pub(super) fn descend(&self, nibble: u8, siblings: &mut Vec<Option<Hash>>) -> Option<&Child> {
        for width in [8_u8, 4, 2, 1] {
            let start = nibble & !(width - 1);
            let sibling = self.hash_of(start ^ width, width);
            siblings.push((sibling != EMPTY).then_some(sibling));
            match self.within(start, width) {
                [] => return None,
                // A leaf that is alone in a part stands for the part.
                [child] if child.is_leaf() || width == 1 => return Some(child),
                _ => {}
            }
        }
        None
    }

    /// Returns the children at `width` places from `start` on.
    fn within(&self, start: u8, width: u8) -> &[Child] {
        let from = self.children.partition_point(|child| child.nibble < start);
        let end = self.children.partition_point(|child| child.nibble < start.saturating_add(width));
        self.children.get(from..end).unwrap_or_default()
    }

    fn hash_of(&self, start: u8, width: u8) -> Hash {
        match self.within(start, width) {
            [] => EMPTY,
            [child] if child.is_leaf() || width == 1 => child.hash,
            _ => {
                let half = width / 2;
                branch_hash(
                    &self.hash_of(start, half),
                    &self.hash_of(start.saturating_add(half), half),
                )
            }
        }
    }

    /// Returns the hash of the whole.
    pub(super) fn hash(&self) -> Hash {
        self.hash_of(0, 16)
    }
}

impl TryFrom<List<Child, CHILDREN>> for Branch {
    type Error = BranchError;

    fn try_from(children: List<Child, CHILDREN>) -> Result<Self, BranchError> {
        let mut before = None;
        let mut leaves = 0_u64;
        for Child { nibble, leaves: own, .. } in children.iter() {
            if *nibble >= 16 || before.is_some_and(|before| before >= *nibble) {
                return Err(BranchError::Order(*nibble));
            }
            before = Some(*nibble);
            if *own == 0 {
                return Err(BranchError::Empty(*nibble));
            }
            leaves = leaves.checked_add(*own).ok_or(BranchError::Leaves)?;
        }
        if leaves < 2 { Err(BranchError::Leaves) } else { Ok(Self { children, leaves }) }
    }
}

impl From<Branch> for List<Child, CHILDREN> {
    fn from(branch: Branch) -> Self {
        branch.children
    }
}
