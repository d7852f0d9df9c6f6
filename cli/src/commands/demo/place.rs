//! The demo's directory: made, locked and deleted by demos alone, which know it by a marker file.

use crate::error::Error;
use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// The directory, below the data directory.
const NAME: &str = "demo";
/// The file that says that a demo made the directory; a running one holds its lock.
const MARKER: &str = ".magpie-demo";
/// What the marker says to who finds it.
const MARKER_TEXT: &str = "`magpie demo` made this directory; `magpie demo --fresh` deletes it.\n";

/// The demo's directory, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    dir: PathBuf,
    /// Holds the lock.
    _marker: File,
}

impl Place {
    /// Opens the directory below `data_dir`, or makes it; `fresh` empties it first. Errors: it is
    /// somebody else's, another demo runs on it, or the file system refuses.
    pub(super) fn open(data_dir: &Path, fresh: bool) -> Result<Self, Error> {
        let dir = data_dir.join(NAME);
        let marker = dir.join(MARKER);
        if !marker.is_file() && !is_empty(&dir)? {
            return Err(Error::Conflict(format!(
                "{} was not made by a demo: say --data-dir for another place",
                dir.display()
            )));
        }
        make_private(&dir).map_err(|error| refused(&dir, &error))?;
        let open = File::options().create(true).truncate(false).write(true).open(&marker);
        let file = open.map_err(|error| refused(&marker, &error))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Error::Conflict(format!("a demo runs on {} already", dir.display()))
            }
            TryLockError::Error(error) => refused(&marker, &error),
        })?;
        if fresh {
            empty(&dir)?;
        }
        fs::write(&marker, MARKER_TEXT).map_err(|error| refused(&marker, &error))?;
        Ok(Self { dir, _marker: file })
    }

    /// Returns the directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Makes a directory and its parents, for this user alone.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::Failed(format!("{}: {error}", path.display()))
}

fn is_empty(dir: &Path) -> Result<bool, Error> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(refused(dir, &error)),
    }
}

/// Deletes everything in the directory but the marker, which is locked and keeps the rest the demo's
/// where a deletion is cut short.
fn empty(dir: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(dir).map_err(|error| refused(dir, &error))? {
        let entry = entry.map_err(|error| refused(dir, &error))?;
        let path = entry.path();
        if entry.file_name() == MARKER {
            continue;
        }
        // Of a link the link goes, not what it leads to.
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let gone = if is_dir { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        gone.map_err(|error| refused(&path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_made_is_emptied_and_by_one_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        let place = Place::open(data.path(), false).unwrap();
        let file = place.dir().join("kept");
        fs::write(&file, "x").unwrap();
        let busy = Place::open(data.path(), true).unwrap_err();
        assert!(matches!(busy, Error::Conflict(_)), "{busy}");
        drop(place);
        drop(Place::open(data.path(), false).unwrap());
        assert!(file.exists());
        fs::create_dir(data.path().join("demo/net")).unwrap();
        drop(Place::open(data.path(), true).unwrap());
        assert!(!file.exists() && !data.path().join("demo/net").exists());
        assert!(data.path().join("demo").join(MARKER).exists());
    }

    #[test]
    fn somebody_elses_directory_stays_as_it_is() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("demo/mine");
        fs::create_dir(data.path().join("demo")).unwrap();
        fs::write(&file, "x").unwrap();
        for fresh in [false, true] {
            let refused = Place::open(data.path(), fresh).unwrap_err();
            assert!(refused.to_string().contains("not made by a demo"), "{refused}");
        }
        assert!(file.exists() && !data.path().join("demo").join(MARKER).exists());
    }
}
