//! Frames of topics between nodes that are connected in a line or all with each other.

use super::harness::{MEMORY, Node, PATIENCE, TCP, config};
use crate::core::net::{GossipId, NetCommand, NetEvent, Protocol, Verdict};
use crate::host::net::Role;
use magpie_protocol::{address::NodeId, group::Topic, limits};
use std::time::Duration;
use tokio::time::timeout;

const TOPIC: Topic = Topic([7; 32]);
const OTHER: Topic = Topic([8; 32]);
/// Between two frames of who waits to be heard: nothing tells that a subscription has arrived.
const AGAIN: Duration = Duration::from_millis(50);

/// A frame that came, and its name for the verdict.
#[derive(Debug)]
struct Heard {
    id: GossipId,
    from: NodeId,
    topic: Topic,
    bytes: Vec<u8>,
}

impl Node {
    async fn publish(&self, topic: Topic, bytes: &[u8]) {
        self.send(NetCommand::Publish { topic, bytes: bytes.to_vec() }).await;
    }

    async fn judge(&self, id: GossipId, verdict: Verdict) {
        self.send(NetCommand::Judge { id, verdict }).await;
    }

    /// Takes events until one is a frame.
    async fn frame(&mut self) -> Heard {
        self.until(|event| match event.clone() {
            NetEvent::Gossip { id, from, topic, bytes } => Some(Heard { id, from, topic, bytes }),
            _ => None,
        })
        .await
    }

    /// Waits until everything that was asked of the node so far is done.
    async fn settled(&mut self) {
        let id = self.request(NodeId([0; 32]), Protocol::Direct, b"").await;
        assert!(matches!(self.outcome(id).await, NetEvent::Failed { .. }));
    }

    async fn joins(&self, other: &mut Self, topics: &[Topic]) {
        other.keeps(self).await;
        other.until_is(NetEvent::Connected { peer: self.id() }).await;
        for topic in topics {
            other.send(NetCommand::Subscribe { topic: *topic }).await;
        }
    }
}

/// Publishes frames that begin with `label` until one is heard, and returns it. What else is heard
/// meanwhile must be what `else_heard` allows.
async fn hear(
    speaker: &Node,
    listener: &mut Node,
    label: &str,
    else_heard: impl Fn(&Heard) -> bool,
) -> Heard {
    let speak = async {
        for n in 0.. {
            speaker.publish(TOPIC, format!("{label} {n}").as_bytes()).await;
            let labelled = async {
                loop {
                    let frame = listener.frame().await;
                    if frame.bytes.starts_with(label.as_bytes()) {
                        return frame;
                    }
                    assert!(else_heard(&frame), "{frame:?}");
                }
            };
            if let Ok(frame) = timeout(AGAIN, labelled).await {
                return frame;
            }
        }
        unreachable!("it tries for ever")
    };
    timeout(PATIENCE, speak).await.expect("a frame in time")
}

/// Publishes until it is heard, whatever else is.
async fn heard(speaker: &Node, listener: &mut Node, label: &str) -> Heard {
    hear(speaker, listener, label, |_| true).await
}

/// Alice and Carol are connected with Bob alone; all are subscribed.
async fn line(listen: &str) -> [Node; 3] {
    let mut alice = Node::new(1, listen).await;
    let bob = Node::new(2, listen).await;
    let mut carol = Node::new(3, listen).await;
    bob.send(NetCommand::Subscribe { topic: TOPIC }).await;
    bob.joins(&mut alice, &[TOPIC]).await;
    bob.joins(&mut carol, &[TOPIC]).await;
    [alice, bob, carol]
}

/// Fails if Carol hears anything before Bob that is not Bob's.
async fn bob_alone_is_heard(bob: &Node, carol: &mut Node) {
    hear(bob, carol, "bob", |_| false).await;
    bob.publish(TOPIC, b"bob again").await;
    loop {
        let frame = carol.frame().await;
        assert!(frame.bytes.starts_with(b"bob"), "{frame:?}");
        assert_eq!((frame.from, frame.topic), (bob.id(), TOPIC));
        if frame.bytes == b"bob again" {
            break;
        }
    }
}

async fn a_frame_is_passed_on_once_it_is_accepted(listen: &str) {
    let [alice, mut bob, mut carol] = line(listen).await;
    let frame = heard(&alice, &mut bob, "alice").await;
    assert_eq!((frame.from, frame.topic), (alice.id(), TOPIC));
    // What waits for its verdict does not travel: what Bob says later is heard before.
    bob_alone_is_heard(&bob, &mut carol).await;
    bob.judge(frame.id, Verdict::Accept).await;
    loop {
        let passed = carol.frame().await;
        if passed.bytes == frame.bytes {
            assert_eq!((passed.from, passed.topic), (bob.id(), TOPIC));
            break;
        }
    }
}

#[tokio::test]
async fn a_frame_is_passed_on_once_it_is_accepted_over_memory() {
    a_frame_is_passed_on_once_it_is_accepted(MEMORY).await;
}

#[tokio::test]
async fn a_frame_is_passed_on_once_it_is_accepted_over_tcp() {
    a_frame_is_passed_on_once_it_is_accepted(TCP).await;
}

#[tokio::test]
async fn what_is_rejected_or_ignored_goes_no_further_and_forgers_are_blocked() {
    let [alice, mut bob, mut carol] = line(MEMORY).await;
    let ignored = heard(&alice, &mut bob, "ignored").await;
    bob.judge(ignored.id, Verdict::Ignore).await;
    let forged = heard(&alice, &mut bob, "forged").await;
    bob.judge(forged.id, Verdict::Reject).await;
    // The same verdict again counts nothing: it takes a second forgery to be blocked.
    bob.judge(forged.id, Verdict::Reject).await;
    let again = heard(&alice, &mut bob, "again").await;
    bob.judge(again.id, Verdict::Reject).await;
    bob.until_is(NetEvent::Disconnected { peer: alice.id() }).await;
    bob_alone_is_heard(&bob, &mut carol).await;
}

/// Says whether the next two frames of a round are what the super node passed on, then what it said.
async fn hears_in_order(node: &mut Node, round: u32) -> bool {
    let (passed, said) = (format!("passed {round}"), format!("said {round}"));
    let mut first = None;
    loop {
        let bytes = node.frame().await.bytes;
        if bytes == passed.as_bytes() || bytes == said.as_bytes() {
            first.get_or_insert(bytes == passed.as_bytes());
        }
        if bytes == said.as_bytes() {
            return first == Some(true);
        }
    }
}

#[tokio::test]
async fn a_super_node_passes_frames_on_to_all_members_as_they_come() {
    const MEMBERS: u8 = 24;
    let mut relay = config(1, MEMORY);
    relay.limits = Role::Super.limits();
    relay.limits.memory = None;
    let mut relay = Node::with(relay).await;
    relay.send(NetCommand::Subscribe { topic: TOPIC }).await;
    let mut members = Vec::new();
    for seed in 2..2 + MEMBERS {
        let mut member = Node::new(seed, MEMORY).await;
        relay.joins(&mut member, &[TOPIC]).await;
        members.push(member);
    }
    let speaker = members.pop().unwrap();
    heard(&speaker, &mut relay, "ready").await;
    // What the relay says itself goes to everybody at once; what it passes on has to come before,
    // which to those outside its mesh it does not.
    let all_in_order = async {
        for round in 0.. {
            speaker.publish(TOPIC, format!("passed {round}").as_bytes()).await;
            let frame = loop {
                let frame = relay.frame().await;
                if frame.bytes == format!("passed {round}").as_bytes() {
                    break frame;
                }
            };
            relay.judge(frame.id, Verdict::Accept).await;
            relay.publish(TOPIC, format!("said {round}").as_bytes()).await;
            let mut in_order = 0;
            for member in &mut members {
                in_order += usize::from(hears_in_order(member, round).await);
            }
            if in_order == members.len() {
                break;
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    timeout(PATIENCE, all_in_order).await.expect("the mesh holds all members in time");
}

#[tokio::test]
async fn who_is_not_subscribed_or_no_longer_hears_nothing() {
    let (bob, mut dora) = (Node::new(2, MEMORY).await, Node::new(4, MEMORY).await);
    bob.joins(&mut dora, &[TOPIC, OTHER]).await;
    heard(&bob, &mut dora, "first").await;
    dora.send(NetCommand::Unsubscribe { topic: TOPIC }).await;
    dora.settled().await;
    // Bob need not know yet.
    for n in 0..20_u8 {
        bob.publish(TOPIC, &[n]).await;
        bob.publish(OTHER, &[n]).await;
        let frame = dora.frame().await;
        assert_eq!((frame.topic, frame.bytes), (OTHER, vec![n]));
    }
    // And again.
    dora.send(NetCommand::Subscribe { topic: TOPIC }).await;
    heard(&bob, &mut dora, "again").await;
}

#[tokio::test]
async fn a_frame_is_heard_once_however_often_it_is_published_and_by_whatever_way_it_comes() {
    let [alice, mut bob, mut carol] = line(MEMORY).await;
    alice.joins(&mut carol, &[]).await;
    heard(&alice, &mut bob, "for bob").await;
    heard(&alice, &mut carol, "for carol").await;
    heard(&bob, &mut carol, "bob is ready").await;
    for _ in 0..3 {
        alice.publish(TOPIC, b"once").await;
    }
    let at_bob = loop {
        let frame = bob.frame().await;
        if frame.bytes == b"once" {
            break frame;
        }
    };
    // Now it comes to Carol from both, and then what Bob says after it.
    bob.judge(at_bob.id, Verdict::Accept).await;
    bob.publish(TOPIC, b"after").await;
    alice.publish(TOPIC, b"after all").await;
    let (mut once, mut ends) = (0, 0);
    while ends < 2 {
        match carol.frame().await.bytes.as_slice() {
            b"once" => once += 1,
            b"after" | b"after all" => ends += 1,
            _ => {}
        }
    }
    assert_eq!(once, 1);
}

#[tokio::test]
async fn the_largest_frames_pass_in_a_burst_and_larger_ones_are_not_sent() {
    const BURST: u8 = 50;
    let [alice, mut bob, _carol] = line(TCP).await;
    heard(&alice, &mut bob, "ready").await;
    alice.publish(TOPIC, &vec![0; limits::FRAME + 1]).await;
    for n in 1..=BURST {
        alice.publish(TOPIC, &vec![n; limits::FRAME]).await;
    }
    let mut next = 1;
    while next <= BURST {
        let frame = bob.frame().await;
        if !frame.bytes.starts_with(b"ready") {
            assert_eq!((frame.bytes.len(), frame.bytes[0]), (limits::FRAME, next));
            next += 1;
        }
    }
}

#[tokio::test]
async fn as_many_topics_as_may_be_are_told_when_a_connection_opens() {
    let (bob, mut dora) = (Node::new(2, TCP).await, Node::new(4, TCP).await);
    let topic = |n: u16| Topic([n.to_be_bytes(); 16].concat().try_into().unwrap());
    // The last is one more than may be.
    for n in 0..=1_024 {
        dora.send(NetCommand::Subscribe { topic: topic(n) }).await;
    }
    dora.settled().await;
    bob.joins(&mut dora, &[]).await;
    let last = async {
        for n in 0_u64.. {
            bob.publish(topic(1_024), &n.to_be_bytes()).await;
            bob.publish(topic(1_023), &n.to_be_bytes()).await;
            if let Ok(frame) = timeout(AGAIN, dora.frame()).await {
                return frame.topic;
            }
        }
        unreachable!("it tries for ever")
    };
    assert_eq!(timeout(PATIENCE, last).await.unwrap(), topic(1_023));
}

#[tokio::test]
async fn gossip_holds_no_connection_that_nobody_keeps() {
    let mut quick = config(1, MEMORY);
    quick.idle_grace = Duration::from_millis(300);
    let mut alice = Node::with(quick).await;
    let bob = Node::new(2, MEMORY).await;
    bob.send(NetCommand::Subscribe { topic: TOPIC }).await;
    bob.joins(&mut alice, &[TOPIC]).await;
    let frame = heard(&bob, &mut alice, "bob").await;
    alice.judge(frame.id, Verdict::Accept).await;
    alice.send(NetCommand::Forget { peer: bob.id() }).await;
    alice.until_is(NetEvent::Disconnected { peer: bob.id() }).await;
}
