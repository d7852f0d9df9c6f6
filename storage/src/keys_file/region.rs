//! The file as bytes at places, so that a test can tear its writes.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
};

/// A fixed-size file that is read whole and written in place.
pub trait Region {
    /// Returns all bytes, or one more than `limit` of them.
    fn read(&mut self, limit: u64) -> io::Result<Vec<u8>>;

    /// Writes `bytes` from `offset` on.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Returns once everything written would survive a crash.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file on disk.
#[derive(Debug)]
pub struct DiskRegion(pub(super) File);

impl Region for DiskRegion {
    fn read(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        self.0.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        (&mut self.0).take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}
