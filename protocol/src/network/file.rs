//! The network file: a genesis, where to knock first, and maybe a checkpoint, as an operator hands it
//! out (TOML).
//!
//! Reading and writing the text is the node's; here is only its shape.

use super::{Checkpoint, Genesis, GenesisError, Network};
use crate::{
    bounded::{List, Text},
    limits::{BOOTSTRAP_ADDRESSES, MULTIADDR_CHARS},
};
use serde::{Deserialize, Serialize};

/// A network file, unverified. Keys are hex, nodes are PeerIds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkFile {
    /// 2, or 3 where a checkpoint stands: builds that know none refuse such a file.
    pub version: u8,
    /// Multiaddrs of super nodes, each ending in `/p2p/<PeerId>`.
    pub bootstrap: List<Text<MULTIADDR_CHARS>, BOOTSTRAP_ADDRESSES>,
    /// A decided header, if there is one to vouch for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// The genesis, of version 2.
    pub genesis: Genesis,
}

/// Why a network file leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkFileError {
    /// It has a version this build does not read.
    #[error("the network file has version {found}, this build reads {least} to {most}")]
    Version {
        /// The version found.
        found: u8,
        /// The oldest version this build reads.
        least: u8,
        /// The newest version this build reads.
        most: u8,
    },
    /// A checkpoint stands in a file of a version that had none, or is of no block.
    #[error("a network file with a checkpoint has version 3, and its height is not 0")]
    Checkpoint,
    /// A bootstrap address does not look like one.
    #[error("{0:?} is no address of a super node: it starts with / and ends in /p2p/<PeerId>")]
    Bootstrap(String),
    /// The genesis is refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
}

impl NetworkFile {
    /// The newest version, with a checkpoint.
    pub const VERSION: u8 = 3;
    /// The version without one: that of the genesis.
    pub const WITHOUT_CHECKPOINT: u8 = <Genesis as crate::codec::Format>::VERSION;

    /// Returns a file with these contents, of the version that they need.
    pub fn new(
        genesis: Genesis,
        bootstrap: List<Text<MULTIADDR_CHARS>, BOOTSTRAP_ADDRESSES>,
        checkpoint: Option<Checkpoint>,
    ) -> Self {
        let version = if checkpoint.is_some() { Self::VERSION } else { Self::WITHOUT_CHECKPOINT };
        Self { version, bootstrap, checkpoint, genesis }
    }

    /// Checks that this build reads files of a version.
    ///
    /// Error: [`NetworkFileError::Version`].
    pub fn check_version(found: u8) -> Result<(), NetworkFileError> {
        let (least, most) = (Self::WITHOUT_CHECKPOINT, Self::VERSION);
        if (least..=most).contains(&found) {
            return Ok(());
        }
        Err(NetworkFileError::Version { found, least, most })
    }

    /// Checks the file and returns the network and the addresses to dial.
    pub fn verify(self) -> Result<(Network, Vec<String>), NetworkFileError> {
        Self::check_version(self.version)?;
        let misplaced = self.version == Self::WITHOUT_CHECKPOINT;
        if self.checkpoint.is_some_and(|checkpoint| misplaced || checkpoint.height == 0) {
            return Err(NetworkFileError::Checkpoint);
        }
        let network = self.genesis.verify()?.with_checkpoint(self.checkpoint);
        let bootstrap = self.bootstrap.into_iter().map(|text| {
            let text = text.into_string();
            let plain = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic());
            let peer = text.rsplit_once("/p2p/").map(|(_, peer)| peer);
            let named = peer.is_some_and(|peer| peer.parse::<crate::address::NodeId>().is_ok());
            if plain && named { Ok(text) } else { Err(NetworkFileError::Bootstrap(text)) }
        });
        let bootstrap = bootstrap.collect::<Result<_, _>>()?;
        Ok((network, bootstrap))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::genesis::tests::genesis, *};
    use crate::ledger::BlockHash;

    fn file() -> NetworkFile {
        let peer = genesis().supers[0].node;
        let text = Text::new(format!("/ip4/192.0.2.7/udp/4001/quic-v1/p2p/{peer}")).unwrap();
        NetworkFile::new(genesis(), List::new(vec![text]).unwrap(), None)
    }

    #[test]
    fn a_file_with_a_checkpoint_is_of_a_version_of_its_own() {
        let checkpoint = Checkpoint { height: 300, hash: BlockHash([0xab; 32]) };
        let NetworkFile { bootstrap, genesis, .. } = file();
        let of = NetworkFile::new(genesis, bootstrap, Some(checkpoint));
        let text = toml::to_string(&of).unwrap();
        let hash = "ab".repeat(32);
        let table = format!("[checkpoint]\nheight = 300\nhash = \"{hash}\"\n");
        assert!(text.starts_with("version = 3\n") && text.contains(&table), "{text}");
        assert_eq!(toml::from_str::<NetworkFile>(&text).unwrap(), of);
        let (network, _) = of.clone().verify().unwrap();
        assert_eq!(network.checkpoint(), Some(checkpoint));
        assert_eq!(network.id(), self::genesis().verify().unwrap().id(), "the network is the same");
        // A build of version 2 would not know what it leaves out.
        let older = NetworkFile { version: 2, ..of.clone() };
        assert_eq!(older.verify().unwrap_err(), NetworkFileError::Checkpoint);
        let genesis =
            NetworkFile { checkpoint: Some(Checkpoint { height: 0, ..checkpoint }), ..of };
        assert_eq!(genesis.verify().unwrap_err(), NetworkFileError::Checkpoint);
        let misspelled = text.replace("height", "hight");
        assert!(toml::from_str::<NetworkFile>(&misspelled).is_err());
    }

    #[test]
    fn a_file_survives_toml_and_json() {
        let text = toml::to_string(&file()).unwrap();
        assert!(text.starts_with("version = 2\n") && !text.contains("checkpoint"), "{text}");
        assert!(text.contains(&hex::encode(genesis().issuer.0)), "{text}");
        assert!(text.contains("12D3KooW"), "{text}");
        let (network, bootstrap) = toml::from_str::<NetworkFile>(&text).unwrap().verify().unwrap();
        assert_eq!(network, genesis().verify().unwrap());
        assert_eq!(bootstrap.len(), 1);
        let json = serde_json::to_string(&file()).unwrap();
        assert_eq!(serde_json::from_str::<NetworkFile>(&json).unwrap(), file());
    }

    #[test]
    fn a_misspelled_field_is_refused_and_not_taken_for_absent() {
        let text = toml::to_string(&file()).unwrap().replace("stamp_effort", "stamp_efort");
        assert!(toml::from_str::<NetworkFile>(&text).is_err());
    }

    #[test]
    fn other_versions_and_addresses_without_a_peer_are_refused() {
        for found in [1, 4] {
            let mut other = file();
            other.version = found;
            let version = NetworkFileError::Version { found, least: 2, most: 3 };
            assert_eq!(other.verify().unwrap_err(), version);
        }
        for bad in ["", "/ip4/192.0.2.7/tcp/4001", "/p2p/abc", "ip4/1.2.3.4"] {
            let mut other = file();
            other.bootstrap = List::new(vec![Text::new(bad).unwrap()]).unwrap();
            assert_eq!(other.verify().unwrap_err(), NetworkFileError::Bootstrap(bad.into()));
        }
    }
}
