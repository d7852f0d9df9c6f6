use super::{
    super::{
        bounds::{PEER_BURST, PEER_EPOCHS, TOPIC_IDLE_MS, TOPICS_JOINED},
        frames::rows::{EPOCHS, EpochRow},
    },
    groups::{Group, MEMBER, forged, group},
    world::{KEPT, World},
};
use crate::core::{
    Input, Role,
    net::{GossipId, NetCommand, NetEvent, Verdict},
};
use magpie_protocol::{
    address::NodeId,
    codec::encode,
    group::{Frame, Topic},
    limits::{FRAME_AHEAD_MS, FRAME_COARSE_MS, FRAME_OLD_MS},
};
use magpie_storage::overlay::Tx;
use proptest::prelude::*;
use std::collections::BTreeSet;

const PEER: NodeId = NodeId([80; 32]);

fn subscribe(group: &Group) -> NetCommand {
    NetCommand::Subscribe { topic: group.topic() }
}

fn unsubscribe(group: &Group) -> NetCommand {
    NetCommand::Unsubscribe { topic: group.topic() }
}

fn publish(group: &Group, frame: &[u8]) -> NetCommand {
    NetCommand::Publish { topic: group.topic(), bytes: frame.to_vec() }
}

/// Puts one frame and returns what the transport is told besides the answer.
fn put(world: &mut World, group: &Group, frame: &[u8]) -> Vec<NetCommand> {
    world.put_frames_from(MEMBER, vec![group.put(1, frame)]).1
}

fn fetch(world: &mut World, group: &Group) -> Vec<NetCommand> {
    use magpie_protocol::mail::{Answer, FetchFrames, Request};
    let fetch = FetchFrames::sign(&group.keys, MEMBER, 0, 9, world.now).unwrap();
    let (answer, more) = world.mail_and_more(MEMBER, &Request::FetchFrames(fetch));
    assert!(matches!(answer, Answer::Frames(_)), "{answer:?}");
    more
}

fn gossip(world: &mut World, from: NodeId, topic: Topic, bytes: &[u8]) -> Verdict {
    let (id, bytes) = (GossipId(7), bytes.to_vec());
    let commands = world.run(Input::Net(NetEvent::Gossip { id, from, topic, bytes }));
    match commands[..] {
        [NetCommand::Judge { id: GossipId(7), verdict }] => verdict,
        _ => panic!("{commands:?}"),
    }
}

#[test]
fn the_topic_of_what_is_kept_is_joined_and_each_new_frame_published_once() {
    let mut world = World::new();
    let group = group(1);
    let (first, second) = (group.frame(world.now, 1), group.frame(world.now, 2));
    assert_eq!(put(&mut world, &group, &first), [subscribe(&group), publish(&group, &first)]);
    assert_eq!(put(&mut world, &group, &second), [publish(&group, &second)]);
    assert_eq!(put(&mut world, &group, &first), []);
    // What is too old for gossip, or ahead of it, is kept and not published.
    let old = group.frame(world.now - FRAME_OLD_MS - FRAME_COARSE_MS, 3);
    assert_eq!(put(&mut world, &group, &old), []);
    assert_eq!(world.frames_of(&group), [first, second, old]);
    // A forged one brings nobody in.
    let other = super::groups::group(2);
    let forgery = forged(&other, world.now);
    let commands = put(&mut world, &other, &forgery);
    assert!(matches!(commands[..], [NetCommand::Misbehaved { .. }]), "{commands:?}");
}

#[test]
fn a_topic_is_left_when_its_epoch_expired_and_nobody_asked_lately() {
    let mut world = World::new();
    let (silent, asked) = (group(1), group(2));
    world.say(&silent, 1);
    world.say(&asked, 1);
    world.now += KEPT - 1;
    assert_eq!(fetch(&mut world, &asked), []);
    assert_eq!(world.ticks(), []);
    world.now += 1;
    assert_eq!(world.ticks(), [unsubscribe(&silent)]);
    world.now += TOPIC_IDLE_MS;
    assert_eq!(world.ticks(), [unsubscribe(&asked)]);
    assert_eq!(world.core.wake_at(), None);
}

#[test]
fn a_topic_that_a_member_asks_about_is_joined_for_as_long_as_it_is_asked() {
    let mut world = World::new();
    let group = group(1);
    assert_eq!(fetch(&mut world, &group), [subscribe(&group)]);
    assert_eq!(world.core.wake_at(), Some(world.now + TOPIC_IDLE_MS));
    world.now += TOPIC_IDLE_MS - 1;
    assert_eq!(fetch(&mut world, &group), []);
    world.now += 1;
    assert_eq!(world.ticks(), []);
    world.now += TOPIC_IDLE_MS - 1;
    assert_eq!(world.ticks(), [unsubscribe(&group)]);
    assert_eq!(fetch(&mut world, &group), [subscribe(&group)]);
    // One that a frame came of stays.
    world.say(&group, 1);
    world.now += TOPIC_IDLE_MS;
    assert_eq!(world.ticks(), []);
}

#[test]
fn after_a_start_the_topics_of_what_is_kept_are_joined_again() {
    let mut world = World::new();
    let (first, second) = (group(1), group(2));
    world.say(&first, 1);
    world.say(&second, 1);
    world.crash();
    let commands = world.run(Input::Started);
    assert!(commands.contains(&subscribe(&first)) && commands.contains(&subscribe(&second)));
    assert_eq!(commands.len(), 2, "{commands:?}");
    let frame = first.frame(world.now, 2);
    assert_eq!(gossip(&mut world, PEER, first.topic(), &frame), Verdict::Accept);
    assert_eq!(put(&mut world, &first, &frame), [publish(&first, &frame)]);
    world.now += KEPT + TOPIC_IDLE_MS;
    let left: BTreeSet<_> = world.ticks().iter().map(|c| format!("{c:?}")).collect();
    let wanted = [unsubscribe(&first), unsubscribe(&second)].map(|c| format!("{c:?}"));
    assert_eq!(left, wanted.into());
}

#[test]
fn topics_are_bounded_the_newest_are_joined_and_the_idle_give_way() {
    let mut world = World::new();
    let mut tx = Tx::new(&world.store);
    for number in 0..TOPICS_JOINED as u64 + 2 {
        let mut at = [3; 32];
        at[..8].copy_from_slice(&number.to_be_bytes());
        let row = EpochRow { last: world.now + number, frames: 1, bytes: 500 };
        EPOCHS.put(&mut tx, &at, &row).unwrap();
    }
    let batch = tx.into_batch();
    world.store.push(batch);
    world.store.commit().unwrap();
    world.now += TOPICS_JOINED as u64;
    let commands = world.run(Input::Started);
    assert_eq!(commands.len(), TOPICS_JOINED);
    let topic = |number: u64| {
        let mut at = [3; 32];
        at[..8].copy_from_slice(&number.to_be_bytes());
        magpie_protocol::group::EpochKey(at).topic()
    };
    assert!(!commands.contains(&NetCommand::Subscribe { topic: topic(1) }));
    assert!(commands.contains(&NetCommand::Subscribe { topic: topic(2) }));
    // None is idle: the newcomer's frame is kept and published, and its topic stays out.
    let (early, late) = (group(1), group(2));
    let frame = early.frame(world.now, 1);
    assert_eq!(put(&mut world, &early, &frame), [publish(&early, &frame)]);
    assert_eq!(fetch(&mut world, &late), []);
    assert_eq!(gossip(&mut world, PEER, early.topic(), &frame), Verdict::Ignore);
    // Later the one that was idle for longest gives way.
    world.now = super::people::START + 2 + TOPIC_IDLE_MS;
    let leaves = NetCommand::Unsubscribe { topic: topic(2) };
    assert_eq!(fetch(&mut world, &late), [leaves, subscribe(&late)]);
    assert_eq!(fetch(&mut world, &early), []);
}

#[test]
fn a_peer_makes_the_node_join_so_many_topics_and_is_answered_all_the_same() {
    let mut world = World::new();
    for number in 0..PEER_EPOCHS {
        let group = group(u16::try_from(number).unwrap());
        assert_eq!(fetch(&mut world, &group), [subscribe(&group)]);
        world.now += 20;
    }
    assert_eq!(fetch(&mut world, &group(1_000)), []);
}

#[test]
fn gossip_is_judged_relayed_and_not_kept() {
    let mut world = World::new();
    let (ours, other) = (group(1), group(2));
    let (topic, now) = (ours.topic(), world.now);
    let good = ours.frame(now, 1);
    // Nobody asked for the topic yet.
    assert_eq!(gossip(&mut world, PEER, topic, &good), Verdict::Ignore);
    fetch(&mut world, &ours);
    let rows = world.rows();
    let mut fine = Frame::from_bytes(&good).unwrap();
    fine.body.time_ms += 1;
    let old = ours.frame(now - FRAME_OLD_MS - FRAME_COARSE_MS, 2);
    let ahead = ours.frame(now + FRAME_AHEAD_MS + FRAME_COARSE_MS, 3);
    for (bytes, verdict) in [
        (good.clone(), Verdict::Accept),
        (old, Verdict::Ignore),
        (ahead, Verdict::Ignore),
        (vec![2; 99], Verdict::Ignore),
        (vec![1; 99], Verdict::Reject),
        (vec![], Verdict::Reject),
        (encode(&fine).unwrap(), Verdict::Reject),
        (forged(&ours, now), Verdict::Reject),
        (other.frame(now, 1), Verdict::Reject),
    ] {
        assert_eq!(gossip(&mut world, PEER, topic, &bytes), verdict, "{}", bytes.len());
    }
    assert_eq!(world.rows(), rows);
    assert!(world.frames_of(&ours).is_empty());
    // Its sender puts it as well: then it is kept.
    assert_eq!(put(&mut world, &ours, &good), [publish(&ours, &good)]);
}

#[test]
fn too_much_gossip_of_one_peer_is_ignored_and_costs_it_no_request() {
    let mut world = World::new();
    let group = group(1);
    fetch(&mut world, &group);
    let frame = group.frame(world.now, 1);
    for _ in 0..PEER_BURST {
        assert_eq!(gossip(&mut world, MEMBER, group.topic(), &frame), Verdict::Accept);
    }
    assert_eq!(gossip(&mut world, MEMBER, group.topic(), &frame), Verdict::Ignore);
    assert_eq!(gossip(&mut world, PEER, group.topic(), &frame), Verdict::Accept);
    assert_eq!(fetch(&mut world, &group), []);
    world.now += 1_000;
    assert_eq!(gossip(&mut world, MEMBER, group.topic(), &frame), Verdict::Accept);
}

#[test]
fn a_persons_node_relays_nothing_yet_and_joins_nothing() {
    let mut world = World::with_role(Role::User);
    let group = group(1);
    let frame = group.frame(world.now, 1);
    assert_eq!(gossip(&mut world, PEER, group.topic(), &frame), Verdict::Ignore);
    let commands = world.run(Input::Started);
    assert!(!commands.iter().any(|c| matches!(c, NetCommand::Subscribe { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_gossip_gets_one_verdict_and_changes_nothing(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..600),
        at: prop::sample::Index, bit in 0..8, tamper: bool
    ) {
        let mut world = World::new();
        let group = group(1);
        fetch(&mut world, &group);
        let rows = world.rows();
        if tamper {
            bytes = group.frame(world.now, 1);
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
        } else if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        let verdict = gossip(&mut world, PEER, group.topic(), &bytes);
        prop_assert_ne!(verdict, Verdict::Accept);
        prop_assert_eq!(world.rows(), rows);
    }
}
