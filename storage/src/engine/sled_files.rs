//! The files that sled writes, brought to the disk itself.
//!
//! On Linux sled 0.34.7 ends a flush with `sync_file_range`, which waits for the data, but neither for
//! the file's length nor for the disk's own cache; and a row over an eighth of a mebibyte becomes a
//! file of its own that it never syncs. Both outlive the process, not a loss of power. Here they are
//! synced after each flush, by handles of our own.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How long after a directory's change another one may bear the same time.
const SAME_TIME: Duration = Duration::from_secs(1);

/// The log, and the directory of rows too large for it.
pub(super) struct SledFiles {
    log: File,
    blobs: PathBuf,
    /// When the directory was last changed, and what is in it and synced.
    seen: Option<SystemTime>,
    synced: BTreeSet<OsString>,
}

impl SledFiles {
    /// Opens the files of a store that sled has made or opened, and makes their names durable.
    pub(super) fn open(store: &Path) -> io::Result<Self> {
        let log = to_sync(&store.join("db"))?;
        sync_directory(store)?;
        let mut files =
            Self { log, blobs: store.join("blobs"), seen: None, synced: BTreeSet::new() };
        files.sync_blobs()?;
        files.sync_log()?;
        Ok(files)
    }

    /// Waits until the disk has what was flushed of the log.
    pub(super) fn sync_log(&mut self) -> io::Result<()> {
        self.log.sync_data()
    }

    /// Waits until the disk has the large rows that were applied since the last time: before the log
    /// is flushed, or a loss of power would leave a log that names rows which are not there. Sled
    /// deletes those it no longer needs, also between the listing and the opening.
    pub(super) fn sync_blobs(&mut self) -> io::Result<()> {
        let changed = match fs::metadata(&self.blobs) {
            Ok(directory) => directory.modified()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if self.seen == Some(changed) {
            return Ok(());
        }
        let mut there = BTreeSet::new();
        for entry in fs::read_dir(&self.blobs)? {
            let name = entry?.file_name();
            if !self.synced.contains(&name) {
                match to_sync(&self.blobs.join(&name)) {
                    Ok(blob) => blob.sync_data()?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
            }
            there.insert(name);
        }
        sync_directory(&self.blobs)?;
        self.synced = there;
        let is_over = changed.elapsed().is_ok_and(|since| since > SAME_TIME);
        self.seen = is_over.then_some(changed);
        Ok(())
    }
}

/// Opens a file of sled's to sync it, which on Windows needs the right to write.
fn to_sync(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Makes the names in a directory durable, where the system can.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_large_row_is_synced_once_and_forgotten_when_it_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let db = sled::Config::new().path(directory.path()).flush_every_ms(None).open().unwrap();
        let mut files = SledFiles::open(directory.path()).unwrap();
        assert!(files.synced.is_empty());
        db.insert(b"large", vec![7; 300 << 10]).unwrap();
        files.sync_blobs().unwrap();
        db.flush().unwrap();
        files.sync_log().unwrap();
        let on_disk = || fs::read_dir(directory.path().join("blobs")).unwrap().count();
        assert!(on_disk() > 0, "sled keeps rows of this size elsewhere");
        assert_eq!(files.synced.len(), on_disk());
        let synced = files.synced.clone();
        files.sync_blobs().unwrap();
        assert_eq!(files.synced, synced);
        for round in 0..40_u8 {
            db.insert(b"large", vec![round; 300 << 10]).unwrap();
            db.flush().unwrap();
            files.sync_blobs().unwrap();
        }
        assert_eq!(files.synced.len(), on_disk());
    }
}
