//! The network: what its genesis fixes for good, and the file that leads a node to it (page 2, 8).
//!
//! In: a [`Genesis`] or the [`NetworkFile`] that carries one. Out: a [`Network`], checked, with its
//! id, the validators of its first block, and the [`Checkpoint`] of its file.

mod checkpoint;
mod file;
mod genesis;
mod super_node;

pub use checkpoint::Checkpoint;
pub use file::{NetworkFile, NetworkFileError};
pub use genesis::{Genesis, GenesisError, KdfFloor, Network};
pub use super_node::{SuperKeys, SuperNode};
