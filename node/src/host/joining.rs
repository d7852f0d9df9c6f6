//! How a node gets into its network: what its configuration means, the listeners it opens, and the
//! swarm between them and the core.
//!
//! In: a [`NetworkConfig`] and the device's keys. Out: the core's part of it ([`Membership`] and
//! [`CoreRole`]), and a [`Joined`] swarm. Start at [`join`].

use crate::{
    core::{Membership, Role as CoreRole, net::NetEvent},
    host::{
        mailbox::HostInput,
        net::{
            NetHandle, RealTransportError, Role, SpawnError, SwarmConfig, keypair, port_is_free,
            real_transport, spawn,
        },
        ports::Ports,
        private_files::{self, FileError},
    },
};
use libp2p::multiaddr::{Multiaddr, Protocol};
use magpie_protocol::{address::NodeId, network::Network};
use magpie_wallet::{device::DeviceSecrets, kdf::KdfParams};
use std::{io, net::Ipv4Addr, path::Path, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};
use zeroize::Zeroizing;

/// How long a start waits for its listeners; what is not up by then comes later or is logged.
const LISTEN_WAIT: Duration = Duration::from_secs(5);

/// How long a port may stay taken before it counts as another program's.
const PORT_WAIT: Duration = Duration::from_secs(5);
/// The same for UDP: a node that ended in this process lets its port go only when its last QUIC
/// connection is drained, which for one that never came about takes three seconds, and more while
/// peers go on knocking.
const UDP_PORT_WAIT: Duration = Duration::from_secs(20);
/// Between two looks at such a port.
const PORT_LOOK: Duration = Duration::from_millis(20);

/// The network that a node belongs to, and its part in it.
#[derive(Debug, Clone)]
pub struct NetworkConfig {
    /// The network, by its verified genesis.
    pub network: Network,
    /// Multiaddrs of super nodes, each ending in `/p2p/<PeerId>`.
    pub bootstrap: Vec<String>,
    /// What the node does for others. A super node finds its keys in the data directory.
    pub role: Role,
    /// Multiaddrs to listen on. None: free TCP and QUIC ports, taken at the first start and kept;
    /// on loopback alone where the whole bootstrap list is.
    pub listen: Vec<String>,
}

/// Why a node does not get into its network.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Not the address of a super node.
    #[error("{0:?} is no address of a super node: a multiaddr that ends in /p2p/<PeerId>")]
    Bootstrap(String),
    /// Not an address to listen on.
    #[error("{0:?} is no multiaddr to listen on, such as /ip4/127.0.0.1/tcp/4001")]
    Listen(String),
    /// A port to listen on is another program's, or nobody may listen there.
    #[error("cannot listen on {addr}: {source}")]
    Port {
        /// The multiaddr.
        addr: Multiaddr,
        /// What the system said.
        source: io::Error,
    },
    /// No listener came up.
    #[error("no address to listen on came up: {0}")]
    NotListening(String),
    /// Password locks would be weaker than the genesis allows.
    #[error("password locks of {asked} are weaker than the network's {least}")]
    Weak {
        /// The cost asked for.
        asked: KdfParams,
        /// The network's least.
        least: KdfParams,
    },
    /// The genesis names no super node with this device's node key.
    #[error("the network's genesis names no super node {0}: this data directory is not of one")]
    NotSuper(NodeId),
    /// The genesis names another key for this super node.
    #[error("the {purpose} key of super node {node} is not the one that the genesis names")]
    SuperKey {
        /// The super node.
        node: NodeId,
        /// What the key is for.
        purpose: &'static str,
    },
    /// A file of the data directory cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The swarm does not start.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// There is no transport for the node's key.
    #[error(transparent)]
    Transport(#[from] RealTransportError),
}

/// A swarm that runs, and the task that carries its events to the core.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) handle: NetHandle,
    pub(crate) task: JoinHandle<()>,
    events: mpsc::Receiver<NetEvent>,
    /// Where the node listens, each ending in its PeerId.
    pub(crate) listen: Vec<String>,
}

/// A swarm whose events go to the core.
#[derive(Debug)]
pub(crate) struct Running {
    handle: NetHandle,
    task: JoinHandle<()>,
    events: JoinHandle<()>,
}

impl NetworkConfig {
    /// Checks the cost of password locks against the genesis.
    pub(crate) fn check_kdf(&self, asked: KdfParams) -> Result<(), JoinError> {
        let floor = self.network.genesis().kdf;
        let least =
            KdfParams { memory_kib: floor.memory_kib, passes: floor.passes, lanes: floor.lanes };
        // Lanes only spread the same work; they are no cost of their own.
        if asked.memory_kib < least.memory_kib || asked.passes < least.passes {
            return Err(JoinError::Weak { asked, least });
        }
        Ok(())
    }

    /// Returns what the core knows of the network.
    pub(crate) fn membership(&self) -> Result<Membership, JoinError> {
        let place = |text: &String| match peer_of(text) {
            Some(node) => Ok((node, text.clone())),
            None => Err(JoinError::Bootstrap(text.clone())),
        };
        let bootstrap = self.bootstrap.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Membership { network: self.network.clone(), bootstrap })
    }

    /// Returns what the core does for others; a super node's keys have to be those of the genesis.
    pub(crate) fn core_role(
        &self,
        dir: &Path,
        device: &DeviceSecrets,
    ) -> Result<CoreRole, JoinError> {
        if self.role == Role::User {
            return Ok(CoreRole::User);
        }
        let node = device.node_id();
        let keys = self.network.super_at(node).ok_or(JoinError::NotSuper(node))?;
        let secrets = private_files::read_super(dir)?;
        if secrets.receipts_public() != keys.receipts {
            return Err(JoinError::SuperKey { node, purpose: "receipts" });
        }
        if secrets.consensus_public() != keys.consensus {
            return Err(JoinError::SuperKey { node, purpose: "consensus" });
        }
        if secrets.beacon_public() != keys.beacon {
            return Err(JoinError::SuperKey { node, purpose: "beacon" });
        }
        Ok(CoreRole::Super { secrets: Box::new(secrets) })
    }

    /// Says whether all that is known of the network is on this machine.
    fn is_loopback(&self) -> bool {
        !self.bootstrap.is_empty() && self.bootstrap.iter().all(|text| is_loopback(text))
    }

    /// Returns where to listen, after a look whether others do already.
    async fn listeners(&self, kept: Ports) -> Result<Vec<Multiaddr>, JoinError> {
        if !self.listen.is_empty() {
            let parse = |text: &String| text.parse().map_err(|_| JoinError::Listen(text.clone()));
            let addresses: Vec<Multiaddr> =
                self.listen.iter().map(parse).collect::<Result<_, _>>()?;
            for addr in &addresses {
                port_comes_free(addr)
                    .await
                    .map_err(|source| JoinError::Port { addr: addr.clone(), source })?;
            }
            return Ok(addresses);
        }
        let ip = if self.is_loopback() { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
        Ok(vec![
            self.kept(tcp(ip, kept.tcp), tcp(ip, 0)).await?,
            self.kept(quic(ip, kept.udp), quic(ip, 0)).await?,
        ])
    }

    /// Returns the kept address, or a free one where another program took it meanwhile. A super
    /// node's ports stand in the network file, so it does not move.
    async fn kept(&self, kept: Multiaddr, free: Multiaddr) -> Result<Multiaddr, JoinError> {
        match port_comes_free(&kept).await {
            Ok(()) => Ok(kept),
            Err(source) if self.role == Role::Super => Err(JoinError::Port { addr: kept, source }),
            Err(error) => {
                tracing::warn!(%kept, %error, "the kept port is taken, another is kept from now on");
                Ok(free)
            }
        }
    }
}

/// Starts the swarm of a node and waits until its listeners are up or failed, not for any peer.
pub(crate) async fn join(
    config: &NetworkConfig,
    dir: &Path,
    device: &DeviceSecrets,
    jitter: u64,
) -> Result<Joined, JoinError> {
    let kept = Ports::read(dir)?;
    let listeners = config.listeners(kept).await?;
    let seed = Zeroizing::new(device.node().to_bytes());
    let transport = real_transport(&keypair(&seed))?;
    let mut swarm = SwarmConfig::new(seed, transport, config.role);
    swarm.listen = listeners;
    swarm.genesis = config.network.genesis().supers.iter().map(|keys| keys.node).collect();
    swarm.jitter = jitter;
    let (handle, events, task) = spawn(swarm)?;
    let mut listening = handle.listening();
    // An error says that they are not up yet, or that the task has ended, which is seen below.
    let _ = timeout(LISTEN_WAIT, listening.wait_for(|listening| listening.pending == 0)).await;
    let found = listening.borrow().clone();
    if found.addresses.is_empty() {
        handle.shutdown();
        return Err(JoinError::NotListening(found.failed.join("; ")));
    }
    if config.listen.is_empty() {
        let now = ports_of(kept, &found.addresses);
        if now != kept {
            now.write(dir)?;
        }
    }
    let own = |addr: &String| format!("{addr}/p2p/{}", handle.local);
    let listen = found.addresses.iter().map(own).collect();
    Ok(Joined { handle, task, events, listen })
}

impl Joined {
    /// Lets the events go to the core, each waiting for its place in the mailbox.
    pub(crate) fn run(self, inputs: mpsc::Sender<HostInput>) -> Running {
        let Self { handle, task, mut events, .. } = self;
        let events = tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if inputs.send(HostInput::Net(event)).await.is_err() {
                    break;
                }
            }
        });
        Running { handle, task, events }
    }
}

impl Running {
    /// Waits until the swarm ends by itself.
    pub(crate) async fn ended(&mut self) {
        if !self.task.is_finished() {
            // How it ended is in the log; that it did is enough here.
            let _ = (&mut self.task).await;
        }
    }

    /// Drops the swarm in whatever it does; on return it is gone.
    pub(crate) async fn cut(self) {
        for task in [self.task, self.events] {
            task.abort();
            let _ = task.await;
        }
    }

    /// Ends the swarm: connections close, listeners too.
    pub(crate) async fn stop(self) {
        self.handle.shutdown();
        // What the core does not take any more need not be carried to it.
        self.events.abort();
        let _ = self.events.await;
        if !self.task.is_finished() {
            let _ = self.task.await;
        }
    }
}

/// Waits a little for a port that is taken. Error: it stays taken, or nobody may listen there.
async fn port_comes_free(addr: &Multiaddr) -> io::Result<()> {
    let is_udp = addr.iter().any(|part| matches!(part, Protocol::Udp(_)));
    let mut left = if is_udp { UDP_PORT_WAIT } else { PORT_WAIT };
    loop {
        match port_is_free(addr) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && !left.is_zero() => {}
            result => return result,
        }
        sleep(PORT_LOOK).await;
        left = left.saturating_sub(PORT_LOOK);
    }
}

fn tcp(ip: Ipv4Addr, port: u16) -> Multiaddr {
    Multiaddr::empty().with(Protocol::Ip4(ip)).with(Protocol::Tcp(port))
}

fn quic(ip: Ipv4Addr, port: u16) -> Multiaddr {
    Multiaddr::empty().with(Protocol::Ip4(ip)).with(Protocol::Udp(port)).with(Protocol::QuicV1)
}

/// Returns the ports in use; one that did not come up stays kept.
fn ports_of(kept: Ports, addresses: &[String]) -> Ports {
    let mut ports = kept;
    for addr in addresses.iter().filter_map(|text| text.parse::<Multiaddr>().ok()) {
        match addr.iter().nth(1) {
            Some(Protocol::Tcp(port)) => ports.tcp = port,
            Some(Protocol::Udp(port)) => ports.udp = port,
            _ => {}
        }
    }
    ports
}

fn peer_of(text: &str) -> Option<NodeId> {
    let addr: Multiaddr = text.parse().ok()?;
    match addr.iter().last() {
        Some(Protocol::P2p(peer)) if addr.iter().count() > 1 => {
            NodeId::from_peer_id_bytes(&peer.to_bytes())
        }
        _ => None,
    }
}

fn is_loopback(text: &str) -> bool {
    let Ok(addr) = text.parse::<Multiaddr>() else { return false };
    match addr.iter().next() {
        Some(Protocol::Ip4(ip)) => ip.is_loopback(),
        Some(Protocol::Ip6(ip)) => ip.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7";

    #[test]
    fn a_bootstrap_address_names_a_peer_and_a_place() {
        let node: NodeId = PEER.parse().unwrap();
        assert_eq!(peer_of(&format!("/ip4/127.0.0.1/tcp/1/p2p/{PEER}")), Some(node));
        for bad in [format!("/p2p/{PEER}"), PEER.into(), "/ip4/127.0.0.1/tcp/1".into()] {
            assert_eq!(peer_of(&bad), None, "{bad}");
        }
    }

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (text, is) in [
            ("/ip4/127.0.0.1/tcp/1", true),
            ("/ip4/127.9.9.9/udp/1/quic-v1", true),
            ("/ip6/::1/tcp/1", true),
            ("/ip4/192.0.2.1/tcp/1", false),
            ("/dns4/localhost/tcp/1", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(text), is, "{text}");
        }
    }

    #[test]
    fn ports_in_use_replace_kept_ones_and_others_stay() {
        let kept = Ports { tcp: 1, udp: 2 };
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ports_of(kept, &[]), kept);
        let tcp = texts(&["/ip4/127.0.0.1/tcp/7", "/ip4/10.0.0.1/tcp/7"]);
        assert_eq!(ports_of(kept, &tcp), Ports { tcp: 7, udp: 2 });
        let both = texts(&["/ip4/127.0.0.1/udp/9/quic-v1", "/ip4/127.0.0.1/tcp/8"]);
        assert_eq!(ports_of(kept, &both), Ports { tcp: 8, udp: 9 });
    }
}
