//! A new network in a directory, and the configurations of its nodes.

use super::Failed;
use magpie_node::host::{
    NetworkConfig, NewNetwork, Node, NodeConfig, net::Role, new_network, read_network,
};
use magpie_wallet::kdf::KdfParams;
use std::path::{Path, PathBuf};

/// How two nodes reach each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Quic,
}

impl Transport {
    /// Returns the transport's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Quic => "quic",
        }
    }

    /// Returns the transport with this name.
    pub(crate) fn named(name: &str) -> Result<Self, Failed> {
        [Self::Tcp, Self::Quic]
            .into_iter()
            .find(|it| it.name() == name)
            .ok_or_else(|| format!("{name} is no transport").into())
    }

    /// Returns a free place on loopback.
    pub(crate) fn place(self) -> String {
        match self {
            Self::Tcp => "/ip4/127.0.0.1/tcp/0".into(),
            Self::Quic => "/ip4/127.0.0.1/udp/0/quic-v1".into(),
        }
    }

    /// Tells whether an address is one of this transport.
    pub(crate) fn serves(self, addr: &str) -> bool {
        addr.contains(match self {
            Self::Tcp => "/tcp/",
            Self::Quic => "/quic-v1/",
        })
    }
}

/// Makes a network of so many super nodes in a directory.
pub(crate) fn make(dir: &Path, supers: usize) -> Result<NewNetwork, Failed> {
    Ok(new_network(&dir.join("net"), supers, None)?)
}

/// Returns the configuration of a node that knows one transport alone. Locks of passwords cost what
/// they cost in tests; there is no HTTP: programs of this process call the node's handle.
pub(crate) fn config(
    data_dir: PathBuf,
    file: &Path,
    transport: Transport,
) -> Result<NodeConfig, Failed> {
    let (network, mut bootstrap) = read_network(file)?;
    bootstrap.retain(|addr| transport.serves(addr));
    let listen = vec![transport.place()];
    let network = Some(NetworkConfig { network, bootstrap, role: Role::User, listen });
    Ok(NodeConfig { data_dir, api: None, kdf: KdfParams::TEST, network })
}

/// Starts a network's super nodes, which listen on both transports.
pub(crate) async fn start_supers(file: &Path, dirs: &[PathBuf]) -> Result<Vec<Node>, Failed> {
    let mut nodes = Vec::new();
    for dir in dirs {
        let (network, bootstrap) = read_network(file)?;
        let network = Some(NetworkConfig { network, bootstrap, role: Role::Super, listen: vec![] });
        let config = NodeConfig { data_dir: dir.clone(), api: None, kdf: KdfParams::TEST, network };
        nodes.push(Node::start(config).await?);
    }
    Ok(nodes)
}
