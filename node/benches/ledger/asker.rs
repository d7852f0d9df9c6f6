//! Somebody who speaks `/magpie/ledger/1` with the super nodes, with nothing but a transport.

use crate::world::{Failed, place::Transport};
use magpie_node::{
    core::net::{NetCommand, NetEvent, Protocol, RequestId, Verdict},
    host::{
        net::{NetHandle, Role, SwarmConfig, keypair, real_transport, spawn},
        read_network,
    },
};
use magpie_protocol::{
    address::NodeId,
    codec::{decode, encode},
    ledger::exchange::{Answer, Request},
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use zeroize::Zeroizing;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many were started.
static STARTED: AtomicU64 = AtomicU64::new(0);

type Waiting = Arc<Mutex<BTreeMap<u64, oneshot::Sender<Option<Vec<u8>>>>>>;

/// A peer of its own.
pub(crate) struct Asker {
    handle: NetHandle,
    supers: Vec<NodeId>,
    waiting: Waiting,
    last: AtomicU64,
}

impl Asker {
    /// Starts a peer that knows a network's super nodes. None was it before: what one may ask of them
    /// without a wait is not spent.
    pub(crate) async fn start((file, transport): (&Path, Transport)) -> Result<Self, Failed> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let seed = Zeroizing::new(*blake3::hash(format!("asker {number}").as_bytes()).as_bytes());
        let links = real_transport(&keypair(&seed))?;
        let (handle, events, _task) = spawn(SwarmConfig::new(seed, links, Role::User))?;
        let mut supers = Vec::new();
        for (peer, addresses) in places(file, transport)? {
            handle.send(NetCommand::Keep { peer, addresses }).await?;
            supers.push(peer);
        }
        let waiting = Waiting::default();
        tokio::spawn(hear(events, handle.clone(), Arc::clone(&waiting)));
        Ok(Self { handle, supers, waiting, last: AtomicU64::new(0) })
    }

    /// Returns how many super nodes there are.
    pub(crate) fn supers(&self) -> usize {
        self.supers.len()
    }

    /// Asks a super node, by its place; nothing if it does not answer.
    pub(crate) async fn ask(&self, at: usize, request: &Request) -> Result<Option<Answer>, Failed> {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().map_err(|_| "a listener panicked")?.insert(number, answer);
        let to = self.supers[at % self.supers.len()];
        let (id, protocol, bytes) = (RequestId(number), Protocol::Ledger, encode(request)?);
        self.handle.send(NetCommand::Request { id, to, protocol, bytes }).await?;
        let bytes = timeout(PATIENCE, answered).await??;
        Ok(bytes.map(|bytes| decode(&bytes)).transpose()?)
    }

    /// Ends it.
    pub(crate) fn stop(&self) {
        self.handle.shutdown();
    }
}

/// Returns the super nodes of a network, and where each is reached by one transport.
fn places(file: &Path, transport: Transport) -> Result<Vec<(NodeId, Vec<String>)>, Failed> {
    let (network, bootstrap) = read_network(file)?;
    let mut places = bootstrap.iter().filter(|addr| transport.serves(addr));
    let mut supers = Vec::new();
    for keys in network.genesis().supers.iter() {
        let place = places.next().and_then(|addr| addr.split_once("/p2p/"));
        let (place, _) = place.ok_or("a super node without a place")?;
        supers.push((keys.node, vec![place.to_owned()]));
    }
    Ok(supers)
}

async fn hear(mut events: mpsc::Receiver<NetEvent>, handle: NetHandle, waiting: Waiting) {
    while let Some(event) = events.recv().await {
        let (number, answer) = match event {
            NetEvent::Answered { id, bytes } => (id.0, Some(bytes)),
            NetEvent::Failed { id, .. } => (id.0, None),
            NetEvent::Gossip { id, .. } => {
                let verdict = Verdict::Ignore;
                // The task may have ended.
                let _ = handle.send(NetCommand::Judge { id, verdict }).await;
                continue;
            }
            NetEvent::Inbound { id, .. } => {
                let _ = handle.send(NetCommand::Refuse { id }).await;
                continue;
            }
            _ => continue,
        };
        let Ok(mut waiting) = waiting.lock() else { return };
        if let Some(asker) = waiting.remove(&number) {
            // Who asked may have given up.
            let _ = asker.send(answer);
        }
    }
}
