//! The network: what its genesis fixes for good, and the file that leads a node to it (page 2, 8).
//!
//! In: a [`Genesis`] or the [`NetworkFile`] that carries one. Out: a [`Network`], checked, with its
//! id. The money rules join the genesis with its version 2.

mod file;
mod genesis;

pub use file::{NetworkFile, NetworkFileError};
pub use genesis::{Genesis, GenesisError, KdfFloor, Network, SuperKeys};
