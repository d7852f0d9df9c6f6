//! What the core remembers between steps: a cache of the store, and what waits for the host.

use crate::core::{connections::Connections, jobs::Jobs, open::Open, rows::REGISTERED};
use magpie_protocol::{address::NodeId, digest::digest, domain};
use magpie_storage::{overlay::Overlay, table::TableError};
use magpie_wallet::{
    device::DeviceSecrets, fast_login::FastLogin, kdf::KdfParams, keystore::KeyStore,
};
use std::collections::BTreeSet;

/// What the person who runs the node decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// The cost of new password locks.
    pub kdf: KdfParams,
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
    /// The key slots, once an account is registered.
    pub(crate) keys: Option<KeyStore>,
    pub(crate) fast: Option<FastLogin>,
    pub(crate) open: Option<Open>,
    pub(crate) jobs: Jobs,
    pub(crate) net: Connections,
}

impl Core {
    /// Returns the core of a node that starts on this store.
    pub fn new(config: Config, start: Start, store: &Overlay) -> Result<Self, TableError> {
        // Without the row the registration never finished, whatever the files hold.
        let registered = REGISTERED.get(store, &())?.is_some();
        Ok(Self {
            config,
            device: start.device,
            keys: start.keys.filter(|_| registered),
            fast: start.fast.filter(|_| registered),
            open: None,
            jobs: Jobs::default(),
            // A node without a network knows no super nodes.
            net: Connections::new(BTreeSet::new()),
        })
    }

    /// Returns the node that this device is in the transport.
    pub fn node_id(&self) -> NodeId {
        self.device.node_id()
    }

    /// Returns what programs call this device: stable, and no key of the transport.
    pub(crate) fn machine_id(&self) -> String {
        let id = digest(domain::MACHINE_ID, &self.node_id().0);
        id.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns when the core wants an [`Input::Tick`](super::Input::Tick) at the latest,
    /// milliseconds since the Unix epoch.
    pub const fn wake_at(&self) -> Option<u64> {
        None
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
