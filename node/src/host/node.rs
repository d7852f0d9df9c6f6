//! A running node: a data directory opened, the core on its thread, the doors open.

use crate::{
    core::{Config, Core, Role},
    host::{
        clock::Clock,
        core_thread::{CoreThread, Fatal, Group},
        derive::DerivePool,
        flusher::Flusher,
        http::{
            ApiFile, ApiFileError, ApiInfo, ApiToken, BindError, Server, ServerConfig, Timing,
            TokenError, Tokens,
        },
        joining::{JoinError, NetworkConfig, Running, join},
        listeners::Listeners,
        mailbox::{CoreHandle, HostInput, mailbox},
        private_files::{FileError, PrivateFiles},
    },
};
use magpie_protocol::{address::NodeId, api};
use magpie_storage::{
    engine::{CACHE_BYTES, DiskEngine, EngineError},
    overlay::Overlay,
    private_file::{self, DirectoryError},
    schema::{self, SchemaError},
    table::TableError,
};
use magpie_wallet::kdf::{KdfError, KdfParams};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::Rng;
use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    path::{Path, PathBuf},
    thread::JoinHandle,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::timeout,
};

/// How long the core may take to say that it ended, when the swarm has.
const CORE_GRACE: Duration = Duration::from_secs(1);
/// The store's directory inside the data directory.
const STORE: &str = "store";

/// What a node needs to know before it starts.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// The data directory; made if it is missing.
    pub data_dir: PathBuf,
    /// Where the local API listens, or no local API at all.
    pub api: Option<SocketAddr>,
    /// The cost of new password locks.
    pub kdf: KdfParams,
    /// The network and the node's part in it, or no network at all.
    pub network: Option<NetworkConfig>,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory is missing, or others can write to it.
    #[error("data directory: {0}")]
    Directory(#[from] DirectoryError),
    /// Another process has the data directory open.
    #[error("{} is in use by another node", .0.display())]
    InUse(PathBuf),
    /// The store cannot be opened.
    #[error("store: {0}")]
    Store(#[from] SchemaError),
    /// A row that the start needs cannot be read.
    #[error("store: {0}")]
    Row(#[from] TableError),
    /// A private file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The cost of password locks is out of bounds.
    #[error("password locks: {0}")]
    Kdf(#[from] KdfError),
    /// The system gave no randomness.
    #[error("no randomness: {0}")]
    Randomness(getrandom::Error),
    /// No token for the local API could be made.
    #[error("local API: {0}")]
    Token(TokenError),
    /// The local API cannot listen.
    #[error("local API: {0}")]
    Bind(#[from] BindError),
    /// `api.json` cannot be written.
    #[error(transparent)]
    ApiFile(#[from] ApiFileError),
    /// The node does not get into its network.
    #[error("network: {0}")]
    Network(#[from] JoinError),
    /// The core's thread cannot be started.
    #[error("thread: {0}")]
    Thread(std::io::Error),
}

/// A node that runs; [`Node::stop`] ends it.
#[derive(Debug)]
pub struct Node {
    handle: CoreHandle,
    node_id: NodeId,
    registered: bool,
    thread: JoinHandle<()>,
    /// How the core ended; nothing once that was told.
    ended: Option<oneshot::Receiver<Result<(), Fatal>>>,
    swarm: Option<Running>,
    listen: Vec<String>,
    door: Option<Door>,
}

#[derive(Debug)]
struct Door {
    file: ApiFile,
    path: PathBuf,
    url: String,
    close: oneshot::Sender<()>,
    closed: tokio::task::JoinHandle<()>,
}

impl Node {
    /// Opens the data directory and starts the node. It is ready on return: `api.json` is written
    /// last. Must be called inside a tokio runtime with more than one thread.
    pub async fn start(config: NodeConfig) -> Result<Self, StartError> {
        // Building a swarm takes a large future; callers hold a pointer to it.
        Box::pin(Self::open(config)).await
    }

    async fn open(config: NodeConfig) -> Result<Self, StartError> {
        let genesis = config.network.as_ref().map(|network| network.network.genesis());
        config.kdf.check(genesis.is_some_and(|genesis| genesis.test_network))?;
        let membership = match &config.network {
            Some(network) => {
                network.check_kdf(config.kdf)?;
                Some(network.membership()?)
            }
            None => None,
        };
        private_file::create_directory(&config.data_dir)?;
        let store = open_store(&config.data_dir)?;
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(StartError::Randomness)?;
        let mut rng = ChaCha20Rng::from_seed(*seed);
        let (files, start) = PrivateFiles::open(&config.data_dir, &mut rng)?;
        let (role, joined) = match &config.network {
            Some(network) => {
                let role = network.core_role(&config.data_dir, &start.device)?;
                let jitter = rng.next_u64();
                let joined = join(network, &config.data_dir, &start.device, jitter).await?;
                (role, Some(joined))
            }
            None => (Role::User, None),
        };
        let config_of_core = Config { kdf: config.kdf, network: membership, role };
        let core = Core::new(config_of_core, start, &store)?;
        let (node_id, registered) = (core.node_id(), core.is_registered());
        let (handle, inputs) = mailbox();
        let runtime = Handle::current();
        let thread = CoreThread {
            core,
            store,
            files,
            rng,
            clock: Clock::System,
            inputs,
            derive: DerivePool::new(runtime.clone(), handle.sender()),
            net: joined.as_ref().map(|joined| joined.handle.commands()),
            calls: BTreeMap::new(),
            last_call: 0,
            listeners: Listeners::default(),
            commands: VecDeque::new(),
            group: Group::default(),
            written: Group::default(),
            flusher: Some(Flusher::start().map_err(StartError::Thread)?),
            flush_ms: 0,
        };
        let (end, ended) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("core".into())
            .spawn(move || {
                // Nobody waits for the result once the node was dropped.
                let _ = end.send(thread.run(&runtime));
            })
            .map_err(StartError::Thread)?;
        let listen = joined.as_ref().map(|joined| joined.listen.clone()).unwrap_or_default();
        let swarm = joined.map(|joined| joined.run(handle.sender()));
        let ended = Some(ended);
        let mut node =
            Self { handle, node_id, registered, thread, ended, swarm, listen, door: None };
        if let Some(addr) = config.api {
            match node.open_door(addr, &config.data_dir).await {
                Ok(door) => node.door = Some(door),
                Err(error) => {
                    // The reason why there is no door is worth more than how the rest ended.
                    let _ = node.stop().await;
                    return Err(error);
                }
            }
        }
        Ok(node)
    }

    async fn open_door(&self, addr: SocketAddr, dir: &Path) -> Result<Door, StartError> {
        ApiFile::clear(dir)?;
        let token = ApiToken::generate().map_err(StartError::Token)?;
        let (_ready, ready) = watch::channel(true);
        let server = Server::bind(
            addr,
            ServerConfig {
                tokens: Tokens::full(token.clone()),
                openapi: api::openapi(),
                core: self.handle.clone(),
                ready,
                allow_remote: false,
                hosts: vec![],
                timing: Timing::default(),
            },
        )
        .await?;
        let (url, ws) = (server.url(), server.ws());
        let file = ApiFile::write(
            dir,
            &ApiInfo {
                url: &url,
                ws: &ws,
                token: &token,
                peer_id: &self.node_id.to_string(),
                listen: &self.listen,
            },
        )?;
        let (close, asked) = oneshot::channel();
        let closed = tokio::spawn(server.serve(async {
            // Dropping the sender asks for the end as well.
            let _ = asked.await;
        }));
        Ok(Door { file, path: dir.join("api.json"), url, close, closed })
    }

    /// Returns the way to the core.
    pub const fn handle(&self) -> &CoreHandle {
        &self.handle
    }

    /// Returns the node that this is in the transport.
    pub const fn node_id(&self) -> NodeId {
        self.node_id
    }

    /// Returns whether an account was registered when the node started.
    pub const fn was_registered(&self) -> bool {
        self.registered
    }

    /// Returns where peers reach the node, multiaddrs that end in its PeerId; none without a network.
    pub fn listen(&self) -> &[String] {
        &self.listen
    }

    /// Returns where the local API listens.
    pub fn url(&self) -> Option<&str> {
        self.door.as_ref().map(|door| door.url.as_str())
    }

    /// Returns where the address and token of the local API are written.
    pub fn api_file(&self) -> Option<&Path> {
        self.door.as_ref().map(|door| door.path.as_path())
    }

    /// Waits until the core or the swarm ends by itself, which it does only because something is
    /// broken.
    pub async fn broken(&mut self) -> Fatal {
        let core = async {
            let Some(ended) = &mut self.ended else { return std::future::pending().await };
            let result = ended.await;
            self.ended = None;
            match result {
                Ok(Err(fatal)) => fatal,
                Ok(Ok(())) | Err(_) => Fatal::Panicked,
            }
        };
        let swarm = async {
            match &mut self.swarm {
                Some(swarm) => swarm.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(core);
        tokio::select! {
            biased;
            fatal = &mut core => fatal,
            // The swarm ends when the core does, a moment before the core says why.
            () = swarm => timeout(CORE_GRACE, core).await.unwrap_or(Fatal::Network),
        }
    }

    /// Cuts the node off as a crash would, as far as one process allows: the door and the swarm are
    /// dropped in whatever they do, nobody is told, `api.json` stays behind. What the core was given
    /// by then becomes durable or not, but nothing of it leaves any more. On return the data
    /// directory can be opened again.
    pub async fn cut(self) {
        if let Some(door) = self.door {
            door.closed.abort();
            let _ = door.closed.await;
        }
        if let Some(swarm) = self.swarm {
            swarm.cut().await;
        }
        // The thread holds the store; it is in nobody's way but the next start's.
        let _ = self.handle.sender().send(HostInput::Stop).await;
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }

    /// Ends the node: closes the doors, lets the core finish what it was given, then leaves the
    /// network.
    pub async fn stop(self) -> Result<(), Fatal> {
        if let Some(door) = self.door {
            let _ = door.close.send(());
            let _ = door.closed.await;
            if let Err(error) = door.file.remove() {
                tracing::warn!(%error, "api.json stays behind");
            }
        }
        // A core that has ended already reads no mailbox; its result says why.
        let _ = self.handle.sender().send(HostInput::Stop).await;
        let result = match self.ended {
            Some(ended) => ended.await.unwrap_or(Err(Fatal::Panicked)),
            None => Ok(()),
        };
        if let Some(swarm) = self.swarm {
            swarm.stop().await;
        }
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
        result
    }
}

pub(super) fn open_store(dir: &Path) -> Result<Overlay, StartError> {
    let path = dir.join(STORE);
    let engine = DiskEngine::open(&path, CACHE_BYTES).map_err(|error| match error {
        EngineError::InUse(_) => StartError::InUse(dir.to_owned()),
        other => StartError::Store(other.into()),
    })?;
    Ok(schema::open(Box::new(engine))?)
}
