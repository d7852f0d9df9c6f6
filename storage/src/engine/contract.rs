//! What an engine does, and why it may not.

use super::{Batch, KeyRange, Order};
use std::{fmt, io, path::PathBuf};

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

    /// Makes the batch's changes visible one after the other, which may cost less: after a crash before
    /// the next flush some may be there and others not.
    fn apply_each(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.apply(batch)
    }

    /// Returns once everything applied so far would survive a crash.
    fn flush(&mut self) -> Result<(), EngineError>;

    /// Begins a flush: once what is returned has run, on whatever thread, everything applied before would
    /// survive a crash. Batches may be applied meanwhile. Nothing is returned when it is done already.
    fn begin_flush(&mut self) -> Result<Option<Flush>, EngineError> {
        self.flush().map(|()| None)
    }

    /// Does what a flush that was only begun left to be done by its owner's thread; [`flush`](Self::flush)
    /// leaves nothing. Nothing that a reader sees changes.
    fn catch_up(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

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

/// The wait for the disk that is left of a flush.
///
/// If it fails, the engine it came from is broken. If it never runs, nothing is lost but the certainty.
pub struct Flush(Box<dyn FnOnce() -> Result<(), EngineError> + Send>);

impl Flush {
    /// Makes the rest of a flush.
    pub fn new(rest: impl FnOnce() -> Result<(), EngineError> + Send + 'static) -> Self {
        Self(Box::new(rest))
    }

    /// Waits until all is durable that was applied before the flush was begun.
    pub fn wait(self) -> Result<(), EngineError> {
        (self.0)()
    }
}

impl fmt::Debug for Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flush")
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
