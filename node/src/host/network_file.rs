//! The network file on disk: TOML that an operator hands out, read with bounds and verified.

use magpie_protocol::network::{Checkpoint, Network, NetworkFile, NetworkFileError};
use serde::Deserialize;
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Most bytes of a network file; the largest genesis and all bootstrap addresses take less.
const NETWORK_FILE_BYTES: u64 = 256 << 10;

/// Why a network file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ReadNetworkError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// It is longer than any network file.
    #[error("{}: more than {NETWORK_FILE_BYTES} bytes, this is no network file", .0.display())]
    TooLong(PathBuf),
    /// It is no TOML of the right shape.
    #[error("{}: {cause}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        cause: Box<toml::de::Error>,
    },
    /// It names no valid network.
    #[error("{}: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The rule it breaks.
        cause: NetworkFileError,
    },
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    version: u8,
}

/// Returns the network that a file names, verified, and its bootstrap addresses.
pub fn read_network(path: &Path) -> Result<(Network, Vec<String>), ReadNetworkError> {
    let invalid = |cause| ReadNetworkError::Invalid { path: path.to_owned(), cause };
    read_file(path)?.verify().map_err(invalid)
}

/// Returns a network file that can be verified.
fn read_file(path: &Path) -> Result<NetworkFile, ReadNetworkError> {
    let io = |source| ReadNetworkError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    let mut text = String::new();
    file.take(NETWORK_FILE_BYTES + 1).read_to_string(&mut text).map_err(io)?;
    if text.len() as u64 > NETWORK_FILE_BYTES {
        return Err(ReadNetworkError::TooLong(path.to_owned()));
    }
    let toml = |cause| ReadNetworkError::Toml { path: path.to_owned(), cause: Box::new(cause) };
    // Another version has other fields, and is told by its number, not by one that is missing.
    let Version { version: found } = toml::from_str(&text).map_err(toml)?;
    let invalid = |cause| ReadNetworkError::Invalid { path: path.to_owned(), cause };
    NetworkFile::check_version(found).map_err(invalid)?;
    let file: NetworkFile = toml::from_str(&text).map_err(toml)?;
    file.clone().verify().map_err(invalid)?;
    Ok(file)
}

/// Writes a network file like another with this checkpoint in it, durable on return. It is never
/// written over a file: `to` must not exist.
pub fn vouch(from: &Path, to: &Path, checkpoint: Checkpoint) -> Result<(), ReadNetworkError> {
    let NetworkFile { bootstrap, genesis, .. } = read_file(from)?;
    let file = NetworkFile::new(genesis, bootstrap, Some(checkpoint));
    let text = network_text(&file);
    write_network(to, &text).map_err(|source| ReadNetworkError::Io { path: to.to_owned(), source })
}

/// Returns a network file as it stands on disk.
pub(crate) fn network_text(file: &NetworkFile) -> String {
    toml::to_string_pretty(file).expect("a network file is plain tables, numbers and texts")
}

/// Writes a new network file, durable on return. Error: it exists, or the file system refuses.
pub(crate) fn write_network(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_network_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("network.toml");
        assert!(matches!(read_network(&path), Err(ReadNetworkError::Io { .. })));
        write_network(&path, "version = 2\nbootstrap = []\n").unwrap();
        let error = read_network(&path).unwrap_err().to_string();
        assert!(error.contains("genesis") && error.contains("network.toml"), "{error}");
        let old = dir.path().join("old.toml");
        write_network(&old, "version = 1\nbootstrap = []\n").unwrap();
        let error = read_network(&old).unwrap_err().to_string();
        assert!(error.contains("version 1, this build reads 2 to 3"), "{error}");
        assert!(write_network(&path, "").is_err(), "never written over");
        let long = dir.path().join("long");
        write_network(&long, &" ".repeat(NETWORK_FILE_BYTES as usize + 1)).unwrap();
        assert!(matches!(read_network(&long), Err(ReadNetworkError::TooLong(_))));
    }
}
