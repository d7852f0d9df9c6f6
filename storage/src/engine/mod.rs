//! The ordered byte map that everything is kept in, and its two kinds.
//!
//! In: a [`Batch`] of puts and deletes, applied as one. Out: values by key and rows by range.
//! [`SledEngine`] keeps them on disk, [`MemoryEngine`] in a [`MemoryDisk`] that a test can crash
//! or make fail. Start reading at [`Engine`]; `suite.rs` is what both kinds must do.

mod batch;
mod contract;
mod memory;
mod range;
mod sled;
mod sled_files;

pub use batch::Batch;
pub use contract::{Engine, EngineError, Row};
pub use memory::{Fault, MemoryDisk, MemoryEngine};
pub(crate) use range::successor;
pub use range::{KeyRange, Order};
pub use sled::{CACHE_BYTES, SledEngine};

#[cfg(test)]
mod crashes;
#[cfg(test)]
pub(crate) mod suite;
