//! Peers that break the rules: raw streams of a bare libp2p node against the task.

use super::harness::{MEMORY, Node, PATIENCE, config, memory_transport};
use crate::core::net::{Fault, NetCommand, NetEvent, Protocol, Unanswered};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm,
    request_response::{self, Event, Message, ProtocolSupport},
    swarm::{self, SwarmEvent},
};
use std::{io, time::Duration};
use tokio::time::timeout;

/// Writes a request's bytes as they are, and reads all that comes back.
#[derive(Clone, Default)]
struct Raw;

/// Between the bytes of a sender that trickles.
const TRICKLE: Duration = Duration::from_millis(20);

/// Bytes to write, and whether to trickle more after them until the other side has enough.
type RawRequest = (Vec<u8>, bool);

impl request_response::Codec for Raw {
    type Protocol = StreamProtocol;
    type Request = RawRequest;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, _: &mut T) -> io::Result<RawRequest>
    where
        T: AsyncRead + Unpin + Send,
    {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        let mut all = Vec::new();
        io.read_to_end(&mut all).await?;
        Ok(all)
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        (bytes, trickle): RawRequest,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await?;
        io.flush().await?;
        if trickle {
            loop {
                tokio::time::sleep(TRICKLE).await;
                io.write_all(&[0]).await?;
                io.flush().await?;
            }
        }
        Ok(())
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
        _: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        Err(io::ErrorKind::Unsupported.into())
    }
}

type RawSwarm = Swarm<request_response::Behaviour<Raw>>;

fn raw(seed: u8) -> RawSwarm {
    let config = request_response::Config::default()
        .with_max_concurrent_streams(1_000)
        .with_request_timeout(PATIENCE);
    let name = StreamProtocol::new(Protocol::Direct.name());
    let behaviour = request_response::Behaviour::new([(name, ProtocolSupport::Full)], config);
    let key = super::super::keypair(&zeroize::Zeroizing::new([seed; 32]));
    let swarm_config = swarm::Config::with_tokio_executor().with_idle_connection_timeout(PATIENCE);
    Swarm::new(memory_transport(seed), behaviour, key.public().to_peer_id(), swarm_config)
}

fn peer(node: &Node) -> PeerId {
    PeerId::from_bytes(&node.id().peer_id_bytes()).unwrap()
}

async fn connect(swarm: &mut RawSwarm, node: &Node) {
    let addr: Multiaddr = node.addr.parse().unwrap();
    swarm.dial(addr.with_p2p(peer(node)).unwrap()).unwrap();
    let open = async {
        while !matches!(swarm.select_next_some().await, SwarmEvent::ConnectionEstablished { .. }) {}
    };
    timeout(PATIENCE, open).await.unwrap();
}

/// The next answer or failure of a request; an error if the connection closes.
async fn outcome(swarm: &mut RawSwarm) -> Result<Vec<u8>, String> {
    let next = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::Behaviour(Event::Message {
                    message: Message::Response { response, .. },
                    ..
                }) => return Ok(response),
                SwarmEvent::Behaviour(Event::OutboundFailure { error, .. }) => {
                    return Err(error.to_string());
                }
                SwarmEvent::ConnectionClosed { .. } => return Err("closed".to_owned()),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, next).await.expect("an outcome in time")
}

fn framed(len: usize, body: &[u8]) -> Vec<u8> {
    [&u32::try_from(len).unwrap().to_be_bytes(), body].concat()
}

#[tokio::test]
async fn bad_requests_are_answered_and_the_peer_stays_connected() {
    let mut node = Node::new(1, MEMORY).await;
    let mut mallory = raw(9);
    connect(&mut mallory, &node).await;
    let over = Protocol::Direct.limits().request + 1;
    for (bytes, status) in [
        (framed(over, &[]), 2),
        (framed(over, &vec![0; over]), 2),
        (framed(u32::MAX as usize, b"abc"), 2),
        (framed(5, b"abc"), 3),
        (vec![0, 0], 3),
    ] {
        mallory.behaviour_mut().send_request(&peer(&node), (bytes, false));
        assert_eq!(outcome(&mut mallory).await, Ok(vec![status]));
    }
    mallory.behaviour_mut().send_request(&peer(&node), (framed(2, b"ok"), false));
    let reading = tokio::spawn(async move { outcome(&mut mallory).await });
    let (id, _, protocol, bytes) = node.inbound().await;
    assert_eq!((protocol, bytes), (Protocol::Direct, b"ok".to_vec()));
    node.send(NetCommand::Respond { id, bytes: b"yes".to_vec() }).await;
    assert_eq!(reading.await.unwrap(), Ok(b"\0\0\0\0\x03yes".to_vec()));
}

#[tokio::test]
async fn a_sender_that_trickles_is_dropped_and_others_are_served() {
    let mut quick = config(1, MEMORY);
    quick.timeout = Some(Duration::from_millis(400));
    let mut node = Node::with(quick).await;
    let mut mallory = raw(9);
    connect(&mut mallory, &node).await;
    // All the streams that one peer is answered on, and some.
    for _ in 0..300 {
        mallory.behaviour_mut().send_request(&peer(&node), (framed(100_000, b"slow"), true));
    }
    let trickling = tokio::spawn(async move {
        for _ in 0..300 {
            assert!(outcome(&mut mallory).await.is_err());
        }
        mallory
    });
    let mut alice = Node::new(2, MEMORY).await;
    alice.knows(&node).await;
    let id = alice.request(node.id(), Protocol::Direct, b"x").await;
    let (inbound, ..) = node.inbound().await;
    node.send(NetCommand::Respond { id: inbound, bytes: vec![] }).await;
    assert_eq!(alice.outcome(id).await, NetEvent::Answered { id, bytes: vec![] });
    // Its streams end long before the patience of their sender, and their
    // places are free.
    let mut mallory = timeout(PATIENCE / 2, trickling).await.unwrap().unwrap();
    mallory.behaviour_mut().send_request(&peer(&node), (framed(2, b"ok"), false));
    let reading = tokio::spawn(async move { outcome(&mut mallory).await });
    let (id, ..) = node.inbound().await;
    node.send(NetCommand::Respond { id, bytes: vec![] }).await;
    assert_eq!(reading.await.unwrap(), Ok(vec![0; 5]));
}

#[tokio::test]
async fn more_than_a_peers_share_is_answered_busy() {
    let node = Node::new(1, MEMORY).await;
    let mut mallory = raw(9);
    connect(&mut mallory, &node).await;
    let share = Protocol::Direct.limits().streams;
    for _ in 0..share + 20 {
        mallory.behaviour_mut().send_request(&peer(&node), (framed(1, b"x"), false));
    }
    for _ in 0..20 {
        assert_eq!(outcome(&mut mallory).await, Ok(vec![4]));
    }
    drop(node);
}

#[tokio::test]
async fn too_many_faults_block_a_peer_both_ways() {
    let (mut alice, mut bob) = (Node::new(1, MEMORY).await, Node::new(2, MEMORY).await);
    let peer = bob.id();
    alice.keeps(&bob).await;
    alice.until_is(NetEvent::Connected { peer }).await;
    for _ in 0..2 {
        alice.send(NetCommand::Misbehaved { peer, fault: Fault::Forged }).await;
    }
    alice.until_is(NetEvent::Disconnected { peer }).await;
    let id = alice.request(peer, Protocol::Direct, b"x").await;
    let reason = Unanswered::Blocked;
    assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });
    bob.until_is(NetEvent::Disconnected { peer: alice.id() }).await;
    bob.knows(&alice).await;
    let id = bob.request(alice.id(), Protocol::Direct, b"x").await;
    assert!(matches!(bob.outcome(id).await, NetEvent::Failed { .. }));
}

#[tokio::test]
async fn oversized_frames_alone_block_a_peer() {
    let mut node = Node::new(1, MEMORY).await;
    let mut mallory = raw(9);
    connect(&mut mallory, &node).await;
    for _ in 0..20 {
        mallory.behaviour_mut().send_request(&peer(&node), (framed(u32::MAX as usize, &[]), false));
        let _ = outcome(&mut mallory).await;
    }
    node.until(|event| matches!(event, NetEvent::Disconnected { .. }).then_some(())).await;
}

#[tokio::test]
async fn connections_over_the_limits_are_refused() {
    let mut small = config(1, MEMORY);
    small.limits.established_in = 2;
    small.limits.per_peer = 1;
    let mut node = Node::with(small).await;
    let mut open = Vec::new();
    for seed in [11, 12] {
        let mut swarm = raw(seed);
        connect(&mut swarm, &node).await;
        node.until(|event| matches!(event, NetEvent::Connected { .. }).then_some(())).await;
        open.push(swarm);
    }
    let mut third = raw(13);
    let addr: Multiaddr = node.addr.parse().unwrap();
    third.dial(addr.with_p2p(peer(&node)).unwrap()).unwrap();
    let closed = async {
        loop {
            // The dialler may see the connection open before the other side closes it.
            match third.select_next_some().await {
                SwarmEvent::ConnectionClosed { .. }
                | SwarmEvent::OutgoingConnectionError { .. } => break,
                _ => {}
            }
        }
    };
    timeout(PATIENCE, closed).await.unwrap();
    // It was never told of: the next event is of the request of one that is connected.
    let first = &mut open[0];
    first.behaviour_mut().send_request(&peer(&node), (framed(1, b"x"), false));
    let event = tokio::select! {
        event = node.event() => event,
        early = outcome(first) => panic!("{early:?}"),
    };
    assert!(matches!(event, NetEvent::Inbound { .. }), "{event:?}");
}
