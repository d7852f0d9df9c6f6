//! The two halves as files beside those of the inner engine.

use super::medium::{Half, Medium, Sync};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

/// Bytes of one file, at most; twice as many of rows stand in memory.
const HALF_BYTES: usize = 4 << 20;

/// Their names.
const NAMES: [&str; 2] = ["journal.0", "journal.1"];

/// By how much a file grows, filled with zeros: a sync of what does not change a file's length waits for
/// the data alone.
const GROWTH_BYTES: usize = 256 << 10;
/// Zeros written at once: a system that keeps a larger write as one page would write all of it again each
/// time that something in it changes.
const ZEROS: [u8; 4 << 10] = [0; 4 << 10];

/// Two files.
pub(in crate::engine) struct Files {
    files: [Arc<File>; 2],
    lengths: [usize; 2],
}

impl Files {
    /// Opens the files in a directory, or makes them, and makes their names durable.
    pub(in crate::engine) fn open(directory: &Path) -> io::Result<Self> {
        let open = |name| {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(directory.join(name)).map(Arc::new)
        };
        let files = [open(NAMES[0])?, open(NAMES[1])?];
        let length = |file: &File| {
            let length = file.metadata()?.len();
            Ok::<_, io::Error>(usize::try_from(length).unwrap_or(usize::MAX))
        };
        let lengths = [length(&files[0])?, length(&files[1])?];
        if cfg!(unix) {
            File::open(directory)?.sync_all()?;
        }
        Ok(Self { files, lengths })
    }

    fn grow(&mut self, half: Half, needed: usize) -> io::Result<()> {
        let length = &mut self.lengths[half.index()];
        if needed > *length {
            let grown = needed.next_multiple_of(GROWTH_BYTES).min(HALF_BYTES).max(needed);
            let mut file = &*self.files[half.index()];
            file.seek(SeekFrom::Start(*length as u64))?;
            while *length < grown {
                let zeros = &ZEROS[..ZEROS.len().min(grown - *length)];
                file.write_all(zeros)?;
                *length += zeros.len();
            }
        }
        Ok(())
    }
}

impl Medium for Files {
    fn capacity(&self) -> usize {
        HALF_BYTES
    }

    fn read(&mut self, half: Half) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = &*self.files[half.index()];
        file.seek(SeekFrom::Start(0))?;
        file.take(HALF_BYTES as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, half: Half, at: usize, bytes: &[u8]) -> io::Result<()> {
        self.grow(half, at.saturating_add(bytes.len()))?;
        let mut file = &*self.files[half.index()];
        file.seek(SeekFrom::Start(at as u64))?;
        file.write_all(bytes)
    }

    fn begin_sync(&mut self, half: Half) -> Sync {
        let file = Arc::clone(&self.files[half.index()]);
        Box::new(move || file.sync_data())
    }
}
