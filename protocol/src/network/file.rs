//! The network file: a genesis and where to knock first, as an operator hands it out (TOML).
//!
//! Reading and writing the text is the node's; here is only its shape.

use super::{Genesis, GenesisError, Network};
use crate::{
    bounded::{List, Text},
    limits::{BOOTSTRAP_ADDRESSES, MULTIADDR_CHARS},
};
use serde::{Deserialize, Serialize};

/// A network file, unverified. Keys are hex, nodes are PeerIds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkFile {
    /// The version of the genesis below.
    pub version: u8,
    /// Multiaddrs of super nodes, each ending in `/p2p/<PeerId>`.
    pub bootstrap: List<Text<MULTIADDR_CHARS>, BOOTSTRAP_ADDRESSES>,
    /// The genesis.
    pub genesis: Genesis,
}

/// Why a network file leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkFileError {
    /// The genesis has a version this build does not read.
    #[error("the network file has version {found}, this build reads {known}")]
    Version {
        /// The version found.
        found: u8,
        /// The version this build reads.
        known: u8,
    },
    /// A bootstrap address does not look like one.
    #[error("{0:?} is no address of a super node: it starts with / and ends in /p2p/<PeerId>")]
    Bootstrap(String),
    /// The genesis is refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
}

impl NetworkFile {
    /// The version this build writes and reads.
    pub const VERSION: u8 = <Genesis as crate::codec::Format>::VERSION;

    /// Checks the file and returns the network and the addresses to dial.
    pub fn verify(self) -> Result<(Network, Vec<String>), NetworkFileError> {
        if self.version != Self::VERSION {
            let (found, known) = (self.version, Self::VERSION);
            return Err(NetworkFileError::Version { found, known });
        }
        let network = self.genesis.verify()?;
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

    fn file() -> NetworkFile {
        let peer = genesis().supers[0].node;
        let text = Text::new(format!("/ip4/192.0.2.7/udp/4001/quic-v1/p2p/{peer}")).unwrap();
        let version = NetworkFile::VERSION;
        NetworkFile { version, bootstrap: List::new(vec![text]).unwrap(), genesis: genesis() }
    }

    #[test]
    fn a_file_survives_toml_and_json() {
        let text = toml::to_string(&file()).unwrap();
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
        let mut other = file();
        other.version = 1;
        let version = NetworkFileError::Version { found: 1, known: 2 };
        assert_eq!(other.verify().unwrap_err(), version);
        for bad in ["", "/ip4/192.0.2.7/tcp/4001", "/p2p/abc", "ip4/1.2.3.4"] {
            let mut other = file();
            other.bootstrap = List::new(vec![Text::new(bad).unwrap()]).unwrap();
            assert_eq!(other.verify().unwrap_err(), NetworkFileError::Bootstrap(bad.into()));
        }
    }
}
