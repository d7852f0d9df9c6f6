//! Changes that happen together.

use std::collections::BTreeMap;

/// Puts and deletes, at most one for each key, that become visible and durable as one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

impl Batch {
    /// Returns a batch without changes.
    pub const fn new() -> Self {
        Self { changes: BTreeMap::new(), bytes: 0 }
    }

    /// Sets the value at `key`, in place of any earlier change to it.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.set(key, Some(value));
    }

    /// Removes `key`, in place of any earlier change to it.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.set(key, None);
    }

    /// Adds the changes of `later`, which win over those already here.
    pub fn extend(&mut self, later: Self) {
        for (key, change) in later.changes {
            self.set(key, change);
        }
    }

    /// Tells whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the number of changed keys.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Returns the bytes of all keys and values in it.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the changes in key order; no value means that the key is removed.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.changes.iter().map(|(key, change)| (key.as_slice(), change.as_deref()))
    }

    /// The changes as a map, for reading through them.
    pub(crate) const fn changes(&self) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        &self.changes
    }

    /// Drops the change to `key`.
    pub(crate) fn forget(&mut self, key: &[u8]) {
        if let Some(change) = self.changes.remove(key) {
            self.bytes -= key.len() + change.map_or(0, |value| value.len());
        }
    }

    fn set(&mut self, key: Vec<u8>, change: Option<Vec<u8>>) {
        let key_len = key.len();
        self.bytes += key_len + change.as_ref().map_or(0, Vec::len);
        if let Some(old) = self.changes.insert(key, change) {
            self.bytes -= key_len + old.map_or(0, |value| value.len());
        }
    }
}

impl IntoIterator for Batch {
    type Item = (Vec<u8>, Option<Vec<u8>>);
    type IntoIter = std::collections::btree_map::IntoIter<Vec<u8>, Option<Vec<u8>>>;

    /// Returns the changes in key order; no value means that the key is removed.
    fn into_iter(self) -> Self::IntoIter {
        self.changes.into_iter()
    }
}

/// Shows how much changes, not what: values may be private.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("len", &self.len()).field("bytes", &self.bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_change_wins_and_bytes_are_counted_once() {
        let mut first = Batch::new();
        first.put(b"a".to_vec(), b"111".to_vec());
        first.put(b"b".to_vec(), b"2".to_vec());
        assert_eq!((first.len(), first.bytes()), (2, 6));

        let mut later = Batch::new();
        later.delete(b"a".to_vec());
        later.put(b"c".to_vec(), b"33".to_vec());
        first.extend(later);
        let changes: Vec<_> = first.iter().collect();
        assert_eq!(
            changes,
            [
                (b"a".as_slice(), None),
                (b"b".as_slice(), Some(b"2".as_slice())),
                (b"c".as_slice(), Some(b"33".as_slice())),
            ]
        );
        assert_eq!(first.bytes(), 1 + 2 + 3);
        assert!(Batch::new().is_empty() && !first.is_empty());
    }

    #[test]
    fn debug_shows_no_value() {
        let mut batch = Batch::new();
        batch.put(b"key".to_vec(), b"value".to_vec());
        assert_eq!(format!("{batch:?}"), "Batch { len: 1, bytes: 8 }");
    }
}
