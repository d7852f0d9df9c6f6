//! Reading a leaf's bytes, compared with what the tree says of them.

use super::{
    KeptValue, NodePlace, Nodes, TreeError, TreeNode,
    hash::{Hash, value_hash},
    node::nibble_of,
};
use crate::ledger::state::LeafKey;

/// Returns the value of a leaf at `height`, or nothing if there never was one.
///
/// Errors: [`TreeError::Value`] if it is not the one that the tree names, so that a row that the
/// disk lost is never taken for a leaf that is not there or for an older one.
pub(super) fn value<N: Nodes>(
    nodes: &N,
    height: u64,
    key: &LeafKey,
) -> Result<Option<KeptValue>, TreeError<N::Error>> {
    let kept = nodes.value(key, height).map_err(TreeError::Store)?;
    let bytes = kept.as_ref().and_then(|kept| kept.bytes.as_deref());
    if bytes.map(value_hash) != named(nodes, height, key)? {
        return Err(TreeError::Value(*key, height));
    }
    Ok(kept)
}

/// Returns the hash of a leaf's bytes as the tree of `height` has it.
fn named<N: Nodes>(
    nodes: &N,
    height: u64,
    key: &LeafKey,
) -> Result<Option<Hash>, TreeError<N::Error>> {
    let mut place = NodePlace::root(height);
    loop {
        match node_at(nodes, &place)? {
            TreeNode::Empty => return Ok(None),
            TreeNode::Leaf { key: found, value } => return Ok((found == key.0).then_some(value)),
            TreeNode::Branch(branch) => {
                let nibble = nibble_of(&key.0, place.depth);
                let nibble = nibble.ok_or(TreeError::Misplaced(place))?;
                let Some(child) = branch.child(nibble) else { return Ok(None) };
                let below = place.child(nibble, child.height);
                place = below.ok_or(TreeError::Misplaced(place))?;
            }
        }
    }
}

/// Returns the node at a place that another names, or the root of a height.
pub(super) fn node_at<N: Nodes>(
    nodes: &N,
    place: &NodePlace,
) -> Result<TreeNode, TreeError<N::Error>> {
    match nodes.node(place).map_err(TreeError::Store)? {
        None if place.depth == 0 => Err(TreeError::Root(place.height)),
        None => Err(TreeError::Missing(*place)),
        Some(TreeNode::Empty) if place.depth > 0 => Err(TreeError::Misplaced(*place)),
        Some(node) => Ok(node),
    }
}
