//! A block: a header and the entries whose root it names.

use super::{
    EntriesRoot, Entry, EntryError, EntryId, Header, MerklePath, Pace,
    merkle::{self, MerkleHash, Tree},
};
use crate::{
    bounded::List,
    codec::{EncodeError, Format, encode},
    digest::digest,
    domain::{ENTRIES_ROOT, ENTRIES_TREE},
    limits::{BLOCK, BLOCK_ENTRIES},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A block, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The entries, in the order in which they are executed.
    pub entries: List<Entry, BLOCK_ENTRIES>,
}

impl Format for Block {
    const NAME: &'static str = "block";
    const VERSION: u8 = 1;
    const LIMIT: usize = BLOCK;
}

/// Why a block is refused, whatever its entries do. The fault of whoever proposed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// The entries are not those of the header.
    #[error("block of height {height}: the entries are {found}, not {expected}")]
    Entries {
        /// The height.
        height: u64,
        /// The root that the header names.
        expected: EntriesRoot,
        /// The root of the entries.
        found: EntriesRoot,
    },
    /// One entry stands twice.
    #[error("block of height {height}: entry {entry} stands twice")]
    Twice {
        /// The height.
        height: u64,
        /// The entry.
        entry: EntryId,
    },
    /// There are more entries, or bytes, than the genesis allows.
    #[error("block of height {height}: {found} {what}, at most {most} are allowed")]
    TooMany {
        /// The height.
        height: u64,
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: u32,
    },
    /// An entry does not fit its format.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

fn tree(ids: &[EntryId]) -> Tree {
    Tree::new(
        ENTRIES_TREE,
        ids.iter().map(|id| merkle::leaf(ENTRIES_TREE, id.as_bytes())).collect(),
    )
}

/// Binds the number of entries to the root of their tree, which alone says nothing of it.
fn bound(count: u64, root: &MerkleHash) -> EntriesRoot {
    let mut bytes = [0; 40];
    bytes[..8].copy_from_slice(&count.to_be_bytes());
    bytes[8..].copy_from_slice(root);
    EntriesRoot(digest(ENTRIES_ROOT, &bytes))
}

/// Returns what a header names of these entries, in this order: a hash of their number (8 bytes,
/// highest first) and the root of their tree.
pub fn entries_root(ids: &[EntryId]) -> EntriesRoot {
    bound(ids.len() as u64, &tree(ids).root())
}

/// Returns the path that shows the entry at `index` to be in a block, or nothing if there is none.
pub fn entry_path(ids: &[EntryId], index: usize) -> Option<MerklePath> {
    tree(ids).path(index)
}

impl MerklePath {
    /// Tells whether `entry` is one of the `count` entries under `root`.
    ///
    /// The root binds the number, so who shows the path may name it: a wrong one leads nowhere.
    pub fn leads_to_entry(&self, entry: EntryId, count: u32, root: EntriesRoot) -> bool {
        let leaf = merkle::leaf(ENTRIES_TREE, entry.as_bytes());
        let found = self.root(ENTRIES_TREE, leaf, count);
        found.is_some_and(|found| bound(count.into(), &found) == root)
    }
}

impl Block {
    /// Checks that the entries are the header's, different, and not too many, and returns their
    /// ids in order. Each is still to be verified.
    pub fn check(&self, pace: &Pace) -> Result<Vec<EntryId>, BlockError> {
        let height = self.header.height;
        let too_many = |what, found: usize, most: u32| {
            let within = u32::try_from(found).is_ok_and(|found| found <= most);
            if within { Ok(()) } else { Err(BlockError::TooMany { height, what, found, most }) }
        };
        too_many("entries", self.entries.len(), pace.entries)?;
        too_many("bytes", encode(self)?.len(), pace.bytes)?;
        let ids = self.entries.iter().map(Entry::id).collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(entry) = ids.iter().find(|id| !seen.insert(**id)) {
            return Err(BlockError::Twice { height, entry: *entry });
        }
        let found = entries_root(&ids);
        if found != self.header.entries {
            return Err(BlockError::Entries { height, expected: self.header.entries, found });
        }
        Ok(ids)
    }
}
