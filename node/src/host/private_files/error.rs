//! What can be wrong with a private file.

use magpie_protocol::codec::DecodeError;
use magpie_storage::{keys_file::KeysFileError, private_file::PrivateFileError};
use magpie_wallet::keystore::KeyStoreError;
use std::path::PathBuf;

/// Why a private file is of no use. All are faults of this machine.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A small file could not be read or written.
    #[error(transparent)]
    Private(#[from] PrivateFileError),
    /// The key slots file could not be read or written.
    #[error("key slots: {0}")]
    Keys(#[from] KeysFileError),
    /// The key slots file holds no key slots.
    #[error("key slots: {0}")]
    Slots(#[from] KeyStoreError),
    /// A file does not hold what it should.
    #[error("{}: {cause}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: DecodeError,
    },
}
