//! A block's changes to the tree.

use super::{NodeBatch, NodePlace, Nodes, Stale, TreeError, jellyfish, value::value};
use crate::{
    ledger::{StateRoot, state::Changes},
    limits::STATE_LEAF,
};
use std::collections::BTreeSet;

/// Returns the root of `height` and what to write for it: the tree of the height before, with
/// `changes`. The genesis is height 0 and begins with nothing.
///
/// A change to what a leaf already is writes nothing. Reads only; errors: [`TreeError`].
pub fn apply<N: Nodes>(
    nodes: &N,
    height: u64,
    changes: &Changes,
) -> Result<(StateRoot, NodeBatch), TreeError<N::Error>> {
    // The library counts to the height after.
    if height == u64::MAX {
        return Err(TreeError::Root(height));
    }
    let before = height.checked_sub(1);
    let mut stale = BTreeSet::new();
    if let Some(before) = before {
        let root = NodePlace::root(before);
        // The library would begin anew where it finds no root.
        if nodes.node(&root).map_err(TreeError::Store)?.is_none() {
            return Err(TreeError::Root(before));
        }
        // It forgets to name the root of an unchanged tree, and that of one without leaves.
        stale.insert(Stale::Node(root));
    }
    let values = differing(nodes, height, changes, &mut stale)?;
    let written = values.iter().map(|(key, bytes)| (*key, bytes.clone()));
    let update = jellyfish::update(nodes, height, written)?;
    stale.extend(update.stale.into_iter().map(Stale::Node));
    let nodes = update.nodes.into_iter().collect();
    Ok((update.root, NodeBatch { height, nodes, values, stale }))
}

/// Returns the changes that change something, and adds the values that they replace to `stale`.
fn differing<N: Nodes>(
    nodes: &N,
    height: u64,
    changes: &Changes,
    stale: &mut BTreeSet<Stale>,
) -> Result<Changes, TreeError<N::Error>> {
    let mut values = Changes::new();
    for (key, bytes) in changes {
        if let Some(len) = bytes.as_ref().map(Vec::len).filter(|len| *len > STATE_LEAF) {
            return Err(TreeError::LeafTooLong { key: *key, len });
        }
        let kept = match height.checked_sub(1) {
            Some(before) => value(nodes, before, key)?,
            None => None,
        };
        match kept {
            Some(kept) if kept.bytes == *bytes => continue,
            None if bytes.is_none() => continue,
            // The mark of a leaf that went was stale from its own height on.
            Some(kept) if kept.bytes.is_some() => {
                stale.insert(Stale::Value { height: kept.height, key: *key });
            }
            _ => {}
        }
        if bytes.is_none() {
            stale.insert(Stale::Value { height, key: *key });
        }
        values.insert(*key, bytes.clone());
    }
    Ok(values)
}
