//! Which keys of a table, or of a partition, a scan reads.

use crate::{
    engine::KeyRange,
    key::{RowKey, key_bytes},
};
use std::{fmt, marker::PhantomData};

/// A run of keys of type `K`; every bound that is added narrows it.
pub struct Keys<K> {
    start: Vec<u8>,
    end: Option<Vec<u8>>,
    key: PhantomData<fn() -> K>,
}

impl<K: RowKey> Keys<K> {
    /// Returns all keys.
    pub const fn all() -> Self {
        Self { start: Vec::new(), end: None, key: PhantomData }
    }

    /// Returns the keys whose leading parts are `parts`: for a key `(A, B, C)` an `A` or `(A, B)`.
    pub fn under<P: RowKey>(parts: &P) -> Self {
        let range = KeyRange::prefix(&key_bytes(parts));
        Self {
            start: range.start().to_vec(),
            end: range.end().map(<[u8]>::to_vec),
            key: PhantomData,
        }
    }

    /// Leaves the keys that are `key` or greater.
    #[must_use]
    pub fn at_least(self, key: &K) -> Self {
        self.starting_at(key_bytes(key))
    }

    /// Leaves the keys greater than `key`.
    #[must_use]
    pub fn above(self, key: &K) -> Self {
        self.starting_at(crate::engine::successor(&key_bytes(key)))
    }

    /// Leaves the keys that are `key` or smaller.
    #[must_use]
    pub fn at_most(self, key: &K) -> Self {
        self.ending_at(crate::engine::successor(&key_bytes(key)))
    }

    /// Leaves the keys smaller than `key`.
    #[must_use]
    pub fn below(self, key: &K) -> Self {
        self.ending_at(key_bytes(key))
    }

    /// Returns the same keys as they stand in the store, behind `prefix`.
    pub(crate) fn behind(&self, prefix: &[u8]) -> KeyRange {
        let start = [prefix, &self.start].concat();
        let end = match &self.end {
            Some(end) => Some([prefix, end].concat()),
            None => KeyRange::prefix(prefix).end().map(<[u8]>::to_vec),
        };
        KeyRange::new(start, end)
    }

    fn starting_at(mut self, start: Vec<u8>) -> Self {
        self.start = self.start.max(start);
        self
    }

    fn ending_at(mut self, end: Vec<u8>) -> Self {
        self.end = Some(self.end.map_or_else(|| end.clone(), |old| old.min(end.clone())));
        self
    }
}

impl<K> fmt::Debug for Keys<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("start", &self.start).field("end", &self.end).finish()
    }
}

impl<K> Clone for Keys<K> {
    fn clone(&self) -> Self {
        Self { start: self.start.clone(), end: self.end.clone(), key: PhantomData }
    }
}
