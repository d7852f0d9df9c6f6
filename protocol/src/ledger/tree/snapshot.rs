//! The state as it was at a height.

use super::{NodePlace, Nodes, TreeError, value::value};
use crate::ledger::{
    StateRoot,
    state::{LeafKey, Leaves},
};

/// Returns the root of a height, or nothing if its tree is not there or not any more.
pub fn root<N: Nodes>(nodes: &N, height: u64) -> Result<Option<StateRoot>, TreeError<N::Error>> {
    let node = nodes.node(&NodePlace::root(height)).map_err(TreeError::Store)?;
    Ok(node.map(|node| StateRoot(node.hash())))
}

/// The leaves of one height, each compared with the tree when it is read.
#[derive(Debug)]
pub struct Snapshot<'a, N> {
    nodes: &'a N,
    height: u64,
}

impl<'a, N: Nodes> Snapshot<'a, N> {
    /// Returns the leaves of `height`. Error: [`TreeError::Root`] if its tree is not there.
    pub fn open(nodes: &'a N, height: u64) -> Result<Self, TreeError<N::Error>> {
        root(nodes, height)?.map(|_| Self { nodes, height }).ok_or(TreeError::Root(height))
    }

    /// Returns the height.
    pub const fn height(&self) -> u64 {
        self.height
    }
}

impl<N: Nodes> Leaves for Snapshot<'_, N> {
    type Error = TreeError<N::Error>;

    fn leaf(&self, key: &LeafKey) -> Result<Option<Vec<u8>>, Self::Error> {
        let kept = value(self.nodes, self.height, key)?;
        Ok(kept.and_then(|kept| kept.bytes))
    }
}
