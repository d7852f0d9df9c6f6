//! The private files beside the store: device keys, key slots, fast login.

use crate::core::{FileChange, Start};
use magpie_protocol::codec::DecodeError;
use magpie_storage::{
    keys_file::{KeysFile, KeysFileError},
    private_file::{self, PrivateFileError},
};
use magpie_wallet::{
    device::DeviceSecrets,
    fast_login::FastLogin,
    keystore::{BODY_LEN, KeyStore, KeyStoreError},
    super_keys::{IssuerSecret, SuperSecrets},
};
use rand_core::CryptoRng;
use std::path::{Path, PathBuf};

/// The node key and the seal key.
const DEVICE: &str = "device";
/// The key slots (page 7).
const KEYS: &str = "keys";
/// The fast login, if the person chose it.
const FAST: &str = "fast";
/// A super node's receipts, consensus and beacon keys.
const SUPER: &str = "super.keys";

/// Why a private file is of no use. All are faults of this machine.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A small file could not be read or written.
    #[error(transparent)]
    Private(#[from] PrivateFileError),
    /// The key slots file could not be read or written.
    #[error("key slots: {0}")]
    Keys(#[from] KeysFileError),
    /// The key slots file holds no key slots.
    #[error("key slots: {0}")]
    Slots(#[from] KeyStoreError),
    /// A file does not hold what it should.
    #[error("{}: {cause}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: DecodeError,
    },
}

/// The private files of one data directory, or of a node that keeps none.
#[derive(Debug)]
pub(crate) struct PrivateFiles {
    /// None: nothing is kept beyond this process.
    dir: Option<PathBuf>,
    keys: Option<KeysFile<BODY_LEN>>,
}

impl PrivateFiles {
    /// Reads the files of a data directory; makes the device's keys at the first start.
    pub(crate) fn open(dir: &Path, rng: &mut dyn CryptoRng) -> Result<(Self, Start), FileError> {
        let damaged = |name: &str| {
            let path = dir.join(name);
            move |cause| FileError::Damaged { path, cause }
        };
        let device = match private_file::read(&dir.join(DEVICE)) {
            Ok(bytes) => DeviceSecrets::from_bytes(&bytes).map_err(damaged(DEVICE))?,
            Err(PrivateFileError::Missing(path)) => {
                let device = DeviceSecrets::generate(rng);
                private_file::write(&path, &device.to_bytes())?;
                device
            }
            Err(error) => return Err(error.into()),
        };
        let path = dir.join(KEYS);
        let file = path.exists().then(|| KeysFile::open(&path)).transpose()?;
        let keys = file.as_ref().map(|file| KeyStore::from_bytes(file.body())).transpose()?;
        let fast = match private_file::read(&dir.join(FAST)) {
            Ok(bytes) => Some(FastLogin::from_bytes(&bytes).map_err(damaged(FAST))?),
            Err(PrivateFileError::Missing(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok((Self { dir: Some(dir.to_owned()), keys: file }, Start { device, keys, fast }))
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

/// Reads a super node's keys from its data directory.
pub(crate) fn read_super(dir: &Path) -> Result<SuperSecrets, FileError> {
    let path = dir.join(SUPER);
    let bytes = private_file::read(&path)?;
    SuperSecrets::from_bytes(&bytes).map_err(|cause| FileError::Damaged { path, cause })
}

/// Reads an issuer's key from the file that [`new_network`](super::new_network()) wrote. Errors:
/// [`FileError`]; a file that others may read is refused like every private one.
pub fn read_issuer(path: &Path) -> Result<IssuerSecret, FileError> {
    let bytes = private_file::read(path)?;
    IssuerSecret::from_bytes(&bytes)
        .map_err(|cause| FileError::Damaged { path: path.to_owned(), cause })
}

/// Writes the keys of a new super node into its data directory.
pub(crate) fn write_super(
    dir: &Path,
    device: &DeviceSecrets,
    secrets: &SuperSecrets,
) -> Result<(), FileError> {
    private_file::write(&dir.join(DEVICE), &device.to_bytes())?;
    Ok(private_file::write(&dir.join(SUPER), &secrets.to_bytes())?)
}
