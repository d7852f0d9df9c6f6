//! The seam to the library that changes the tree; the only file that names it.
//!
//! In: nodes of the store. Out: the nodes that are new and those that are not needed any more. The
//! library asserts what it believes of its nodes, so it is shown none that [`Branch`] has not
//! checked and none at a place that its own key does not lead to.

use super::{
    Branch, Child, NodePlace, Nodes, TreeError, TreeNode, branch::BranchError, hash::Hash,
    node::NIBBLES,
};
use crate::ledger::{StateRoot, state::LeafKey};
use borsh::BorshDeserialize;
use jmt::{
    JellyfishMerkleTree, KeyHash, OwnedValue, SimpleHasher, Version,
    storage::{LeafNode, Node, NodeKey, TreeReader},
};
use sha2::{Digest, Sha256};
use std::cell::RefCell;

/// The library's `u64` for "before the genesis", where it looks for a tree to replace.
const BEFORE_GENESIS: Version = u64::MAX;

/// SHA-256 by the library that everything else here hashes with.
struct TreeHasher(Sha256);

impl SimpleHasher for TreeHasher {
    fn new() -> Self {
        Self(Sha256::new())
    }

    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn finalize(self) -> Hash {
        Digest::finalize(self.0).into()
    }
}

/// What the library made of a height's changes.
pub(super) struct Update {
    /// The root after them.
    pub(super) root: StateRoot,
    /// New nodes.
    pub(super) nodes: Vec<(NodePlace, TreeNode)>,
    /// Nodes that this height does not need.
    pub(super) stale: Vec<NodePlace>,
}

/// The store as the library reads it, and why it could not.
struct Reader<'a, N: Nodes> {
    nodes: &'a N,
    failed: RefCell<Option<TreeError<N::Error>>>,
}

impl<N: Nodes> Reader<'_, N> {
    fn read(&self, place: &NodePlace) -> Result<Node, TreeError<N::Error>> {
        let node = self.nodes.node(place).map_err(TreeError::Store)?;
        let node = node.ok_or(TreeError::Missing(*place))?;
        let fits = match &node {
            TreeNode::Empty => place.depth == 0,
            TreeNode::Leaf { key, .. } => place.leads_to(&LeafKey(*key)),
            TreeNode::Branch(_) => place.depth < NIBBLES,
        };
        let node = fits.then(|| to_library(&node)).flatten();
        node.ok_or(TreeError::Misplaced(*place))
    }
}

impl<N: Nodes> TreeReader for Reader<'_, N> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        if key.version() == BEFORE_GENESIS {
            return Ok(None);
        }
        let node = self.read(&place_of(key));
        // The caller takes the reason from `failed`; what the library hands through is a word.
        node.map(Some).map_err(|error| {
            self.failed.replace(Some(error));
            anyhow::anyhow!("a node cannot be read")
        })
    }

    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Err(anyhow::anyhow!("values are read from the store alone"))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Err(anyhow::anyhow!("a tree is never restored"))
    }
}

/// Returns the root and nodes of `height` after `changes` to the tree of the height before.
pub(super) fn update<N: Nodes>(
    nodes: &N,
    height: u64,
    changes: impl Iterator<Item = (LeafKey, Option<Vec<u8>>)>,
) -> Result<Update, TreeError<N::Error>> {
    let reader = Reader { nodes, failed: RefCell::new(None) };
    let changes = changes.map(|(key, bytes)| (KeyHash(key.0), bytes));
    let made = JellyfishMerkleTree::<_, TreeHasher>::new(&reader).put_value_set(changes, height);
    let (root, batch) = made.map_err(|error| {
        let failed = reader.failed.borrow_mut().take();
        failed.unwrap_or_else(|| TreeError::Library(error.to_string()))
    })?;
    let nodes = batch.node_batch.nodes().iter().map(|(key, node)| {
        let place = place_of(key);
        let node = from_library(node).map_err(|error| TreeError::Library(error.to_string()))?;
        Ok::<_, TreeError<N::Error>>((place, node))
    });
    Ok(Update {
        root: StateRoot(root.0),
        nodes: nodes.collect::<Result<_, _>>()?,
        stale: batch.stale_node_index_batch.iter().map(|old| place_of(&old.node_key)).collect(),
    })
}

fn place_of(key: &NodeKey) -> NodePlace {
    let root = NodePlace::root(key.version());
    // The library's paths have at most 64 nibbles, so that every child has a place.
    key.nibble_path()
        .nibbles()
        .fold(root, |place, nibble| place.child(u8::from(nibble), place.height).unwrap_or(place))
}

fn from_library(node: &Node) -> Result<TreeNode, BranchError> {
    Ok(match node {
        Node::Null => TreeNode::Empty,
        Node::Leaf(leaf) => {
            let mut value = [0; 32];
            // Its two hashes in a row; the second has no name outside of the library.
            let bytes = borsh::to_vec(leaf).unwrap_or_default();
            value.copy_from_slice(bytes.last_chunk::<32>().unwrap_or(&[0; 32]));
            TreeNode::Leaf { key: leaf.key_hash().0, value }
        }
        Node::Internal(branch) => {
            let children = branch.children_sorted().map(|(nibble, child)| Child {
                nibble: u8::from(nibble),
                hash: child.hash,
                height: child.version,
                leaves: child.leaf_count() as u64,
            });
            TreeNode::Branch(Branch::new(children.collect())?)
        }
    })
}

/// Spells a node as the library does and has it read: a branch cannot be built otherwise.
fn to_library(node: &TreeNode) -> Option<Node> {
    let mut bytes = Vec::new();
    match node {
        TreeNode::Empty => bytes.push(0),
        TreeNode::Branch(branch) => {
            bytes.push(1);
            let mut children = branch.children().iter().peekable();
            for nibble in 0..16 {
                let child = children.next_if(|child| child.nibble == nibble);
                bytes.push(u8::from(child.is_some()));
                let Some(child) = child else { continue };
                bytes.extend_from_slice(&child.hash);
                bytes.extend_from_slice(&child.height.to_le_bytes());
                bytes.push(u8::from(!child.is_leaf()));
                if !child.is_leaf() {
                    bytes.extend_from_slice(&child.leaves.to_le_bytes());
                }
            }
            bytes.extend_from_slice(&(branch.children().len() as u64).to_le_bytes());
            bytes.extend_from_slice(&branch.leaves().to_le_bytes());
        }
        TreeNode::Leaf { key, value } => {
            bytes.push(2);
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(value);
        }
    }
    Node::try_from_slice(&bytes).ok()
}
