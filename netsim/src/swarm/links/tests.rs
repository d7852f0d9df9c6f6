//! Streams over links, in real time: what is sent arrives late and in order, or not at all.

use super::{Host, Latency, LinkStream, LinkTransport, Network, Profile};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{
    Transport,
    core::{
        Endpoint,
        transport::{Boxed, DialOpts, ListenerId, PortUse, TransportEvent},
    },
};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout};

const WAY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(20);
const ALICE: Host = Host(0);
const BOB: Host = Host(1);

fn network() -> Network {
    let latency = Latency::Between(WAY, WAY);
    Network::new(Profile { latency, jitter: Duration::ZERO, loss: 0.0, uplink: None }, 1)
}

fn listening(network: &Network, host: Host, nat: bool) -> Boxed<LinkStream> {
    network.start(host, 0, nat);
    let mut transport: LinkTransport = network.transport(host);
    transport.listen_on(ListenerId::next(), host.addr().parse().unwrap()).unwrap();
    transport.boxed()
}

async fn dial(from: &mut Boxed<LinkStream>, to: Host) -> io::Result<LinkStream> {
    let how = DialOpts { role: Endpoint::Dialer, port_use: PortUse::Reuse };
    from.dial(to.addr().parse().unwrap(), how).unwrap().await
}

/// What went wrong, below what libp2p wraps around it.
fn kind(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.map_or(error.kind(), kind)
}

async fn accept(at: &mut Boxed<LinkStream>) -> LinkStream {
    loop {
        let event = timeout(PATIENCE, at.next()).await.unwrap().unwrap();
        if let TransportEvent::Incoming { upgrade, .. } = event {
            return upgrade.await.unwrap();
        }
    }
}

async fn pair(network: &Network) -> (LinkStream, LinkStream) {
    let mut alice = listening(network, ALICE, false);
    let mut bob = listening(network, BOB, false);
    let (ours, theirs) = tokio::join!(dial(&mut alice, BOB), accept(&mut bob));
    (ours.unwrap(), theirs)
}

#[tokio::test]
async fn bytes_arrive_in_order_after_the_latency_and_then_the_end() {
    let network = network();
    let (mut ours, mut theirs) = pair(&network).await;
    let began = Instant::now();
    ours.write_all(b"one").await.unwrap();
    ours.write_all(b"two").await.unwrap();
    let mut read = [0; 6];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"onetwo");
    assert!(began.elapsed() >= WAY, "{:?}", began.elapsed());
    drop(ours);
    assert_eq!(theirs.read(&mut read).await.unwrap(), 0);
    let (sent, received) = network.traffic_of(ALICE);
    assert_eq!((sent, received, network.traffic().segments), (6, 0, 2));
}

#[tokio::test]
async fn what_is_sent_into_a_partition_arrives_when_it_ends() {
    let network = network();
    let (mut ours, mut theirs) = pair(&network).await;
    network.part(|host| host == BOB);
    ours.write_all(b"late").await.unwrap();
    let mut read = [0; 4];
    assert!(timeout(WAY * 4, theirs.read_exact(&mut read)).await.is_err());
    network.heal();
    timeout(PATIENCE, theirs.read_exact(&mut read)).await.unwrap().unwrap();
    assert_eq!(&read, b"late");
}

#[tokio::test]
async fn a_host_that_starts_anew_knows_nothing_of_its_streams() {
    let network = network();
    let (ours, mut theirs) = pair(&network).await;
    network.kill(ALICE);
    drop(ours);
    let mut read = [0; 1];
    assert!(timeout(WAY * 4, theirs.read(&mut read)).await.is_err(), "nobody is told");
    network.start(ALICE, 0, false);
    let error = timeout(PATIENCE, theirs.read(&mut read)).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn who_does_not_listen_refuses() {
    let network = network();
    let mut alice = listening(&network, ALICE, false);
    network.start(BOB, 0, false);
    let error = dial(&mut alice, BOB).await.unwrap_err();
    assert_eq!(kind(&error), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn behind_a_nat_only_those_get_through_whom_it_dialled() {
    let network = network();
    let mut alice = listening(&network, ALICE, false);
    let mut bob = listening(&network, BOB, true);
    let (dialled, _accepted) = tokio::join!(dial(&mut bob, ALICE), accept(&mut alice));
    dialled.unwrap();
    let (back, _accepted) = tokio::join!(dial(&mut alice, BOB), accept(&mut bob));
    back.unwrap();
    network.start(BOB, 0, true);
    let error = timeout(PATIENCE, dial(&mut alice, BOB)).await.unwrap().unwrap_err();
    assert_eq!(kind(&error), io::ErrorKind::TimedOut);
}
