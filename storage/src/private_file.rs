//! Small files that only their owner may read, and the directory they stand in.
//!
//! In: bytes and a path. Out: a file that is either the old one or the new one after a crash,
//! with mode 0600, and bytes that nobody else could have read. Modes are checked on Unix; other
//! systems keep their own defaults.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The most bytes a private file may have.
pub const PRIVATE_FILE_BYTES: u64 = 1 << 20;

/// Why a private file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum PrivateFileError {
    /// There is no such file.
    #[error("{}: there is no such file", .0.display())]
    Missing(PathBuf),
    /// It is a link, a directory or something else that is not a plain file.
    #[error("{}: not a plain file", .0.display())]
    NotPlain(PathBuf),
    /// Its group or others may read or write it.
    #[error("{}: mode {mode:03o} lets others in, make it 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is larger than [`PRIVATE_FILE_BYTES`].
    #[error("{}: {len} bytes, at most {PRIVATE_FILE_BYTES} are allowed", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Bytes found.
        len: u64,
    },
    /// The file system refused.
    #[error("{}: cannot {operation}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        operation: &'static str,
        /// What the file system said.
        source: io::Error,
    },
}

/// Why a directory cannot be a data directory.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It is not there, or no directory.
    #[error("{}: not a directory", .0.display())]
    NotDirectory(PathBuf),
    /// Its group or others may write to it, and so replace what is in it.
    #[error("{}: mode {mode:03o} lets others write, make it 700", path.display())]
    Writable {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

/// Makes the directory `path` (mode 0700) and its parents if they are missing, and checks it as
/// [`check_directory`] does.
pub fn create_directory(path: &Path) -> Result<(), DirectoryError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => DirectoryError::NotDirectory(path.to_path_buf()),
        _ => DirectoryError::Io { path: path.to_path_buf(), source },
    })?;
    check_directory(path)
}

/// Refuses a data directory that its group or others may write to.
pub fn check_directory(path: &Path) -> Result<(), DirectoryError> {
    let metadata = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => DirectoryError::NotDirectory(path.to_path_buf()),
        _ => DirectoryError::Io { path: path.to_path_buf(), source },
    })?;
    if !metadata.is_dir() {
        return Err(DirectoryError::NotDirectory(path.to_path_buf()));
    }
    match mode(&metadata) {
        Some(mode) if mode & 0o022 != 0 => {
            Err(DirectoryError::Writable { path: path.to_path_buf(), mode })
        }
        _ => Ok(()),
    }
}

/// Puts `bytes` into the file at `path`, in place of what it held; one writer at a time.
///
/// On return they are durable. After a crash the file is the old one or the new one; a temporary
/// file may be left beside it, which the next write removes.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), PrivateFileError> {
    let len = bytes.len() as u64;
    if len > PRIVATE_FILE_BYTES {
        return Err(PrivateFileError::TooLong { path: path.to_path_buf(), len });
    }
    replace(path, bytes).map_err(|(operation, source)| PrivateFileError::Io {
        path: path.to_path_buf(),
        operation,
        source,
    })
}

/// Returns the bytes of the file at `path`, which must be plain and its owner's alone.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
    let file = open_plain(path, OpenOptions::new().read(true))?;
    let len = file.metadata().map_err(|error| io_error(path, "read its size", error))?.len();
    if len > PRIVATE_FILE_BYTES {
        return Err(PrivateFileError::TooLong { path: path.to_path_buf(), len });
    }
    // Sized once, so that no copy of a secret is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(len as usize + 1));
    file.take(PRIVATE_FILE_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| io_error(path, "read", error))?;
    Ok(bytes)
}

/// Removes the file at `path` and what a crash may have left beside it; it may be missing.
pub fn remove(path: &Path) -> Result<(), PrivateFileError> {
    for file in [path.to_path_buf(), temporary(path)] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(path, "remove", error));
            }
            _ => {}
        }
    }
    sync_parent(path).map_err(|error| io_error(path, "sync the directory", error))
}

/// Opens a plain file that is its owner's alone, and no link.
pub(crate) fn open_plain(path: &Path, options: &OpenOptions) -> Result<File, PrivateFileError> {
    let before = fs::symlink_metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => PrivateFileError::Missing(path.to_path_buf()),
        _ => io_error(path, "look it up", error),
    })?;
    if !before.is_file() {
        return Err(PrivateFileError::NotPlain(path.to_path_buf()));
    }
    let file = options.open(path).map_err(|error| io_error(path, "open", error))?;
    let opened = file.metadata().map_err(|error| io_error(path, "look it up", error))?;
    // A link put there between the look and the opening leads to another file.
    if !same_file(&before, &opened) {
        return Err(PrivateFileError::NotPlain(path.to_path_buf()));
    }
    match mode(&opened) {
        Some(mode) if mode & 0o077 != 0 => {
            Err(PrivateFileError::Exposed { path: path.to_path_buf(), mode })
        }
        _ => Ok(file),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), (&'static str, io::Error)> {
    let temporary = temporary(path);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(("remove a temporary file", error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written
        .map_err(|error| ("write a temporary file", error))
        .and_then(|()| fs::rename(&temporary, path).map_err(|error| ("put in place", error)));
    if renamed.is_err() {
        // What was half written may be half a secret; the first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    renamed?;
    sync_parent(path).map_err(|error| ("sync the directory", error))
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Only Unix opens directories; elsewhere the rename itself is all there is.
    if cfg!(unix) { File::open(parent)?.sync_all() } else { Ok(()) }
}

fn io_error(path: &Path, operation: &'static str, source: io::Error) -> PrivateFileError {
    PrivateFileError::Io { path: path.to_path_buf(), operation, source }
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("node.key");
        assert!(matches!(read(&path), Err(PrivateFileError::Missing(_))));
        write(&path, b"first").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"first");
        // As a crash before the rename leaves it.
        fs::write(temporary(&path), b"half").unwrap();
        write(&path, b"").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        fs::write(temporary(&path), b"half").unwrap();
        remove(&path).unwrap();
        remove(&path).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn large_files_and_directories_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let large = vec![0; PRIVATE_FILE_BYTES as usize + 1];
        assert!(matches!(write(&path, &large), Err(PrivateFileError::TooLong { .. })));
        assert!(!path.exists());
        write(&path, b"").unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&large).unwrap();
        assert!(matches!(read(&path), Err(PrivateFileError::TooLong { .. })));
        assert!(matches!(read(directory.path()), Err(PrivateFileError::NotPlain(_))));
        let nowhere = directory.path().join("no/file");
        assert!(matches!(write(&nowhere, b""), Err(PrivateFileError::Io { .. })));
        fs::create_dir(directory.path().join("dir")).unwrap();
        assert!(write(&directory.path().join("dir"), b"secret").is_err());
        assert!(!directory.path().join("dir.new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn modes_are_set_and_checked() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        write(&path, b"secret").unwrap();
        assert_eq!(mode(&fs::metadata(&path).unwrap()), Some(0o600));
        for exposed in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(exposed)).unwrap();
            let refused = read(&path);
            assert!(
                matches!(refused, Err(PrivateFileError::Exposed { mode, .. }) if mode == exposed)
            );
        }
        // A write makes it private again, because it makes a new file.
        write(&path, b"secret").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"secret");
        let link = directory.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(matches!(read(&link), Err(PrivateFileError::NotPlain(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_data_directory_is_its_owners_to_write() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        assert!(matches!(check_directory(&path), Err(DirectoryError::NotDirectory(_))));
        create_directory(&path).unwrap();
        create_directory(&path).unwrap();
        assert_eq!(mode(&fs::metadata(&path).unwrap()), Some(0o700));
        for (mode, fine) in [(0o755, true), (0o775, false), (0o757, false), (0o700, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(check_directory(&path).is_ok(), fine, "{mode:o}");
        }
        let file = path.join("file");
        write(&file, b"").unwrap();
        assert!(matches!(check_directory(&file), Err(DirectoryError::NotDirectory(_))));
        assert!(matches!(create_directory(&file), Err(DirectoryError::NotDirectory(_))));
    }
}
