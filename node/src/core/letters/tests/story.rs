//! Alice, bob and carol, friends by address alone; either side away in turn.

use super::world::{At, World};
use crate::core::letters::post::LETTERS_ON_WAY;
use serde_json::{Value, json};

pub(in crate::core) fn befriend(world: &mut World, a: At, b: At) {
    let (alice, bob) = (world.address(a), world.address(b));
    let ask = json!({"nodeId": bob, "content": "hello", "remark": ""});
    world.call(a, "contact", "addFriend", ask).unwrap();
    world.settle();
    let asked = world.call(b, "contact", "getApplyList", json!({})).unwrap();
    assert_eq!(asked[0]["nodeId"], json!(alice), "{asked}");
    world.call(b, "contact", "agreeApplySync", json!({"nodeId": alice})).unwrap();
    world.settle();
    for (at, other) in [(a, &bob), (b, &alice)] {
        let friend = world.call(at, "contact", "isFriend", json!({"nodeId": other})).unwrap();
        assert_eq!(friend["status"], json!(true), "{at}");
    }
}

pub(super) fn say(world: &mut World, from: At, to: At, text: &str) -> String {
    let to = world.address(to);
    let params = json!({"cnd": to, "cid": to, "conversationType": 0, "pub": "", "text": text});
    let sent = world.call(from, "chat", "sendTextMessage", params).unwrap();
    let row = if sent.is_array() { sent[0].clone() } else { sent };
    row["msg_id"].as_str().unwrap().to_owned()
}

pub(super) fn texts(world: &mut World, at: At, with: At) -> Vec<String> {
    let with = world.address(with);
    let params =
        json!({"conversationId": with, "startTime": -1, "pageSize": 1000, "orderBy": "ASC"});
    let rows = world.call(at, "chat", "getMessagesByConversationId", params).unwrap();
    let rows = rows.as_array().unwrap().iter().filter(|row| row["msg_type"] == json!(1));
    rows.map(|row| {
        let body: Value = serde_json::from_str(row["msg_cry"].as_str().unwrap()).unwrap();
        body["text"].as_str().unwrap().to_owned()
    })
    .collect()
}

pub(super) fn state(world: &mut World, at: At, message: &str) -> (i64, i64) {
    let row = world.call(at, "chat", "getMessageByIdChat", json!({"messageId": message})).unwrap();
    (row["msg_state"].as_i64().unwrap(), row["msg_is_send"].as_i64().unwrap())
}

#[test]
fn friends_by_address_alone_chat_both_ways() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    let first = say(&mut world, alice, bob, "你好 bob 🧧");
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), ["你好 bob 🧧"]);
    assert_eq!(state(&mut world, alice, &first), (3, 1), "delivered and sent");
    say(&mut world, bob, alice, "你好 alice 👋");
    world.settle();
    assert_eq!(texts(&mut world, alice, bob), ["你好 bob 🧧", "你好 alice 👋"]);
}

#[test]
fn who_is_away_gets_everything_in_order_once() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(bob);
    let mut want = Vec::new();
    let mut ids = Vec::new();
    for i in 0..20 {
        want.push(format!("while away {i}"));
        ids.push(say(&mut world, alice, bob, &want[i]));
        world.pass(10);
    }
    world.settle();
    for id in &ids {
        assert_eq!(state(&mut world, alice, id).1, 1, "stored at the super nodes");
    }
    world.kill(alice);
    world.restart(bob);
    world.sign_in(bob);
    assert_eq!(texts(&mut world, bob, alice), want, "never both up");
    world.restart(alice);
    world.sign_in(alice);
    world.settle();
    for id in &ids {
        assert_eq!(state(&mut world, alice, id).0, 3, "the receipts waited for alice");
    }
}

#[test]
fn who_takes_a_message_whose_acknowledgement_is_lost_receipts_its_copy_by_mail() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.call(bob, "socketEvent", "addReceive", json!({"identifier": "test"})).unwrap();
    let id = say(&mut world, alice, bob, "are you there?");
    world.step_until_told(bob);
    world.kill(alice);
    world.part(alice, bob);
    assert_eq!(texts(&mut world, bob, alice), ["are you there?"]);
    world.restart(alice);
    world.sign_in(alice);
    world.pass(5 * 60_000);
    assert_eq!(texts(&mut world, bob, alice), ["are you there?"]);
    assert_eq!(state(&mut world, alice, &id), (3, 1), "delivered, as alice's node knows");
}

#[test]
fn a_locked_node_keeps_mail_until_its_login() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(bob);
    say(&mut world, alice, bob, "for later");
    world.settle();
    world.restart(bob);
    world.settle();
    for super_node in 0..3 {
        world.kill(super_node);
    }
    world.sign_in(bob);
    assert_eq!(texts(&mut world, bob, alice), ["for later"], "it was held, not left behind");
}

#[test]
fn one_super_node_of_three_may_be_away() {
    let mut world = World::new(3);
    world.kill(2);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(bob);
    let id = say(&mut world, alice, bob, "two of three");
    world.settle();
    assert_eq!(state(&mut world, alice, &id).1, 1);
    world.restart(bob);
    world.sign_in(bob);
    assert_eq!(texts(&mut world, bob, alice), ["two of three"]);
}

#[test]
fn what_was_posted_before_a_crash_is_carried_after_it() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    for super_node in 0..3 {
        world.kill(super_node);
    }
    world.kill(bob);
    say(&mut world, alice, bob, "nobody was there");
    world.pass(5_000);
    world.kill(alice);
    for super_node in 0..3 {
        world.restart(super_node);
    }
    world.restart(alice);
    world.sign_in(alice);
    world.restart(bob);
    world.sign_in(bob);
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), ["nobody was there"]);
}

#[test]
fn a_super_node_keeps_nothing_that_says_who_wrote_what() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(bob);
    say(&mut world, alice, bob, "plain words of a secret");
    world.settle();
    for super_node in 0..3 {
        let bytes = world.stored_bytes(super_node);
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"plain words"), "a message's text");
        assert!(!holds(b"hello"), "a greeting");
    }
}

#[test]
fn a_node_that_lost_its_sessions_asks_for_new_ones_and_reads_on() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    say(&mut world, alice, bob, "one");
    say(&mut world, bob, alice, "two");
    world.settle();
    world.forget_sessions(bob);
    let two = say(&mut world, alice, bob, "not readable at once");
    world.settle();
    assert_eq!(state(&mut world, alice, &two), (3, 1), "it was sent again in a new session");
    say(&mut world, alice, bob, "three");
    world.settle();
    say(&mut world, bob, alice, "four");
    world.settle();
    assert_eq!(
        texts(&mut world, bob, alice),
        ["one", "two", "not readable at once", "three", "four"]
    );
    assert_eq!(texts(&mut world, alice, bob), texts(&mut world, bob, alice));
}

#[test]
fn typing_is_told_to_who_is_there_and_to_nobody_later() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    say(&mut world, alice, bob, "one");
    world.settle();
    let to = world.address(bob);
    let typing = json!({"cnd": to, "conversationType": 0, "isInputting": true, "pub": ""});
    let before = world.pushed(bob);
    register(&mut world, bob);
    world.call(alice, "chat", "sendInputStateMessage", typing.clone()).unwrap();
    world.settle();
    assert_eq!(world.pushed(bob), before + 1);
    world.kill(bob);
    world.call(alice, "chat", "sendInputStateMessage", typing).unwrap();
    world.settle();
    world.restart(bob);
    world.sign_in(bob);
    assert_eq!(world.pushed(bob), 0, "nobody was there to be told");
}

#[test]
fn what_is_on_its_way_is_bounded_and_leaves_when_the_network_is_back() {
    let mut world = World::new(1);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(0);
    world.kill(bob);
    let to = world.address(bob);
    let params = json!({"cnd": to, "cid": to, "conversationType": 0, "pub": "", "text": "x"});
    let mut sent = 0;
    let refused = loop {
        match world.call(alice, "chat", "sendTextMessage", params.clone()) {
            Ok(_) => sent += 1,
            Err(code) => break code,
        }
    };
    assert_eq!((sent, refused), (LETTERS_ON_WAY, 21011));
    world.restart(0);
    world.settle();
    world.call(alice, "chat", "sendTextMessage", params).unwrap();
}

fn register(world: &mut World, at: At) {
    world.call(at, "socketEvent", "addReceive", json!({"identifier": "test"})).unwrap();
}

#[test]
fn what_the_super_nodes_store_goes_ahead_of_what_is_newer() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(bob);
    let mut want = Vec::new();
    for i in 0..5 {
        want.push(format!("stored {i}"));
        say(&mut world, alice, bob, &want[i]);
    }
    world.settle();
    for super_node in 0..3 {
        world.kill(super_node);
    }
    world.restart(bob);
    world.sign_in(bob);
    world.meet(alice, bob);
    // More turns of the ratchet than it keeps chains for: late mail could not be read any more.
    for turn in 0..8 {
        let (from, to) = if turn % 2 == 0 { (alice, bob) } else { (bob, alice) };
        want.push(format!("turn {turn}"));
        say(&mut world, from, to, &want[5 + turn]);
        world.pass(2_000);
    }
    assert_eq!(texts(&mut world, bob, alice), want, "without any super node");
    for super_node in 0..3 {
        world.restart(super_node);
    }
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), want);
    assert_eq!(texts(&mut world, alice, bob), want);
}
