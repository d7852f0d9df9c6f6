//! The bytes of one copy, and which of two copies counts.

use crate::private_file::PrivateFileError;
use std::{io, path::PathBuf};
use zeroize::Zeroizing;

/// What stands first in a copy: the file's name and the version of this layout.
const MAGIC: [u8; 8] = *b"MAGPIEK1";
const CHECKSUM_BYTES: usize = 32;

/// Bytes of a copy beside its body: magic, sequence, checksum.
pub const COPY_OVERHEAD: usize = MAGIC.len() + size_of::<u64>() + CHECKSUM_BYTES;

/// Why the key slots file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysFileError {
    /// It is missing, a link, or open to others.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// There is one already, and making another would destroy it.
    #[error("{}: there is a key slots file already", .0.display())]
    Exists(PathBuf),
    /// Its length is not that of two copies.
    #[error("key slots file: {found} bytes, expected {expected}")]
    Length {
        /// Bytes found, at most one more than expected.
        found: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// Neither copy is whole.
    #[error("key slots file: both copies are damaged")]
    Damaged,
    /// The file system refused.
    #[error("key slots file: cannot {operation}: {source}")]
    Io {
        /// What was being done.
        operation: &'static str,
        /// What the file system said.
        source: io::Error,
    },
    /// A write failed earlier; the file has to be opened again, which repairs it.
    #[error("key slots file: a write failed earlier, open it again")]
    Broken,
}

/// A body that was written whole.
#[derive(PartialEq, Eq)]
pub(super) struct Copy<const N: usize> {
    pub(super) sequence: u64,
    pub(super) body: Zeroizing<[u8; N]>,
}

impl<const N: usize> Copy<N> {
    /// Returns the bytes of a copy.
    pub(super) fn bytes(sequence: u64, body: &[u8; N]) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(N + COPY_OVERHEAD));
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&sequence.to_be_bytes());
        bytes.extend_from_slice(body);
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        bytes
    }

    /// Returns the copy that these bytes are, if they are one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
        // The checksum is no secret; blake3's comparison is constant in time anyway.
        if blake3::hash(content) != *checksum {
            return None;
        }
        let content = content.strip_prefix(&MAGIC)?;
        let (sequence, body) = content.split_first_chunk()?;
        let body = Zeroizing::new(body.try_into().ok()?);
        Some(Self { sequence: u64::from_be_bytes(*sequence), body })
    }
}

/// Returns the copy that counts and whether both copies are it.
pub(super) fn newest<const N: usize>(file: &[u8]) -> Result<(Copy<N>, bool), KeysFileError> {
    let expected = 2 * (N + COPY_OVERHEAD);
    if file.len() != expected {
        return Err(KeysFileError::Length { found: file.len(), expected });
    }
    let (first, second) = file.split_at(N + COPY_OVERHEAD);
    let same = first == second;
    match (Copy::read(first), Copy::read(second)) {
        (Some(first), Some(second)) if first.sequence < second.sequence => Ok((second, same)),
        (Some(copy), _) | (None, Some(copy)) => Ok((copy, same)),
        (None, None) => Err(KeysFileError::Damaged),
    }
}
