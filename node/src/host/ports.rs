//! The ports on which a node listens when nobody tells it where: taken once, then kept, so that
//! those who know its address find it again.

use crate::host::private_files::FileError;
use magpie_protocol::codec::{self, Format};
use magpie_storage::private_file::{self, PrivateFileError};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The ports' file in the data directory.
const PORTS: &str = "ports";

/// A node's kept ports; zero is one not taken yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    /// TCP.
    pub(crate) tcp: u16,
    /// UDP, for QUIC.
    pub(crate) udp: u16,
}

impl Format for Ports {
    const NAME: &'static str = "ports";
    const VERSION: u8 = 1;
    const LIMIT: usize = 7;
}

impl Ports {
    /// Reads the ports of a data directory; both are zero before the first start.
    pub(crate) fn read(dir: &Path) -> Result<Self, FileError> {
        let path = dir.join(PORTS);
        match private_file::read(&path) {
            Ok(bytes) => codec::decode(&bytes).map_err(|cause| FileError::Damaged { path, cause }),
            Err(PrivateFileError::Missing(_)) => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the ports in a data directory.
    pub(crate) fn write(self, dir: &Path) -> Result<(), FileError> {
        let bytes = codec::encode(&self).expect("two ports always fit their format");
        Ok(private_file::write(&dir.join(PORTS), &bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_file_that_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Ports::read(dir.path()).unwrap(), Ports::default());
        let ports = Ports { tcp: 4001, udp: 65_535 };
        ports.write(dir.path()).unwrap();
        let bytes = private_file::read(&dir.path().join(PORTS)).unwrap();
        assert_eq!(hex::encode(&*bytes), "01fba10ffbffff");
        assert_eq!(Ports::read(dir.path()).unwrap(), ports);
    }

    #[test]
    fn a_damaged_file_is_an_error_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(PORTS);
        private_file::write(&path, b"4001").unwrap();
        assert!(matches!(Ports::read(dir.path()), Err(FileError::Damaged { .. })));
        assert_eq!(&**private_file::read(&path).unwrap(), b"4001");
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            if let Ok(ports) = codec::decode::<Ports>(&bytes) {
                prop_assert_eq!(codec::encode(&ports).unwrap(), bytes);
            }
        }
    }
}
