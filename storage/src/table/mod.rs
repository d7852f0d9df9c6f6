//! Typed tables of public rows: what a node may show to whoever holds its disk.
//!
//! In: a [`Table`] names the types of its key and value. Out: typed rows over a
//! [`View`](crate::overlay::View), written through a [`Tx`](crate::overlay::Tx). A row's key is
//! the table's tag and the key's ordered bytes; its value is an eight-byte check and the value's
//! format. [`Keys`] says which rows a scan reads. Rows of one person stand in
//! [`personal`](crate::personal) tables instead.

mod error;
mod keys;
mod public;

pub use error::{RowFault, TableError};
pub use keys::Keys;
pub use public::Table;

#[cfg(test)]
mod tests;
