//! A disk's driver that says that it flushed and did not: the bug that a crash shows.

use magpie_storage::engine::{Batch, Engine, EngineError, KeyRange, Order, Row};

/// An engine whose flush does nothing.
pub struct Unflushed(Box<dyn Engine>);

impl Unflushed {
    /// Returns the engine that never flushes the one below it.
    pub const fn new(below: Box<dyn Engine>) -> Self {
        Self(below)
    }
}

impl Engine for Unflushed {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.0.get(key)
    }

    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.0.range(range, order, limit)
    }

    fn apply(&mut self, batch: Batch) -> Result<(), EngineError> {
        self.0.apply(batch)
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        Ok(())
    }
}

impl std::fmt::Debug for Unflushed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unflushed(..)")
    }
}
