//! A table of sealed rows.

use super::RowKeys;
use crate::{
    engine::Order,
    key::{KEY_BYTES, RowKey, key_bytes, read_key},
    overlay::{Tx, View},
    table::{Keys, RowFault, TableError},
    tag,
};
use magpie_protocol::codec::{self, EncodeError, Format};
use rand_core::CryptoRng;
use std::{fmt, marker::PhantomData};
use zeroize::Zeroizing;

/// Bytes of a row's key before its order part: the tag and the partition's place.
const PLACE_BYTES: usize = 33;

/// What a row is made of; a function, because a table holds no row.
type Row<P, O, V> = fn() -> (P, O, V);

/// A table of personal rows: values of type `V`, ordered by `O` within each partition `P`.
pub struct PersonalTable<P, O, V> {
    name: &'static str,
    row: PhantomData<Row<P, O, V>>,
}

impl<P: RowKey, O: RowKey, V: Format> PersonalTable<P, O, V> {
    /// Returns the table of that name, which no other personal table may have. It never stands in
    /// the store: it is hashed into the keys.
    ///
    /// Meant for constants: a name with a zero, which ends it in the hash, does not compile there.
    pub const fn new(name: &'static str) -> Self {
        let mut rest = name.as_bytes();
        while let [byte, tail @ ..] = rest {
            assert!(*byte != 0, "a name of a personal table holds no zero");
            rest = tail;
        }
        Self { name, row: PhantomData }
    }

    /// Returns what errors call this table.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the value at `order` in `partition`.
    pub fn get(
        &self,
        view: &dyn View,
        keys: &RowKeys,
        partition: &P,
        order: &O,
    ) -> Result<Option<V>, TableError> {
        let key = self.row_key(keys, partition, order);
        view.get(&key)?.map(|row| self.open(keys, &key, &row)).transpose()
    }

    /// Sets the value at `order` in `partition`, under a fresh nonce from `rng`.
    pub fn put<R: CryptoRng + ?Sized>(
        &self,
        tx: &mut Tx<'_>,
        keys: &RowKeys,
        (partition, order): (&P, &O),
        value: &V,
        rng: &mut R,
    ) -> Result<(), TableError> {
        let key = self.row_key(keys, partition, order);
        if key.len() > KEY_BYTES {
            let (len, limit) = (key.len(), KEY_BYTES);
            return Err(TableError::KeyTooLong { table: self.name, len, limit });
        }
        let refused = |source| TableError::Value { table: self.name, source };
        let plain = Zeroizing::new(codec::encode(value).map_err(refused)?);
        let row = keys.seal(&key, &plain, rng);
        let row = row.ok_or_else(|| refused(EncodeError::Unsupported(V::NAME)))?;
        tx.put(key, row);
        Ok(())
    }

    /// Removes the row at `order` in `partition`.
    pub fn delete(&self, tx: &mut Tx<'_>, keys: &RowKeys, partition: &P, order: &O) {
        tx.delete(self.row_key(keys, partition, order));
    }

    /// Returns the first `limit` rows of `partition` among `range`, in `order`.
    pub fn scan(
        &self,
        view: &dyn View,
        keys: &RowKeys,
        partition: &P,
        range: &Keys<O>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(O, V)>, TableError> {
        let place = self.place(keys, partition);
        let rows = view.range(&range.behind(&place), order, limit)?;
        rows.into_iter()
            .map(|(key, row)| {
                let typed = key.get(PLACE_BYTES..).and_then(read_key);
                let value = self.open(keys, &key, &row)?;
                Ok((typed.ok_or(self.corrupt(RowFault::Key))?, value))
            })
            .collect()
    }

    fn place(&self, keys: &RowKeys, partition: &P) -> Vec<u8> {
        let mut place = Vec::with_capacity(PLACE_BYTES);
        place.push(tag::PERSONAL);
        place.extend_from_slice(&keys.place(self.name, &key_bytes(partition)));
        place
    }

    fn row_key(&self, keys: &RowKeys, partition: &P, order: &O) -> Vec<u8> {
        let mut key = self.place(keys, partition);
        order.write(&mut key);
        key
    }

    fn open(&self, keys: &RowKeys, key: &[u8], row: &[u8]) -> Result<V, TableError> {
        let plain = keys.open(key, row).ok_or(self.corrupt(RowFault::Sealed))?;
        codec::decode_own(&plain).map_err(|error| self.corrupt(error.into()))
    }

    const fn corrupt(&self, fault: RowFault) -> TableError {
        TableError::Corrupt { table: self.name, fault }
    }
}

impl<P, O, V> fmt::Debug for PersonalTable<P, O, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonalTable").field("name", &self.name).finish_non_exhaustive()
    }
}
