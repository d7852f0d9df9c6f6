//! A store of encoded rows, and the tree as its definition says, without the library.

use super::super::*;
use crate::{
    codec::{decode, encode},
    ledger::{
        StateRoot,
        state::{Changes, LeafKey},
    },
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, convert::Infallible};

/// Leaves as a map: what the tree must agree with.
pub(super) type Model = BTreeMap<LeafKey, Vec<u8>>;

/// Rows as a disk would hold them.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) nodes: BTreeMap<NodePlace, Vec<u8>>,
    pub(super) values: BTreeMap<(LeafKey, u64), Option<Vec<u8>>>,
    pub(super) stale: BTreeMap<(u64, Stale), ()>,
}

impl Nodes for Rows {
    type Error = Infallible;

    fn node(&self, place: &NodePlace) -> Result<Option<TreeNode>, Infallible> {
        Ok(self.nodes.get(place).map(|bytes| decode(bytes).unwrap()))
    }

    fn value(&self, key: &LeafKey, height: u64) -> Result<Option<KeptValue>, Infallible> {
        let found = self.values.range((*key, 0)..=(*key, height)).next_back();
        Ok(found.map(|((_, height), bytes)| KeptValue { height: *height, bytes: bytes.clone() }))
    }
}

impl Rows {
    /// Applies a height's changes and writes them.
    pub(super) fn step(&mut self, height: u64, changes: &Changes) -> StateRoot {
        let (root, batch) = apply(self, height, changes).unwrap();
        assert_eq!(batch.height, height);
        for (place, node) in batch.nodes {
            assert_eq!(place.height, height);
            assert_eq!(self.nodes.insert(place, encode(&node).unwrap()), None);
        }
        for (key, bytes) in batch.values {
            assert_eq!(self.values.insert((key, height), bytes), None);
        }
        self.stale.extend(batch.stale.into_iter().map(|stale| ((height, stale), ())));
        assert_eq!(super::super::root(self, height).unwrap(), Some(root));
        root
    }

    /// Removes what heights from `oldest` on do not need.
    pub(super) fn prune(&mut self, oldest: u64) {
        let later = self.stale.split_off(&(oldest + 1, Stale::Node(NodePlace::root(0))));
        for ((_, stale), ()) in std::mem::replace(&mut self.stale, later) {
            match stale {
                Stale::Node(place) => assert!(self.nodes.remove(&place).is_some(), "{place:?}"),
                Stale::Value { height, key } => {
                    assert!(self.values.remove(&(key, height)).is_some(), "{key:?} at {height}");
                }
            }
        }
    }
}

/// SHA-256 over the parts in a row.
pub(super) fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

/// Returns the root by definition: nothing is a constant, one leaf is itself, more are the hash of
/// the halves by the next bit.
pub(super) fn defined(leaves: &[(LeafKey, &[u8])], level: usize) -> [u8; 32] {
    match leaves {
        [] => *b"SPARSE_MERKLE_PLACEHOLDER_HASH__",
        [(key, bytes)] => sha(&[b"JMT::LeafNode", &key.0, &sha(&[bytes])]),
        more => {
            let left = more.partition_point(|(key, _)| key.0[level / 8] << (level % 8) & 0x80 == 0);
            let (left, right) = more.split_at(left);
            sha(&[b"JMT::IntrnalNode", &defined(left, level + 1), &defined(right, level + 1)])
        }
    }
}

pub(super) fn model_root(model: &Model) -> StateRoot {
    let leaves: Vec<_> = model.iter().map(|(key, bytes)| (*key, bytes.as_slice())).collect();
    StateRoot(defined(&leaves, 0))
}

/// Applies the changes to the model.
pub(super) fn change(model: &mut Model, changes: &Changes) {
    for (key, bytes) in changes {
        match bytes {
            Some(bytes) => model.insert(*key, bytes.clone()),
            None => model.remove(key),
        };
    }
}

/// A place that a number names; neighbours share all but the last bits with it.
pub(super) fn key(number: u8) -> LeafKey {
    let mut key = sha(&[&[number >> 2]]);
    if number & 2 == 2 {
        key = sha(&[b"alone", &[number]]);
    }
    key[31] = key[31] & 0xfe | number & 1;
    LeafKey(key)
}
