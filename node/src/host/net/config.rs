//! What the swarm task is started with, and the bounds that follow from a node's role.

use libp2p::{
    Multiaddr, PeerId,
    core::{muxing::StreamMuxerBox, transport::Boxed},
    identity::Keypair,
};
use magpie_protocol::{address::NodeId, limits};
use std::{collections::BTreeSet, fmt, time::Duration};
use zeroize::Zeroizing;

/// What a node is in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A person's device.
    User,
    /// A super node: relay, mailbox, replica, validator.
    Super,
}

/// The bounds of a swarm: connections, tables and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Inbound connections that are not authenticated yet.
    pub pending_in: u32,
    /// Outbound connections that are not authenticated yet; also dials at one time.
    pub pending_out: u32,
    /// Inbound connections.
    pub established_in: u32,
    /// Outbound connections.
    pub established_out: u32,
    /// Connections with one peer: one each way, and one left over from before a restart.
    pub per_peer: u32,
    /// Peers whose addresses are remembered.
    pub peers: usize,
    /// Peers that the core may ask to keep.
    pub kept: usize,
    /// Requests of the core that are not answered yet.
    pub outbound: usize,
    /// Requests of peers that are not answered yet.
    pub inbound: usize,
    /// Bytes of all requests of peers, and the answers to them, at one time.
    pub inbound_bytes: usize,
    /// Bytes of all answers of peers at one time.
    pub outbound_bytes: usize,
    /// Peers of one topic to whom frames go as they come. Who is over it hears of a frame only when
    /// the next round of gossip offers it, so that of a super node has to hold a group's members.
    pub mesh_high: usize,
    /// Bytes of the process over which no new connection is taken; none where many nodes share
    /// one process.
    pub memory: Option<usize>,
}

/// Bounds of a person's device.
const USER: Limits = Limits {
    pending_in: 32,
    pending_out: 16,
    established_in: 128,
    established_out: 128,
    per_peer: 3,
    peers: 4_096,
    kept: 512,
    outbound: 1_024,
    inbound: 512,
    inbound_bytes: 128 << 20,
    outbound_bytes: 64 << 20,
    mesh_high: 12,
    memory: Some(1 << 30),
};

/// Bounds of a super node.
const SUPER: Limits = Limits {
    pending_in: 512,
    pending_out: 64,
    established_in: 8_192,
    established_out: 1_024,
    per_peer: 3,
    peers: 32_768,
    kept: 1_024,
    outbound: 8_192,
    inbound: 8_192,
    inbound_bytes: 512 << 20,
    outbound_bytes: 256 << 20,
    mesh_high: limits::GROUP_MEMBERS as usize,
    memory: Some(4 << 30),
};

impl Role {
    /// Returns the bounds of a node in this role.
    pub const fn limits(self) -> Limits {
        match self {
            Self::User => USER,
            Self::Super => SUPER,
        }
    }
}

/// How long a connection that this node opened may lie unused by default.
pub(super) const IDLE_GRACE: Duration = Duration::from_secs(60);

/// Everything the swarm task needs to start.
pub struct SwarmConfig {
    /// Secret seed of the node's Ed25519 key, from which its PeerId follows.
    pub seed: Zeroizing<[u8; 32]>,
    /// Opens and accepts authenticated, multiplexed connections.
    pub transport: Boxed<(PeerId, StreamMuxerBox)>,
    /// Addresses to listen on; port 0 takes a free one. None: this node only dials.
    pub listen: Vec<Multiaddr>,
    /// The bounds.
    pub limits: Limits,
    /// Super nodes of the genesis, which are forgiven more before they are blocked.
    pub genesis: BTreeSet<NodeId>,
    /// How long a connection that this node opened and does not keep may lie unused.
    pub idle_grace: Duration,
    /// Replaces every protocol's own time-out, where a link is known to be slow or quick.
    pub timeout: Option<Duration>,
    /// Seeds the jitter of redials; no secret.
    pub jitter: u64,
}

impl SwarmConfig {
    /// Returns a configuration with a role's bounds, which listens nowhere yet.
    pub fn new(
        seed: Zeroizing<[u8; 32]>,
        transport: Boxed<(PeerId, StreamMuxerBox)>,
        role: Role,
    ) -> Self {
        Self {
            seed,
            transport,
            listen: Vec::new(),
            limits: role.limits(),
            genesis: BTreeSet::new(),
            idle_grace: IDLE_GRACE,
            timeout: None,
            jitter: 0,
        }
    }
}

impl fmt::Debug for SwarmConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SwarmConfig")
            .field("listen", &self.listen)
            .field("limits", &self.limits)
            .field("genesis", &self.genesis)
            .field("idle_grace", &self.idle_grace)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Returns the transport's key pair of a seed.
pub fn keypair(seed: &Zeroizing<[u8; 32]>) -> Keypair {
    // libp2p wipes the slice it is given, so it gets a copy.
    let mut copy = Zeroizing::new(**seed);
    Keypair::ed25519_from_bytes(&mut copy[..]).expect("every 32 bytes are an Ed25519 seed")
}

/// Returns the node behind a PeerId, or nothing if its key is no Ed25519 key.
pub(super) fn node_of(peer: &PeerId) -> Option<NodeId> {
    NodeId::from_peer_id_bytes(&peer.to_bytes())
}

/// Returns the PeerId of a node.
pub(super) fn peer_of(node: NodeId) -> PeerId {
    PeerId::from_bytes(&node.peer_id_bytes()).expect("the prefix makes it an identity multihash")
}
