//! The open key slots file.

use super::{
    copies::{COPY_OVERHEAD, Copy, KeysFileError, newest},
    region::{DiskRegion, Region},
};
use crate::private_file;
use std::{
    fmt,
    fs::{self, OpenOptions},
    io,
    path::Path,
};
use zeroize::Zeroizing;

/// A key slots file with a body of `N` bytes.
pub struct KeysFile<const N: usize, R: Region = DiskRegion> {
    region: R,
    sequence: u64,
    body: Zeroizing<[u8; N]>,
    broken: bool,
}

impl<const N: usize> KeysFile<N> {
    /// Makes the file at `path`, readable by its owner alone, and refuses if something is there.
    ///
    /// It appears whole or not at all.
    pub fn create(path: &Path, body: &[u8; N]) -> Result<Self, KeysFileError> {
        match fs::symlink_metadata(path) {
            Ok(_) => return Err(KeysFileError::Exists(path.to_path_buf())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(KeysFileError::Io { operation: "look it up", source }),
        }
        let copy = Copy::bytes(1, body);
        let file = Zeroizing::new([copy.as_slice(), copy.as_slice()].concat());
        private_file::write(path, &file)?;
        Self::open(path)
    }

    /// Opens the file at `path` and makes both copies the newest one.
    pub fn open(path: &Path) -> Result<Self, KeysFileError> {
        let file = private_file::open_plain(path, OpenOptions::new().read(true).write(true))?;
        Self::open_region(DiskRegion(file))
    }
}

impl<const N: usize, R: Region> KeysFile<N, R> {
    /// Opens the file in `region` and makes both copies the newest one.
    pub fn open_region(mut region: R) -> Result<Self, KeysFileError> {
        // After a process crash, what it wrote may be in the system's cache alone; it has to be on
        // the disk before the other copy is touched.
        region.sync().map_err(io_error("sync"))?;
        let limit = 2 * (N + COPY_OVERHEAD) as u64;
        let bytes = Zeroizing::new(region.read(limit).map_err(io_error("read"))?);
        let (Copy { sequence, body }, both) = newest(&bytes)?;
        let mut file = Self { region, sequence, body, broken: false };
        if !both {
            file.repair(&bytes)?;
        }
        Ok(file)
    }

    /// Returns the body.
    pub fn body(&self) -> &[u8; N] {
        &self.body
    }

    /// Puts `body` in place of the old one and returns once both copies are durable.
    ///
    /// If it fails, the file holds the old body or the new one whole, and every later write fails
    /// with [`KeysFileError::Broken`] until it is opened again.
    pub fn write(&mut self, body: &[u8; N]) -> Result<(), KeysFileError> {
        if self.broken {
            return Err(KeysFileError::Broken);
        }
        self.broken = true;
        let sequence = self.sequence.saturating_add(1);
        let copy = Copy::bytes(sequence, body);
        for place in [0, copy.len() as u64] {
            self.write_copy(place, &copy)?;
        }
        self.sequence = sequence;
        self.body.copy_from_slice(body);
        self.broken = false;
        Ok(())
    }

    /// Writes the newest copy over the one that a crash left behind it.
    fn repair(&mut self, found: &[u8]) -> Result<(), KeysFileError> {
        let copy = Copy::bytes(self.sequence, &self.body);
        let first = found.starts_with(&copy);
        self.write_copy(if first { copy.len() as u64 } else { 0 }, &copy)
    }

    fn write_copy(&mut self, place: u64, copy: &[u8]) -> Result<(), KeysFileError> {
        self.region.write_at(place, copy).map_err(io_error("write"))?;
        self.region.sync().map_err(io_error("sync"))
    }
}

impl<const N: usize, R: Region> fmt::Debug for KeysFile<N, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeysFile").field("broken", &self.broken).finish_non_exhaustive()
    }
}

fn io_error(operation: &'static str) -> impl FnOnce(io::Error) -> KeysFileError {
    move |source| KeysFileError::Io { operation, source }
}
