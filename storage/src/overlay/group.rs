//! The store and the steps that wait for one commit.

use super::View;
use crate::engine::{Batch, Engine, EngineError, Flush, KeyRange, Order, Row, merge};
use std::fmt;

/// Bytes of pending keys and values at which the owner commits before it steps on.
pub const GROUP_BYTES: usize = 4 << 20;

/// A store and the batches stepped since its last commit.
pub struct Overlay {
    engine: Box<dyn Engine>,
    pending: Batch,
    failed: bool,
}

impl Overlay {
    /// Returns the store in `engine`, with nothing pending.
    pub const fn new(engine: Box<dyn Engine>) -> Self {
        Self { engine, pending: Batch::new(), failed: false }
    }

    /// Adds one step's batch to what the next commit writes.
    pub fn push(&mut self, batch: Batch) {
        let gone: Vec<Vec<u8>> = batch
            .iter()
            .filter(|(key, change)| change.is_none() && self.came_in_this_group(key))
            .map(|(key, _)| key.to_vec())
            .collect();
        self.pending.extend(batch);
        for key in gone {
            self.pending.forget(&key);
        }
    }

    /// Tells whether a key is there for the steps since the last commit alone: then deleting it leaves
    /// nothing to write, and an engine deletes what it does not have at the price of a row.
    fn came_in_this_group(&self, key: &[u8]) -> bool {
        let put = matches!(self.pending.changes().get(key), Some(Some(_)));
        put && matches!(self.engine.get(key), Ok(None))
    }

    /// Tells whether [`GROUP_BYTES`] wait for a commit, so that it should come before more steps.
    pub const fn is_full(&self) -> bool {
        self.pending.bytes() >= GROUP_BYTES
    }

    /// Returns what the next commit writes.
    pub const fn pending(&self) -> &Batch {
        &self.pending
    }

    /// Writes all pending batches as one and returns once they are durable.
    ///
    /// If it fails, nothing pending counts as committed and every later call fails with
    /// [`EngineError::Broken`]: the process starts again from the store.
    pub fn commit(&mut self) -> Result<(), EngineError> {
        self.usable()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let written = self.engine.apply(pending).and_then(|()| self.engine.flush());
        self.failed = written.is_err();
        written
    }

    /// Writes all pending batches as one, and returns the wait until they are durable; nothing if they
    /// are. Steps may follow meanwhile. What may not leave before has to wait for it, and when it is under
    /// way, [`catch_up`](Self::catch_up) comes next. It fails as [`commit`](Self::commit) does.
    pub fn begin_commit(&mut self) -> Result<Option<Flush>, EngineError> {
        self.usable()?;
        if self.pending.is_empty() {
            return Ok(None);
        }
        let pending = std::mem::take(&mut self.pending);
        let begun = self.engine.apply(pending).and_then(|()| self.engine.begin_flush());
        self.failed = begun.is_err();
        begun
    }

    /// Does what a commit that was only begun left to this thread.
    pub fn catch_up(&mut self) -> Result<(), EngineError> {
        self.usable()?;
        let done = self.engine.catch_up();
        self.failed = done.is_err();
        done
    }

    /// Commits, and returns once an older build of this program would find it all as well.
    pub fn checkpoint(&mut self) -> Result<(), EngineError> {
        self.commit()?;
        let written = self.engine.checkpoint();
        self.failed = written.is_err();
        written
    }

    /// Lets the engine do a little of what can wait; returns whether there is more of it.
    pub fn tidy(&mut self) -> Result<bool, EngineError> {
        self.usable()?;
        let tidied = self.engine.tidy();
        self.failed = tidied.is_err();
        tidied
    }

    fn usable(&self) -> Result<(), EngineError> {
        if self.failed { Err(EngineError::Broken) } else { Ok(()) }
    }
}

impl View for Overlay {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.usable()?;
        match self.pending.changes().get(key) {
            Some(change) => Ok(change.clone()),
            None => self.engine.get(key),
        }
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.usable()?;
        merge(self.pending.changes(), range, order, limit, |rest, rows| {
            self.engine.range(rest, order, rows)
        })
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("pending", &self.pending)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
