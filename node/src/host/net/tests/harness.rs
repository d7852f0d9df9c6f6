//! Nodes on loopback, and waiting for what they tell.

use crate::{
    core::net::{InboundId, NetCommand, NetEvent, Protocol, RequestId},
    host::net::{NetHandle, Role, SwarmConfig, keypair, real_transport, spawn},
};
use libp2p::{
    PeerId, Transport,
    core::{
        muxing::StreamMuxerBox,
        transport::{Boxed, MemoryTransport},
        upgrade::Version,
    },
    noise, yamux,
};
use magpie_protocol::address::NodeId;
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use zeroize::Zeroizing;

/// Longer than anything here takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const MEMORY: &str = "/memory/0";
pub(super) const TCP: &str = "/ip4/127.0.0.1/tcp/0";
pub(super) const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

pub(super) struct Node {
    pub(super) handle: NetHandle,
    pub(super) events: mpsc::Receiver<NetEvent>,
    pub(super) task: JoinHandle<()>,
    pub(super) addr: String,
    next_id: u64,
}

pub(super) fn memory_transport(seed: u8) -> Boxed<(PeerId, StreamMuxerBox)> {
    let key = keypair(&Zeroizing::new([seed; 32]));
    MemoryTransport::default()
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(&key).unwrap())
        .multiplex(yamux::Config::default())
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)))
        .boxed()
}

pub(super) fn config(seed: u8, listen: &str) -> SwarmConfig {
    let key = Zeroizing::new([seed; 32]);
    let transport = if listen.starts_with("/memory") {
        memory_transport(seed)
    } else {
        real_transport(&keypair(&key)).unwrap()
    };
    let mut config = SwarmConfig::new(key, transport, Role::User);
    config.listen = vec![listen.parse().unwrap()];
    config.limits.memory = None;
    config
}

impl Node {
    pub(super) async fn new(seed: u8, listen: &str) -> Self {
        Self::with(config(seed, listen)).await
    }

    pub(super) async fn with(config: SwarmConfig) -> Self {
        let (handle, events, task) = spawn(config).unwrap();
        let mut node = Self { handle, events, task, addr: String::new(), next_id: 0 };
        node.addr = node
            .until(|event| match event {
                NetEvent::Listening { address } => Some(address.clone()),
                _ => None,
            })
            .await;
        node
    }

    pub(super) fn id(&self) -> NodeId {
        self.handle.local
    }

    pub(super) async fn event(&mut self) -> NetEvent {
        timeout(PATIENCE, self.events.recv()).await.expect("an event in time").expect("a task")
    }

    /// Takes events until one is what is looked for.
    pub(super) async fn until<T>(&mut self, mut find: impl FnMut(&NetEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = find(&self.event().await) {
                return found;
            }
        }
    }

    pub(super) async fn until_is(&mut self, wanted: NetEvent) {
        self.until(|event| (*event == wanted).then_some(())).await;
    }

    pub(super) async fn send(&self, command: NetCommand) {
        self.handle.send(command).await.unwrap();
    }

    pub(super) async fn knows(&self, other: &Self) {
        let (peer, addresses) = (other.id(), vec![other.addr.clone()]);
        self.send(NetCommand::AddAddresses { peer, addresses }).await;
    }

    pub(super) async fn keeps(&self, other: &Self) {
        let (peer, addresses) = (other.id(), vec![other.addr.clone()]);
        self.send(NetCommand::Keep { peer, addresses }).await;
    }

    pub(super) async fn request(
        &mut self,
        to: NodeId,
        protocol: Protocol,
        bytes: &[u8],
    ) -> RequestId {
        let id = RequestId(self.next_id);
        self.next_id += 1;
        self.send(NetCommand::Request { id, to, protocol, bytes: bytes.to_vec() }).await;
        id
    }

    /// Takes events until a request is answered or fails.
    pub(super) async fn outcome(&mut self, wanted: RequestId) -> NetEvent {
        self.until(|event| match event {
            NetEvent::Answered { id, .. } | NetEvent::Failed { id, .. } if *id == wanted => {
                Some(event.clone())
            }
            _ => None,
        })
        .await
    }

    /// Takes events until a peer asks.
    pub(super) async fn inbound(&mut self) -> (InboundId, NodeId, Protocol, Vec<u8>) {
        self.until(|event| match event {
            NetEvent::Inbound { id, from, protocol, bytes } => {
                Some((*id, *from, *protocol, bytes.clone()))
            }
            _ => None,
        })
        .await
    }

    /// Answers every request with its own bytes, turned around, until aborted.
    pub(super) fn echo(mut self) -> JoinHandle<()> {
        tokio::spawn(async move {
            while let Some(event) = self.events.recv().await {
                if let NetEvent::Inbound { id, mut bytes, .. } = event {
                    bytes.reverse();
                    if self.handle.send(NetCommand::Respond { id, bytes }).await.is_err() {
                        break;
                    }
                }
            }
        })
    }

    pub(super) async fn stop(self) {
        self.handle.shutdown();
        drop(self.events);
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}
