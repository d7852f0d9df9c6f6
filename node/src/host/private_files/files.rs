//! The files that a running node changes.

use super::FileError;
use crate::core::FileChange;
use magpie_storage::{keys_file::KeysFile, private_file};
use magpie_wallet::keystore::BODY_LEN;
use std::path::PathBuf;

/// The key slots (page 7).
pub(super) const KEYS: &str = "keys";
/// The fast login, if the person chose it.
pub(super) const FAST: &str = "fast";

/// The private files of one data directory, or of a node that keeps none.
#[derive(Debug)]
pub(crate) struct PrivateFiles {
    /// None: nothing is kept beyond this process.
    dir: Option<PathBuf>,
    keys: Option<KeysFile<BODY_LEN>>,
}

impl PrivateFiles {
    /// Returns the files of a data directory, with its key slots if it has them.
    #[cfg(feature = "net")]
    pub(super) fn kept_in(dir: &std::path::Path, keys: Option<KeysFile<BODY_LEN>>) -> Self {
        Self { dir: Some(dir.to_owned()), keys }
    }

    /// Returns files that nobody keeps.
    pub(crate) const fn none() -> Self {
        Self { dir: None, keys: None }
    }

    /// Makes one change durable.
    pub(crate) fn write(&mut self, change: &FileChange) -> Result<(), FileError> {
        let Some(dir) = &self.dir else { return Ok(()) };
        match change {
            FileChange::Keys(body) => match &mut self.keys {
                Some(file) => file.write(body)?,
                None => self.keys = Some(KeysFile::create(&dir.join(KEYS), body)?),
            },
            FileChange::FastLogin(Some(bytes)) => {
                private_file::write(&dir.join(FAST), bytes)?;
            }
            FileChange::FastLogin(None) => private_file::remove(&dir.join(FAST))?,
        }
        Ok(())
    }
}
