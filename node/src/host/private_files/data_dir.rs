//! The private files of a data directory: read, and made where there are none.

use super::{
    FileError, PrivateFiles,
    files::{FAST, KEYS},
};
use crate::core::Start;
use magpie_storage::{
    keys_file::KeysFile,
    private_file::{self, PrivateFileError},
};
use magpie_wallet::{
    device::DeviceSecrets, fast_login::FastLogin, keystore::KeyStore, super_keys::SuperSecrets,
};
use rand_core::CryptoRng;
use std::path::Path;

/// The node key and the seal key.
const DEVICE: &str = "device";
/// A super node's receipts, consensus and beacon keys.
const SUPER: &str = "super.keys";

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
        Ok((Self::kept_in(dir, file), Start { device, keys, fast }))
    }
}

/// Reads a super node's keys from its data directory.
pub(crate) fn read_super(dir: &Path) -> Result<SuperSecrets, FileError> {
    let path = dir.join(SUPER);
    let bytes = private_file::read(&path)?;
    SuperSecrets::from_bytes(&bytes).map_err(|cause| FileError::Damaged { path, cause })
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
