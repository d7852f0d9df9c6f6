//! The tree's nodes and values out of rows.

use super::rows::{NODES, VALUES, node_key};
use magpie_protocol::ledger::{
    state::LeafKey,
    tree::{KeptValue, NodePlace, Nodes, TreeNode},
};
use magpie_storage::{
    engine::Order,
    overlay::View,
    table::{Keys, TableError},
};
use std::fmt;

/// The state tree as it stands in a store, or in a step over it.
#[derive(Clone, Copy)]
pub struct StoredNodes<'a>(&'a dyn View);

impl<'a> StoredNodes<'a> {
    /// Returns the tree in `view`.
    pub const fn new(view: &'a dyn View) -> Self {
        Self(view)
    }
}

impl Nodes for StoredNodes<'_> {
    type Error = TableError;

    fn node(&self, place: &NodePlace) -> Result<Option<TreeNode>, TableError> {
        NODES.get(self.0, &node_key(place))
    }

    fn value(&self, key: &LeafKey, height: u64) -> Result<Option<KeptValue>, TableError> {
        let keys = Keys::under(&key.0).at_most(&(key.0, height));
        let newest = VALUES.scan(self.0, &keys, Order::Descending, 1)?.pop();
        Ok(newest.map(|((_, height), row)| {
            let bytes = row.0.map(magpie_protocol::bounded::Blob::into_vec);
            KeptValue { height, bytes }
        }))
    }
}

impl fmt::Debug for StoredNodes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredNodes(..)")
    }
}
