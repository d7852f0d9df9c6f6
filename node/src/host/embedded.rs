//! A whole node inside another program: its store, transport and clock are the caller's, and its
//! core is a task on the current runtime instead of a thread of its own.
//!
//! Many of them fit into one process, in virtual time. In: an [`EmbeddedConfig`]. Out: the node's
//! [`CoreHandle`], as a program of the local API would use it. The step and the commit are those of
//! every node.

use crate::{
    core::{Config, Core, Role},
    host::{
        clock::Clock,
        core_thread::{CoreThread, Fatal, Group},
        derive::DerivePool,
        listeners::Listeners,
        mailbox::{CoreHandle, HostInput, mailbox},
        net::{self, NetHandle, SpawnError, SwarmConfig},
        private_files::PrivateFiles,
    },
};
use libp2p::{
    Multiaddr, PeerId,
    core::{muxing::StreamMuxerBox, transport::Boxed},
};
use magpie_protocol::address::NodeId;
use magpie_storage::{overlay::Overlay, table::TableError};
use magpie_wallet::device::DeviceSecrets;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::Rng;
use std::collections::{BTreeMap, VecDeque};
use tokio::{runtime::Handle, task::JoinHandle};
use zeroize::Zeroizing;

/// What an embedded node is made of.
pub struct EmbeddedConfig {
    /// What the node knows and does.
    pub core: Config,
    /// The device's keys; the transport has to prove this node key.
    pub device: DeviceSecrets,
    /// The node's rows.
    pub store: Overlay,
    /// Seeds all of the node's own randomness.
    pub seed: Zeroizing<[u8; 32]>,
    /// Where it reads the time.
    pub clock: Clock,
    /// Opens and accepts authenticated, multiplexed connections.
    pub transport: Boxed<(PeerId, StreamMuxerBox)>,
    /// Where it listens.
    pub listen: Vec<Multiaddr>,
}

impl std::fmt::Debug for EmbeddedConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedConfig")
            .field("core", &self.core)
            .field("clock", &self.clock)
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

/// Why an embedded node does not start.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// A row that the start needs cannot be read.
    #[error("store: {0}")]
    Row(#[from] TableError),
    /// The swarm does not start.
    #[error(transparent)]
    Swarm(#[from] SpawnError),
}

/// A node that runs on the current runtime; dropped, it is cut off as a crash would.
///
/// It keeps no files: an account that it registers lives as long as it does, unless it is anonymous
/// and needs none.
#[derive(Debug)]
pub struct EmbeddedNode {
    handle: CoreHandle,
    net: NetHandle,
    core: Option<JoinHandle<Result<(), Fatal>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl EmbeddedNode {
    /// Starts the node.
    pub fn start(config: EmbeddedConfig) -> Result<Self, EmbedError> {
        let EmbeddedConfig { core, device, store, seed, clock, transport, listen } = config;
        let mut rng = ChaCha20Rng::from_seed(*seed);
        let role = match core.role {
            Role::User => net::Role::User,
            Role::Super { .. } => net::Role::Super,
        };
        let mut swarm = SwarmConfig::new(Zeroizing::new(device.node().to_bytes()), transport, role);
        swarm.listen = listen;
        let genesis = core.network.as_ref().map(|membership| membership.network.genesis());
        swarm.genesis = genesis.into_iter().flat_map(|g| g.supers.iter().map(|s| s.node)).collect();
        swarm.jitter = rng.next_u64();
        // Memory is of the process, which other nodes share.
        swarm.limits.memory = None;
        let start = crate::core::Start { device, keys: None, fast: None };
        let core = Core::new(core, start, &store)?;
        let (net, mut events, task) = net::spawn(swarm)?;
        let (handle, inputs) = mailbox();
        let thread = CoreThread {
            core,
            store,
            files: PrivateFiles::none(),
            rng,
            clock,
            inputs,
            derive: DerivePool::inline(Handle::current(), handle.sender()),
            net: Some(net.commands()),
            calls: BTreeMap::new(),
            last_call: 0,
            listeners: Listeners::default(),
            commands: VecDeque::new(),
            group: Group::default(),
            written: Group::default(),
            flusher: None,
            flush_ms: 0,
        };
        let core = tokio::spawn(thread.serve());
        let inputs = handle.sender();
        let events = tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if inputs.send(HostInput::Net(event)).await.is_err() {
                    break;
                }
            }
        });
        Ok(Self { handle, net, core: Some(core), tasks: vec![task, events] })
    }

    /// Returns the way to the core.
    pub const fn handle(&self) -> &CoreHandle {
        &self.handle
    }

    /// Returns the way to the swarm.
    pub const fn net(&self) -> &NetHandle {
        &self.net
    }

    /// Returns the node that this is in the transport.
    pub const fn node_id(&self) -> NodeId {
        self.net.local
    }

    /// Lets the core finish what it was given, then leaves the network.
    pub async fn stop(mut self) -> Result<(), Fatal> {
        // A core that has ended already reads no mailbox; its result says why.
        let _ = self.handle.sender().send(HostInput::Stop).await;
        let result = match self.core.take() {
            Some(core) => core.await.unwrap_or(Err(Fatal::Panicked)),
            None => Ok(()),
        };
        self.net.shutdown();
        result
    }
}

impl Drop for EmbeddedNode {
    fn drop(&mut self) {
        // Whoever stopped it waits for nothing more.
        if let Some(core) = &self.core {
            core.abort();
            for task in &self.tasks {
                task.abort();
            }
        }
    }
}
