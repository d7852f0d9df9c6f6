//! Tables of personal rows: unreadable, and alike, without the key of the vault they belong to.
//!
//! In: [`RowKeys`], derived from a vault's key, and a [`PersonalTable`], which names the types of
//! its partition, order and value. Out: typed rows as from a public table, a partition at a time.
//! A row's key is one tag byte that all personal tables share, 32 bytes of keyed BLAKE3 over the
//! table's name and the partition, and the order part in the clear; its value is a random nonce
//! and AES-256-GCM over the value's format, bound to the full key. Without the vault's key nobody
//! can tell whose a row is, of which table, or list a partition.

mod erase;
mod row_keys;
mod table;

pub use erase::erase;
pub use row_keys::RowKeys;
pub use table::PersonalTable;

#[cfg(test)]
mod tests;
