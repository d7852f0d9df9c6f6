//! The ordered byte map that everything is kept in, and its two kinds.
//!
//! In: a [`Batch`] of puts and deletes, applied as one. Out: values by key and rows by range.
//! [`DiskEngine`] keeps them on disk: in sled, behind a journal. [`MemoryEngine`] keeps them in a
//! [`MemoryDisk`] that a test can crash or make fail. Start reading at [`Engine`]; `suite.rs` is what
//! every kind must do.

mod batch;
mod contract;
mod disk;
mod journal;
mod memory;
mod merge;
mod range;
mod sled;
mod sled_files;

pub use batch::Batch;
pub use contract::{Engine, EngineError, Flush, Row};
pub use disk::{CACHE_BYTES, DiskEngine};
pub use memory::{Fault, MemoryDisk, MemoryEngine};
pub(crate) use merge::merge;
pub(crate) use range::successor;
pub use range::{KeyRange, Order};

#[cfg(test)]
pub(crate) mod crashes;
#[cfg(test)]
pub(crate) mod suite;
