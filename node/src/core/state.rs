//! What the core remembers between steps: a cache of the store, and what waits for the host.

use crate::core::{
    agenda::Agenda, connections::Connections, jobs::Jobs, mesh::Mesh, money::Money, open::Open,
    ordering::Orderer, requests::Requests, rows::REGISTERED,
};
use magpie_protocol::{address::NodeId, digest::digest, domain, network::Network};
use magpie_storage::{overlay::Overlay, table::TableError};
use magpie_wallet::{
    device::DeviceSecrets, fast_login::FastLogin, kdf::KdfParams, keystore::KeyStore,
    super_keys::SuperSecrets,
};
use std::collections::BTreeSet;

/// What the person who runs the node decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// The cost of new password locks.
    pub kdf: KdfParams,
    /// The network, unless the node stays alone.
    pub network: Option<Membership>,
    /// What the node does for others.
    pub role: Role,
}

/// A network and how to get into it.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The network, by its verified genesis.
    pub network: Network,
    /// Super nodes and where they are: multiaddrs that end in the PeerId.
    pub bootstrap: Vec<(NodeId, String)>,
}

/// What a node does for others.
#[derive(Debug, Clone)]
pub enum Role {
    /// Nothing but forwarding: a person's node.
    User,
    /// Keeps sealed mail and records, and orders the ledger with the other super nodes.
    Super {
        /// The keys of the genesis: for what it keeps, for its votes and for its beacons.
        secrets: Box<SuperSecrets>,
    },
}

/// What the host found beside the store when it started.
#[derive(Debug)]
pub struct Start {
    /// This device's node key and seal key.
    pub device: DeviceSecrets,
    /// The content of the key slots file, if there is one.
    pub keys: Option<KeyStore>,
    /// The content of the fast login file, if there is one.
    pub fast: Option<FastLogin>,
}

/// One node's behaviour and memory.
#[derive(Debug)]
pub struct Core {
    pub(crate) config: Config,
    pub(crate) device: DeviceSecrets,
    /// The node that this device is in the transport: its key, computed once.
    node: NodeId,
    /// The key slots, once an account is registered.
    pub(crate) keys: Option<KeyStore>,
    pub(crate) fast: Option<FastLogin>,
    pub(crate) open: Option<Open>,
    pub(crate) jobs: Jobs,
    pub(crate) net: Connections,
    pub(crate) agenda: Agenda,
    pub(crate) requests: Requests,
    /// How many envelopes are held.
    pub(crate) held: usize,
    /// Super nodes to be asked for mail once more when they have answered; no others are in it.
    pub(crate) collect_again: BTreeSet<NodeId>,
    /// Where this node can be reached, as the transport told.
    pub(crate) listening: Vec<String>,
    /// When that last changed, milliseconds since the Unix epoch.
    pub(crate) listening_ms: u64,
    /// What a super node remembers of its work for others.
    pub(crate) mesh: Mesh,
    /// What a person's node believes of the ledger, and does there.
    pub(crate) money: Money,
    /// A super node's ledger; nothing before its first step, and in any other node.
    pub(crate) orderer: Option<Box<Orderer>>,
}

impl Core {
    /// Returns the core of a node that starts on this store.
    pub fn new(config: Config, start: Start, store: &Overlay) -> Result<Self, TableError> {
        // Without the row the registration never finished, whatever the files hold.
        let registered = REGISTERED.get(store, &())?.is_some();
        let genesis = config.network.as_ref().map(|m| m.network.genesis());
        let supers = genesis.into_iter().flat_map(|g| g.supers.iter().map(|s| s.node)).collect();
        let node = start.device.node_id();
        let mesh = Mesh::new(&config, node, store)?;
        let money = Money::new(&config, store)?;
        Ok(Self {
            config,
            device: start.device,
            node,
            keys: start.keys.filter(|_| registered),
            fast: start.fast.filter(|_| registered),
            open: None,
            jobs: Jobs::default(),
            net: Connections::new(supers),
            agenda: Agenda::default(),
            requests: Requests::default(),
            held: 0,
            collect_again: BTreeSet::new(),
            listening: vec![],
            listening_ms: 0,
            mesh,
            money,
            orderer: None,
        })
    }

    /// Returns the node that this device is in the transport.
    pub const fn node_id(&self) -> NodeId {
        self.node
    }

    /// Returns what programs call this device: stable, and no key of the transport.
    pub(crate) fn machine_id(&self) -> String {
        let id = digest(domain::MACHINE_ID, &self.node_id().0);
        id.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns when the core wants an [`Input::Tick`](super::Input::Tick) at the latest,
    /// milliseconds since the Unix epoch.
    pub fn wake_at(&self) -> Option<u64> {
        let due = self.open.as_ref().and_then(|open| open.due);
        let times = [due, self.agenda.next_at(), self.mesh_wake_at(), self.order_wake_at()];
        times.into_iter().flatten().min()
    }

    /// Returns whether an account is registered.
    pub const fn is_registered(&self) -> bool {
        self.keys.is_some()
    }

    /// Returns whether a vault is open.
    pub const fn is_signed_in(&self) -> bool {
        self.open.is_some()
    }
}
