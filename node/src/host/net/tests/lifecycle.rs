//! Connections that come, go and come again.

use super::harness::{MEMORY, Node, PATIENCE, TCP, config};
use crate::core::net::{NetCommand, NetEvent, Protocol, Unanswered};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;

#[tokio::test]
async fn a_peer_gone_mid_request_fails_it_once() {
    let (mut alice, mut bob) = (Node::new(1, TCP).await, Node::new(2, TCP).await);
    alice.knows(&bob).await;
    let id = alice.request(bob.id(), Protocol::Direct, b"x").await;
    bob.inbound().await;
    let peer = bob.id();
    bob.stop().await;
    let reason = Unanswered::Disconnected;
    assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });
    // Everything that can still be told of the first request is told before the end.
    alice.handle.shutdown();
    while let Some(event) = timeout(PATIENCE, alice.events.recv()).await.unwrap() {
        assert_eq!(event, NetEvent::Disconnected { peer });
    }
}

#[tokio::test]
async fn a_kept_peer_is_dialled_again_after_its_restart_on_the_same_port() {
    let (mut alice, mut bob) = (Node::new(1, TCP).await, Node::new(2, TCP).await);
    let peer = bob.id();
    alice.keeps(&bob).await;
    alice.until_is(NetEvent::Connected { peer }).await;
    let local = alice.id();
    bob.until_is(NetEvent::Connected { peer: local }).await;
    let addr = bob.addr.clone();
    bob.stop().await;
    alice.until_is(NetEvent::Disconnected { peer }).await;
    let bob = Node::new(2, &addr).await;
    assert_eq!(bob.addr, addr);
    alice.until_is(NetEvent::Connected { peer }).await;
}

#[tokio::test]
async fn a_forgotten_peer_is_let_go_when_idle_and_a_kept_one_is_not() {
    let mut quick = config(1, MEMORY);
    quick.idle_grace = Duration::from_millis(300);
    let mut alice = Node::with(quick).await;
    let (bob, carol) = (Node::new(2, MEMORY).await, Node::new(3, MEMORY).await);
    for peer in [&bob, &carol] {
        alice.keeps(peer).await;
        alice.until_is(NetEvent::Connected { peer: peer.id() }).await;
    }
    alice.send(NetCommand::Forget { peer: bob.id() }).await;
    let gone = alice.until(|event| match event {
        NetEvent::Disconnected { peer } => Some(*peer),
        _ => None,
    });
    assert_eq!(gone.await, bob.id());
    // Carol is still there: an answer comes without a new connection.
    let id = alice.request(carol.id(), Protocol::Direct, b"ab").await;
    let echo = carol.echo();
    assert_eq!(alice.event().await, NetEvent::Answered { id, bytes: b"ba".to_vec() });
    echo.abort();
}

#[tokio::test]
async fn shutdown_fails_everything_that_is_open() {
    let (mut alice, mut bob) = (Node::new(1, MEMORY).await, Node::new(2, MEMORY).await);
    alice.knows(&bob).await;
    let mut open = BTreeMap::new();
    for _ in 0..10 {
        open.insert(alice.request(bob.id(), Protocol::Mail, b"x").await, 0);
    }
    bob.inbound().await;
    alice.handle.shutdown();
    while let Some(event) = timeout(PATIENCE, alice.events.recv()).await.unwrap() {
        if let NetEvent::Failed { id, reason } = event {
            assert_eq!(reason, Unanswered::Disconnected);
            *open.get_mut(&id).unwrap() += 1;
        }
    }
    assert!(open.values().all(|told| *told == 1), "{open:?}");
    timeout(PATIENCE, alice.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn every_request_is_told_once_while_the_peer_comes_and_goes() {
    let mut quick = config(1, TCP);
    quick.timeout = Some(Duration::from_secs(3));
    let mut alice = Node::with(quick).await;
    let mut told = BTreeMap::new();
    let mut answered = 0;
    let mut addr = TCP.to_owned();
    for round in 0..6 {
        let bob = Node::new(2, &addr).await;
        addr = bob.addr.clone();
        alice.keeps(&bob).await;
        let to = bob.id();
        for _ in 0..30 {
            told.insert(alice.request(to, Protocol::Direct, b"x").await, 0);
        }
        let handle = bob.handle.clone();
        let echo = bob.echo();
        // Gone again after an odd number of answers, in the middle of the batch.
        let mut left = 7 + round * 3;
        while left > 0 {
            match alice.event().await {
                NetEvent::Answered { id, .. } => {
                    *told.get_mut(&id).unwrap() += 1;
                    answered += 1;
                    left -= 1;
                }
                NetEvent::Failed { id, .. } => *told.get_mut(&id).unwrap() += 1,
                _ => {}
            }
        }
        handle.shutdown();
        timeout(PATIENCE, echo).await.unwrap().unwrap();
    }
    while told.values().any(|times| *times == 0) {
        if let NetEvent::Failed { id, .. } | NetEvent::Answered { id, .. } = alice.event().await {
            *told.get_mut(&id).unwrap() += 1;
        }
    }
    alice.handle.shutdown();
    while let Some(event) = timeout(PATIENCE, alice.events.recv()).await.unwrap() {
        assert!(!matches!(event, NetEvent::Failed { .. } | NetEvent::Answered { .. }), "{event:?}");
    }
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    assert!(answered >= 6 * 7);
}
