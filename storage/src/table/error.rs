//! Why a table cannot answer.

use crate::engine::EngineError;
use magpie_protocol::codec::{DecodeError, EncodeError};

/// Why a row cannot be read or written. Always ours: the store or the program is broken.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A row on disk is not one that this table wrote.
    #[error("table {table}: a row is damaged: {fault}")]
    Corrupt {
        /// The table's name.
        table: &'static str,
        /// What is wrong with the row.
        fault: RowFault,
    },
    /// A value has no encoding within its format's limit.
    #[error("table {table}: {source}")]
    Value {
        /// The table's name.
        table: &'static str,
        /// What is wrong with the value.
        source: EncodeError,
    },
    /// A key is longer than [`KEY_BYTES`](crate::key::KEY_BYTES).
    #[error("table {table}: a key of {len} bytes, at most {limit} are allowed")]
    KeyTooLong {
        /// The table's name.
        table: &'static str,
        /// Bytes the key takes.
        len: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

/// What is wrong with a row on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Its key is not one of the table's keys.
    #[error("its key cannot be read")]
    Key,
    /// Its check does not fit its key and value.
    #[error("its check does not fit")]
    Check,
    /// Its value does not open under the cipher key and the row's place.
    #[error("its value cannot be decrypted")]
    Sealed,
    /// Its value is not of the table's format.
    #[error(transparent)]
    Value(#[from] DecodeError),
}
