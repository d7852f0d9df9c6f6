//! Merkle trees in the shape of RFC 6962: leaves hash under 0x00, nodes under 0x01, and the left
//! half is the largest power of two below the whole.
//!
//! In: leaves and the tree's domain. Out: a root, and for one leaf a [`MerklePath`] that proves to
//! who knows root and number of leaves that it is among them.

use crate::{bounded::List, digest::digest, domain::Domain, limits::MERKLE_DEPTH};
use serde::{Deserialize, Serialize};

/// A node or leaf of a tree.
pub type MerkleHash = [u8; 32];

/// The way from one leaf to the root, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerklePath {
    /// The leaf's place, from 0.
    pub index: u32,
    /// The siblings on the way, from the leaf upwards.
    pub siblings: List<MerkleHash, MERKLE_DEPTH>,
}

/// Returns the hash of a leaf's data.
pub(super) fn leaf(domain: Domain, data: &[u8]) -> MerkleHash {
    let mut bytes = Vec::with_capacity(1 + data.len());
    bytes.push(0);
    bytes.extend_from_slice(data);
    digest(domain, &bytes)
}

fn node(domain: Domain, left: &MerkleHash, right: &MerkleHash) -> MerkleHash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    digest(domain, &bytes)
}

/// A tree with all its levels, the leaves first and the root last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    domain: Domain,
    levels: Vec<Vec<MerkleHash>>,
}

impl Tree {
    /// Builds the tree over hashes that [`leaf`] made, of which its caller bounds the number.
    pub(super) fn new(domain: Domain, leaves: Vec<MerkleHash>) -> Self {
        let mut level = leaves;
        let mut levels = Vec::new();
        while level.len() > 1 {
            // A node without a sibling rises as it is: that is RFC 6962's split, from below.
            let (pairs, alone) = level.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| node(domain, left, right));
            let above = above.chain(alone.iter().copied()).collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { domain, levels }
    }

    /// Returns the root; of no leaves, the hash of nothing.
    pub(super) fn root(&self) -> MerkleHash {
        let top = self.levels.last().and_then(|level| level.first());
        top.copied().unwrap_or_else(|| digest(self.domain, &[]))
    }

    /// Returns the path of the leaf at `index`, or nothing if there is none or it is too deep.
    pub(super) fn path(&self, index: usize) -> Option<MerklePath> {
        self.levels.first()?.get(index)?;
        let mut siblings = List::default();
        for (height, level) in self.levels.iter().enumerate() {
            if let Some(sibling) = level.get((index >> height) ^ 1) {
                siblings.push(*sibling).ok()?;
            }
        }
        Some(MerklePath { index: u32::try_from(index).ok()?, siblings })
    }
}

impl MerklePath {
    /// Tells whether `leaf` stands at this place of the tree with this root and number of leaves.
    pub(super) fn leads(
        &self,
        domain: Domain,
        leaf: MerkleHash,
        leaves: u32,
        root: &MerkleHash,
    ) -> bool {
        self.root(domain, leaf, leaves).is_some_and(|found| found == *root)
    }

    /// Returns the root of the tree of so many leaves in which `leaf` stands at this place, or
    /// nothing if there is no such place or the path is too short or too long (RFC 9162, 2.1.3.2).
    pub(super) fn root(&self, domain: Domain, leaf: MerkleHash, leaves: u32) -> Option<MerkleHash> {
        let mut last = leaves.checked_sub(1)?;
        let mut at = self.index;
        if at > last {
            return None;
        }
        let mut hash = leaf;
        for sibling in self.siblings.iter() {
            if last == 0 {
                return None;
            }
            if at & 1 == 1 || at == last {
                hash = node(domain, sibling, &hash);
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node(domain, &hash, sibling);
            }
            at >>= 1;
            last >>= 1;
        }
        (last == 0).then_some(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::MEMBERS_TREE, golden};
    use proptest::prelude::*;

    fn leaves(count: u32) -> Vec<MerkleHash> {
        (0..count).map(|number| leaf(MEMBERS_TREE, &number.to_be_bytes())).collect()
    }

    /// RFC 6962's own definition, from above.
    fn defined(leaves: &[MerkleHash]) -> MerkleHash {
        match leaves {
            [] => digest(MEMBERS_TREE, &[]),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
                node(MEMBERS_TREE, &defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn golden_root_of_five() {
        let tree = Tree::new(MEMBERS_TREE, leaves(5));
        golden::check("ledger_merkle_root", tree.root().to_vec());
    }

    #[test]
    fn the_tree_is_the_one_of_the_rfc_and_every_path_leads() {
        for count in (0..70).chain([1_000]) {
            let leaves = leaves(count);
            let tree = Tree::new(MEMBERS_TREE, leaves.clone());
            let root = tree.root();
            assert_eq!(root, defined(&leaves), "{count} leaves");
            for (index, leaf) in leaves.iter().enumerate() {
                let path = tree.path(index).unwrap();
                assert!(path.leads(MEMBERS_TREE, *leaf, count, &root), "{index} of {count}");
                assert!(!path.leads(MEMBERS_TREE, [0; 32], count, &root));
                assert!(!path.leads(MEMBERS_TREE, *leaf, 0, &root));
            }
            assert_eq!(tree.path(leaves.len()), None);
        }
    }

    #[test]
    fn a_node_is_no_leaf() {
        let leaves = leaves(4);
        let tree = Tree::new(MEMBERS_TREE, leaves.clone());
        // The second preimage: an inner node given out as the leaf of a smaller tree.
        let inner = node(MEMBERS_TREE, &leaves[0], &leaves[1]);
        let mut data = Vec::new();
        data.extend_from_slice(&leaves[0]);
        data.extend_from_slice(&leaves[1]);
        assert_ne!(leaf(MEMBERS_TREE, &data), inner);
        let mut path = tree.path(0).unwrap();
        path.siblings = List::new(path.siblings[1..].to_vec()).unwrap();
        assert!(!path.leads(MEMBERS_TREE, inner, 4, &tree.root()));
    }

    proptest! {
        #[test]
        fn a_path_to_another_place_or_longer_or_shorter_does_not_lead(
            count in 2_u32..300, at: prop::sample::Index, other: prop::sample::Index, hash: [u8; 32],
        ) {
            let leaves = leaves(count);
            let tree = Tree::new(MEMBERS_TREE, leaves.clone());
            let (at, other) = (at.index(leaves.len()), other.index(leaves.len()));
            let path = tree.path(at).unwrap();
            let leads = |path: &MerklePath, leaf| path.leads(MEMBERS_TREE, leaf, count, &tree.root());
            prop_assert!(leads(&path, leaves[at]));
            if other != at {
                prop_assert!(!leads(&path, leaves[other]));
                let moved = MerklePath { index: other as u32, ..path.clone() };
                prop_assert!(!leads(&moved, leaves[at]));
            }
            let mut longer = path.clone();
            longer.siblings.push(hash).unwrap();
            prop_assert!(!leads(&longer, leaves[at]));
            let mut shorter = path.clone();
            shorter.siblings = List::new(path.siblings[1..].to_vec()).unwrap();
            prop_assert!(!leads(&shorter, leaves[at]));
        }

        #[test]
        fn any_path_is_judged_without_a_panic(
            index: u32, siblings in prop::collection::vec(any::<[u8; 32]>(), 0..=MERKLE_DEPTH),
            leaves: u32, leaf: [u8; 32], root: [u8; 32],
        ) {
            let path = MerklePath { index, siblings: List::new(siblings).unwrap() };
            prop_assert!(!path.leads(MEMBERS_TREE, leaf, leaves, &root));
        }
    }
}
