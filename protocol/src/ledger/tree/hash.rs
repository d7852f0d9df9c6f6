//! The hashes of the tree: SHA-256, as the library defines them.
//!
//! An empty part is a constant, a leaf and a branch hash under strings of their own.

use super::super::{StateRoot, state::LeafKey};
use sha2::{Digest, Sha256};

/// A hash in the tree.
pub(super) type Hash = [u8; 32];

/// What stands for a part of the tree without leaves.
pub(super) const EMPTY: Hash = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// The root of a tree without leaves.
pub const EMPTY_ROOT: StateRoot = StateRoot(EMPTY);

/// Returns the hash of a leaf's bytes.
pub(super) fn value_hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Returns the hash of a leaf: its place and the hash of its bytes.
pub(super) fn leaf_hash(key: &LeafKey, value: &Hash) -> Hash {
    hash(b"JMT::LeafNode", &key.0, value)
}

/// Returns the hash of a branch over its two halves. The string is the library's, without a vowel.
pub(super) fn branch_hash(left: &Hash, right: &Hash) -> Hash {
    hash(b"JMT::IntrnalNode", left, right)
}

fn hash(domain: &[u8], first: &Hash, second: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher.update(first);
    hasher.update(second);
    hasher.finalize().into()
}
