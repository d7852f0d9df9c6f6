//! What an engine does, and why it may not.

use super::{Batch, KeyRange, Order};
use std::{io, path::PathBuf};

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// An ordered map from bytes to bytes whose changes are batches.
///
/// A batch is visible to this engine's readers once [`apply`](Self::apply) returns, and survives
/// a crash once a later [`flush`](Self::flush) returns. Before that it may survive or not, but
/// never in part, and never without the batches applied before it.
///
/// After a write failed, every further call returns [`EngineError::Broken`]: what is in memory
/// may differ from what is on disk, so the owner opens the store again.
pub trait Engine: Send {
    /// Returns the value at `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Returns the first `limit` rows of `range` in `order`.
    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError>;

    /// Makes all of the batch's changes visible, or none.
    fn apply(&mut self, batch: Batch) -> Result<(), EngineError>;

    /// Returns once everything applied so far would survive a crash.
    fn flush(&mut self) -> Result<(), EngineError>;

    /// Returns once everything applied so far also stands, durably, where a build that knows no journal
    /// looks for it.
    fn checkpoint(&mut self) -> Result<(), EngineError> {
        self.flush()
    }

    /// Does a little of what can wait until the owner has nothing better to do, and returns whether
    /// there is more of it. Nothing that a reader sees changes.
    fn tidy(&mut self) -> Result<bool, EngineError> {
        Ok(false)
    }
}

/// Why an engine cannot do what it was asked. Always ours: the store is in use, broken or gone.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Another process, or another engine of this one, has the store open.
    #[error("the store {} is open elsewhere", .0.display())]
    InUse(PathBuf),
    /// The file system refused to read or write.
    #[error("store: cannot {operation}: {source}")]
    Io {
        /// What was being done.
        operation: &'static str,
        /// What the file system said.
        source: io::Error,
    },
    /// What is on disk is not a store that this engine wrote.
    #[error("store: cannot {operation}: the data on disk is damaged ({detail})")]
    Damaged {
        /// What was being done.
        operation: &'static str,
        /// What the engine said.
        detail: String,
    },
    /// A write failed earlier; the store has to be opened again.
    #[error("store: a write failed earlier, open the store again")]
    Broken,
    /// The disk under this engine crashed or was taken by a later opening.
    #[error("store: this engine was closed by a crash, open the store again")]
    Closed,
}
