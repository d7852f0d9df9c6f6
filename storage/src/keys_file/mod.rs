//! The key slots file: a fixed-size body beside the store that a torn write cannot lose.
//!
//! In: a body of `N` bytes, whose content the wallet defines. Out: the newest body that was
//! written whole. The file holds two copies, each with a magic, a sequence number and a BLAKE3
//! checksum; a change writes and syncs one copy, then the other, so that one of them is whole at
//! every moment and no byte of the old body is left after it. Opening repairs what a crash left.

mod copies;
mod file;
mod region;

pub use copies::{COPY_OVERHEAD, KeysFileError};
pub use file::KeysFile;
pub use region::{DiskRegion, Region};

#[cfg(test)]
mod tests;
