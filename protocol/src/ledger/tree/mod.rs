//! The tree over the ledger's leaves, whose root every header names: a Jellyfish Merkle tree.
//!
//! In: the [`Nodes`] of a store and the changes of a block. Out: [`apply`] gives the root after
//! them and the [`NodeBatch`] to write; [`Snapshot`] reads leaves as they were at a height;
//! [`prove`] makes a [`StateProof`], which a wallet checks against a root. The bytes are written
//! out in `docs/state.md`.
//!
//! The library that changes the tree stands behind `jellyfish`; what a peer sent never gets there:
//! proofs are checked by the few hashes in `proof`.

mod apply;
mod batch;
mod branch;
mod error;
mod hash;
mod jellyfish;
mod node;
mod nodes;
mod proof;
mod prove;
mod snapshot;
mod value;

pub use apply::apply;
pub use batch::{NodeBatch, Stale};
pub use branch::{Branch, BranchError, Child};
pub use error::TreeError;
pub use hash::EMPTY_ROOT;
pub use node::{NodePlace, TreeNode};
pub use nodes::{KeptValue, Nodes};
pub use proof::{ProofEnd, ProofError, StateProof};
pub use prove::prove;
pub use snapshot::{Snapshot, root};

#[cfg(test)]
mod tests;
