//! Making a proof.

use super::{
    NodePlace, Nodes, ProofEnd, StateProof, TreeError, TreeNode,
    hash::{Hash, value_hash},
    node::nibble_of,
    value::node_at,
};
use crate::{
    bounded::{Blob, List},
    ledger::state::LeafKey,
};

/// Returns the proof of what the leaf at `key` was at `height`, or that there was none.
///
/// Errors: [`TreeError::Root`] if the tree of that height is not there any more.
pub fn prove<N: Nodes>(
    nodes: &N,
    height: u64,
    key: &LeafKey,
) -> Result<StateProof, TreeError<N::Error>> {
    let mut place = NodePlace::root(height);
    let mut siblings: Vec<Option<Hash>> = Vec::new();
    let end = loop {
        match node_at(nodes, &place)? {
            TreeNode::Empty => break ProofEnd::Empty,
            TreeNode::Leaf { key: found, value } if found == key.0 => {
                break ProofEnd::Leaf(bytes(nodes, height, key, &value)?);
            }
            TreeNode::Leaf { key, value } => break ProofEnd::Other { key, value },
            TreeNode::Branch(branch) => {
                // Below the last level there is no nibble to go by.
                let nibble = nibble_of(&key.0, place.depth);
                let nibble = nibble.ok_or(TreeError::Misplaced(place))?;
                let Some(child) = branch.descend(nibble, &mut siblings) else {
                    break ProofEnd::Empty;
                };
                let below = place.child(child.nibble, child.height);
                place = below.ok_or(TreeError::Misplaced(place))?;
            }
        }
    };
    siblings.reverse();
    let siblings = List::new(siblings).map_err(|_| TreeError::Misplaced(place))?;
    Ok(StateProof::new(end, siblings))
}

/// Returns the bytes of a leaf, checked against the hash that the tree holds.
fn bytes<N: Nodes, const MAX: usize>(
    nodes: &N,
    height: u64,
    key: &LeafKey,
    value: &Hash,
) -> Result<Blob<MAX>, TreeError<N::Error>> {
    let kept = nodes.value(key, height).map_err(TreeError::Store)?;
    let bytes = kept.and_then(|kept| kept.bytes).filter(|bytes| value_hash(bytes) == *value);
    let bytes = bytes.ok_or(TreeError::Value(*key, height))?;
    let len = bytes.len();
    Blob::new(bytes).map_err(|_| TreeError::LeafTooLong { key: *key, len })
}
