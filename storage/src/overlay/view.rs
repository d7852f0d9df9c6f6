//! What rows are read from: a store with steps over it, or a step.

use crate::engine::{EngineError, KeyRange, Order, Row};

/// Something rows can be read from.
pub trait View {
    /// Returns the value at `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Returns the first `limit` rows of `range` in `order`.
    fn range(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Row>, EngineError>;
}
