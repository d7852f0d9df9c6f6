//! Requests and their answers, over every transport.

use super::harness::{MEMORY, Node, PATIENCE, QUIC, TCP, config};
use crate::{
    core::net::{NetCommand, NetEvent, Protocol, RequestId, Unanswered},
    host::net::{COMMANDS, EVENTS, SpawnError, port_is_free, spawn},
};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::timeout;

async fn every_protocol_is_answered(listen: &str) {
    let (mut alice, bob) = (Node::new(1, listen).await, Node::new(2, listen).await);
    alice.knows(&bob).await;
    let to = bob.id();
    let echo = bob.echo();
    for protocol in Protocol::ALL {
        let id = alice.request(to, protocol, b"abc").await;
        assert_eq!(alice.outcome(id).await, NetEvent::Answered { id, bytes: b"cba".to_vec() });
    }
    echo.abort();
}

#[tokio::test]
async fn every_protocol_is_answered_over_memory() {
    every_protocol_is_answered(MEMORY).await;
}

#[tokio::test]
async fn every_protocol_is_answered_over_tcp() {
    every_protocol_is_answered(TCP).await;
}

#[tokio::test]
async fn every_protocol_is_answered_over_quic() {
    every_protocol_is_answered(QUIC).await;
}

async fn a_batch_is_answered_once_each(listen: &str, batch: u64) {
    let (mut alice, bob) = (Node::new(1, listen).await, Node::new(2, listen).await);
    alice.knows(&bob).await;
    let to = bob.id();
    let echo = bob.echo();
    let mut open = BTreeSet::new();
    for n in 0..batch {
        open.insert(alice.request(to, Protocol::Direct, &n.to_be_bytes()).await);
    }
    while !open.is_empty() {
        if let NetEvent::Answered { id, bytes } = alice.event().await {
            assert_eq!(bytes, id.0.to_le_bytes());
            assert!(open.remove(&id));
        }
    }
    echo.abort();
}

#[tokio::test]
async fn sixty_four_in_flight_over_tcp() {
    a_batch_is_answered_once_each(TCP, 64).await;
}

#[tokio::test]
async fn sixty_four_in_flight_over_quic() {
    a_batch_is_answered_once_each(QUIC, 64).await;
}

#[tokio::test]
async fn more_than_the_streams_wait_for_their_turn() {
    a_batch_is_answered_once_each(MEMORY, 300).await;
}

#[tokio::test]
async fn requests_and_answers_of_the_largest_size_pass() {
    let (mut alice, mut bob) = (Node::new(1, TCP).await, Node::new(2, TCP).await);
    alice.knows(&bob).await;
    let limits = Protocol::Record.limits();
    let id = alice.request(bob.id(), Protocol::Record, &vec![5; limits.request]).await;
    let (inbound, from, _, bytes) = bob.inbound().await;
    assert_eq!((from, bytes.len()), (alice.id(), limits.request));
    let answer = vec![6; limits.response];
    bob.send(NetCommand::Respond { id: inbound, bytes: answer.clone() }).await;
    assert_eq!(alice.outcome(id).await, NetEvent::Answered { id, bytes: answer });
}

#[tokio::test]
async fn what_cannot_be_sent_fails_at_once() {
    let (mut alice, bob) = (Node::new(1, MEMORY).await, Node::new(2, MEMORY).await);
    let id = alice.request(bob.id(), Protocol::Mail, b"x").await;
    let reason = Unanswered::NoAddress;
    assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });
    alice.knows(&bob).await;
    let over = Protocol::Mail.limits().request + 1;
    let id = alice.request(bob.id(), Protocol::Mail, &vec![0; over]).await;
    let reason = Unanswered::TooLarge;
    assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });
}

#[tokio::test]
async fn a_refusal_and_an_over_limit_answer_reach_the_asker_as_refused() {
    let (mut alice, mut bob) = (Node::new(1, MEMORY).await, Node::new(2, MEMORY).await);
    alice.knows(&bob).await;
    let over = Protocol::Direct.limits().response + 1;
    for respond in [false, true] {
        let id = alice.request(bob.id(), Protocol::Direct, b"x").await;
        let (inbound, ..) = bob.inbound().await;
        bob.send(match respond {
            true => NetCommand::Respond { id: inbound, bytes: vec![0; over] },
            false => NetCommand::Refuse { id: inbound },
        })
        .await;
        let reason = Unanswered::Refused;
        assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });
    }
}

#[tokio::test]
async fn an_unreachable_peer_fails_and_an_unanswered_request_times_out() {
    let mut quick = config(1, TCP);
    quick.timeout = Some(Duration::from_millis(300));
    let mut alice = Node::with(quick).await;
    let gone = Node::new(3, TCP).await;
    alice.knows(&gone).await;
    let to = gone.id();
    gone.stop().await;
    let id = alice.request(to, Protocol::Direct, b"x").await;
    let reason = Unanswered::Unreachable;
    assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });

    let mut bob = Node::new(2, TCP).await;
    alice.knows(&bob).await;
    let id = alice.request(bob.id(), Protocol::Direct, b"x").await;
    let (inbound, ..) = bob.inbound().await;
    let reason = Unanswered::TimedOut;
    assert_eq!(alice.outcome(id).await, NetEvent::Failed { id, reason });
    // Too late: nothing comes of it, and the next request is answered as ever.
    bob.send(NetCommand::Respond { id: inbound, bytes: vec![] }).await;
    let id = alice.request(bob.id(), Protocol::Direct, b"y").await;
    let (inbound, ..) = bob.inbound().await;
    bob.send(NetCommand::Respond { id: inbound, bytes: vec![1] }).await;
    assert_eq!(alice.outcome(id).await, NetEvent::Answered { id, bytes: vec![1] });
}

#[tokio::test]
async fn one_bad_listen_address_is_told_and_only_bad_ones_are_an_error() {
    let mut some = config(1, TCP);
    some.listen.push("/ip4/127.0.0.1/sctp/1".parse().unwrap());
    let (handle, mut events, _task) = spawn(some).unwrap();
    assert!(matches!(events.recv().await.unwrap(), NetEvent::Listening { .. }));
    let listening = handle.listening().borrow().clone();
    assert_eq!((listening.pending, listening.addresses.len()), (0, 1));
    assert!(listening.failed[0].contains("sctp"), "{listening:?}");

    let taken = Node::new(2, QUIC).await;
    let none = config(3, &taken.addr);
    assert!(matches!(spawn(none), Err(SpawnError::Listen(_))));
}

#[tokio::test]
async fn a_port_that_another_listens_on_is_found_taken() {
    for listen in [TCP, QUIC] {
        let node = Node::new(1, listen).await;
        let addr = node.addr.parse().unwrap();
        assert!(port_is_free(&addr).is_err(), "{addr}");
        node.stop().await;
        port_is_free(&addr).unwrap();
    }
    port_is_free(&"/dns4/localhost/tcp/1".parse().unwrap()).unwrap();
}

/// A core that waits until the swarm has taken its commands takes no events meanwhile, however many
/// wait for it: here more than both channels and the outbox hold.
#[tokio::test]
async fn a_sender_that_takes_no_events_never_waits_for_itself() {
    let mut alice = Node::new(1, MEMORY).await;
    let to = Node::new(2, MEMORY).await.id();
    let many = 10 * (COMMANDS + EVENTS) as u64;
    for id in (0..many).map(RequestId) {
        let request = NetCommand::Request { id, to, protocol: Protocol::Direct, bytes: vec![] };
        timeout(PATIENCE, alice.handle.send(request)).await.expect("a place").unwrap();
    }
    for id in (0..many).map(RequestId) {
        let reason = Unanswered::NoAddress;
        assert_eq!(alice.event().await, NetEvent::Failed { id, reason });
    }
}

/// Peers wait while the core does: what they ask stays with them, and is answered later.
#[tokio::test]
async fn requests_of_peers_wait_while_events_do_and_commands_do_not() {
    let (mut alice, bob) = (Node::new(1, MEMORY).await, Node::new(2, MEMORY).await);
    bob.knows(&alice).await;
    let nobody = Node::new(3, MEMORY).await.id();
    let (to, mut open) = (alice.id(), BTreeSet::new());
    let mut asks = bob;
    for _ in 0..Protocol::Direct.limits().streams {
        open.insert(asks.request(to, Protocol::Direct, b"x").await);
    }
    // Alice's core asks and asks, and takes nothing.
    for id in (0..1_000).map(RequestId) {
        let (protocol, bytes) = (Protocol::Mail, vec![]);
        let request = NetCommand::Request { id, to: nobody, protocol, bytes };
        timeout(PATIENCE, alice.handle.send(request)).await.expect("a place").unwrap();
    }
    let (mut failed, mut asked) = (0, 0);
    while failed < 1_000 || asked < open.len() {
        match alice.event().await {
            NetEvent::Failed { .. } => failed += 1,
            NetEvent::Inbound { id, .. } => {
                asked += 1;
                alice.send(NetCommand::Respond { id, bytes: vec![] }).await;
            }
            _ => {}
        }
    }
    while !open.is_empty() {
        if let NetEvent::Answered { id, .. } = asks.event().await {
            assert!(open.remove(&id));
        }
    }
}
