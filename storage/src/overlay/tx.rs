//! One step's view of the rows.

use super::View;
use crate::engine::{Batch, EngineError, KeyRange, Order, Row, merge};
use std::fmt;

/// One step's reads and writes: it sees its own writes first, then the view below.
pub struct Tx<'a> {
    below: &'a dyn View,
    batch: Batch,
}

impl<'a> Tx<'a> {
    /// Begins a step over `below`, an [`Overlay`] or another `Tx`.
    pub const fn new(below: &'a dyn View) -> Self {
        Self { below, batch: Batch::new() }
    }

    /// Sets the value at `key`.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.batch.put(key, value);
    }

    /// Removes `key`.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.batch.delete(key);
    }

    /// Adds the changes of an inner step.
    pub fn push(&mut self, batch: Batch) {
        self.batch.extend(batch);
    }

    /// Returns what changed so far.
    pub const fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Ends the step; dropping it instead forgets its changes.
    pub fn into_batch(self) -> Batch {
        self.batch
    }
}

impl View for Tx<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        match self.batch.changes().get(key) {
            Some(change) => Ok(change.clone()),
            None => self.below.get(key),
        }
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        merge(self.batch.changes(), range, order, limit, |rest, rows| {
            self.below.range(rest, order, rows)
        })
    }
}

impl fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("batch", &self.batch).finish_non_exhaustive()
    }
}
