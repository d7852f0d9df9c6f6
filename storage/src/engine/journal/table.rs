//! Rows in memory, with the deletions that the engine below has not heard of.

use crate::engine::Batch;
use std::collections::BTreeMap;

/// The newest change of each key.
#[derive(Debug, Default)]
pub(super) struct Table {
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Table {
    /// Takes a batch in.
    pub(super) fn apply(&mut self, batch: Batch) {
        self.changes.extend(batch);
    }

    /// Takes the changes of a later table in.
    pub(super) fn extend(&mut self, later: Self) {
        self.changes.extend(later.changes);
    }

    /// Returns what became of a key here: a value, nothing, or it did not change.
    pub(super) fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.changes.get(key).map(Option::as_deref)
    }

    /// Takes out the change of the first key.
    pub(super) fn pop(&mut self) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        self.changes.pop_first()
    }

    /// Returns whether nothing is here.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the changes, to read through them.
    pub(super) const fn changes(&self) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        &self.changes
    }
}
