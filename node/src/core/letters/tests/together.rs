//! Messages that wait for each other share an envelope, and none of them is lost or doubled by that.

use super::{
    story::{befriend, say, state, texts},
    world::{At, World},
};
use serde_json::{Value, json};

/// Messages that wait together.
const TOGETHER: usize = 70;
/// Requests that may carry them: one of each delivery that may be under way goes with what there is, the
/// rest in two or three envelopes.
const REQUESTS: usize = 4 + 3;

fn friends() -> (World, At, At, Vec<String>) {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    let said = vec!["from alice".to_owned(), "from bob".to_owned()];
    say(&mut world, alice, bob, &said[0]);
    world.settle();
    say(&mut world, bob, alice, &said[1]);
    world.settle();
    (world, alice, bob, said)
}

/// Puts many messages at once.
fn say_all(world: &mut World, from: At, to: At, said: &mut Vec<String>) {
    let to = world.address(to);
    let mut params = Vec::new();
    for i in 0..TOGETHER {
        said.push(format!("together {i}"));
        let text = &said[said.len() - 1];
        params.push(json!({"cnd": to, "cid": to, "conversationType": 0, "pub": "", "text": text}));
    }
    world.put_calls(from, "chat", "sendTextMessage", params);
}

/// Asserts that all of one's own messages have come to a person's device.
fn assert_delivered(world: &mut World, at: At, with: At, count: usize) {
    let with = world.address(with);
    let params =
        json!({"conversationId": with, "startTime": -1, "pageSize": 1000, "orderBy": "ASC"});
    let rows = world.call(at, "chat", "getMessagesByConversationId", params).unwrap();
    let me = world.address(at);
    let own = |row: &&Value| row["msg_type"] == json!(1) && row["c_nd_add"] == json!(me);
    let ids: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(own)
        .map(|row| row["msg_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), count);
    for id in ids {
        assert_eq!(state(world, at, &id), (3, 1), "delivered");
    }
}

#[test]
fn what_is_written_while_a_delivery_is_under_way_shares_envelopes() {
    let (mut world, alice, bob, mut said) = friends();
    let before = world.carried();
    say_all(&mut world, alice, bob, &mut said);
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), said);
    assert_delivered(&mut world, alice, bob, TOGETHER + 1);
    let requests = world.carried() - before;
    assert!(requests <= REQUESTS, "{requests} requests for {TOGETHER} messages");
}

#[test]
fn one_lost_acknowledgement_of_many_messages_delivers_all_of_them_once() {
    for steps in 0..12 {
        let (mut world, alice, bob, mut said) = friends();
        say_all(&mut world, alice, bob, &mut said);
        // All were written and the first is delivered; the rest is on its way, bob may have it.
        for _ in 0..TOGETHER + steps {
            world.step_one();
        }
        world.kill(alice);
        world.part(alice, bob);
        world.restart(alice);
        world.sign_in(alice);
        world.pass(5 * 60_000);
        assert_eq!(texts(&mut world, bob, alice), said, "after {steps} steps");
        assert_delivered(&mut world, alice, bob, TOGETHER + 1);
    }
}

#[test]
fn what_a_device_cannot_read_comes_again_whole() {
    let (mut world, alice, bob, mut said) = friends();
    world.forget_sessions(bob);
    say_all(&mut world, alice, bob, &mut said);
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), said);
    assert_delivered(&mut world, alice, bob, TOGETHER + 1);
}

#[test]
fn many_that_a_device_never_reads_all_fail() {
    let (mut world, alice, bob, mut said) = friends();
    world.lose_identity(bob);
    say_all(&mut world, alice, bob, &mut said);
    world.settle();
    world.pass(10 * 60_000);
    let last = say(&mut world, alice, bob, "one more");
    world.settle();
    assert_eq!(state(&mut world, alice, &last), (1, 2), "failed");
    let with = world.address(bob);
    let params =
        json!({"conversationId": with, "startTime": -1, "pageSize": 1000, "orderBy": "ASC"});
    let rows = world.call(alice, "chat", "getMessagesByConversationId", params).unwrap();
    let failed = rows.as_array().unwrap().iter().filter(|row| row["msg_is_send"] == json!(2));
    assert_eq!(failed.count(), TOGETHER + 1);
}

#[test]
fn many_that_come_by_mail_are_receipted_at_once() {
    let (mut world, alice, bob, mut said) = friends();
    world.kill(bob);
    say_all(&mut world, alice, bob, &mut said);
    world.settle();
    world.restart(bob);
    world.sign_in(bob);
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), said);
    assert_delivered(&mut world, alice, bob, TOGETHER + 1);
}
