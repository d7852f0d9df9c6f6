//! The issuer's key, which its holder keeps apart from every node.

use super::FileError;
use magpie_storage::private_file;
use magpie_wallet::super_keys::IssuerSecret;
use std::path::Path;

/// Reads an issuer's key from the file that [`new_network`](crate::host::new_network()) wrote. Errors:
/// [`FileError`]; a file that others may read is refused like every private one.
pub fn read_issuer(path: &Path) -> Result<IssuerSecret, FileError> {
    let bytes = private_file::read(path)?;
    IssuerSecret::from_bytes(&bytes)
        .map_err(|cause| FileError::Damaged { path: path.to_owned(), cause })
}
