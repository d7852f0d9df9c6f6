//! A table of rows that are not secret.

use super::{Keys, RowFault, TableError};
use crate::{
    engine::Order,
    key::{KEY_BYTES, RowKey, read_key},
    overlay::{Tx, View},
    row_check::{with_check, without_check},
    tag,
};
use magpie_protocol::codec::{self, Format};
use std::{fmt, marker::PhantomData};

/// A table of public rows: keys of type `K`, values of type `V`.
pub struct Table<K, V> {
    name: &'static str,
    tag: u8,
    row: PhantomData<fn() -> (K, V)>,
}

impl<K: RowKey, V: Format> Table<K, V> {
    /// Returns the table whose keys start with `tag`, which no other table may have.
    ///
    /// Meant for constants: a tag below [`tag::PUBLIC`] does not compile there.
    pub const fn new(name: &'static str, tag: u8) -> Self {
        assert!(tag >= tag::PUBLIC, "tags below PUBLIC are the store's own");
        Self { name, tag, row: PhantomData }
    }

    /// Returns what errors call this table.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the first byte of its keys.
    pub const fn tag(&self) -> u8 {
        self.tag
    }

    /// Returns the value at `key`.
    pub fn get(&self, view: &dyn View, key: &K) -> Result<Option<V>, TableError> {
        let key = self.row_key(key);
        view.get(&key)?.map(|value| self.open(&key, &value)).transpose()
    }

    /// Tells whether there is a row at `key`, without reading its value.
    pub fn contains(&self, view: &dyn View, key: &K) -> Result<bool, TableError> {
        Ok(view.get(&self.row_key(key))?.is_some())
    }

    /// Sets the value at `key`.
    pub fn put(&self, tx: &mut Tx<'_>, key: &K, value: &V) -> Result<(), TableError> {
        let key = self.row_key(key);
        if key.len() > KEY_BYTES {
            let (len, limit) = (key.len(), KEY_BYTES);
            return Err(TableError::KeyTooLong { table: self.name, len, limit });
        }
        let value = codec::encode(value)
            .map_err(|source| TableError::Value { table: self.name, source })?;
        let value = with_check(&key, &value);
        tx.put(key, value);
        Ok(())
    }

    /// Removes the row at `key`.
    pub fn delete(&self, tx: &mut Tx<'_>, key: &K) {
        tx.delete(self.row_key(key));
    }

    /// Returns the first `limit` rows among `keys`, in `order`.
    pub fn scan(
        &self,
        view: &dyn View,
        keys: &Keys<K>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(K, V)>, TableError> {
        let rows = view.range(&keys.behind(&[self.tag]), order, limit)?;
        rows.into_iter()
            .map(|(key, value)| {
                let typed = key.get(1..).and_then(read_key);
                Ok((typed.ok_or(self.corrupt(RowFault::Key))?, self.open(&key, &value)?))
            })
            .collect()
    }

    fn row_key(&self, key: &K) -> Vec<u8> {
        let mut bytes = vec![self.tag];
        key.write(&mut bytes);
        bytes
    }

    fn open(&self, key: &[u8], value: &[u8]) -> Result<V, TableError> {
        let value = without_check(key, value).ok_or(self.corrupt(RowFault::Check))?;
        codec::decode_own(value).map_err(|error| self.corrupt(error.into()))
    }

    const fn corrupt(&self, fault: RowFault) -> TableError {
        TableError::Corrupt { table: self.name, fault }
    }
}

impl<K, V> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("name", &self.name).field("tag", &self.tag).finish()
    }
}
