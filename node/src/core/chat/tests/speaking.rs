//! Writing and reading in a group through the local API.

use super::calls::{text, unread, written};
use crate::core::{
    fixture::{NOW, Peer, text_of},
    groups::seam::tests::{spoken, stand},
    letters::sender::Taken,
};
use magpie_protocol::{
    api::ErrorCode,
    content::{Conversation, Message},
    ids::GroupId,
};
use serde_json::{Value, json};

const GROUP: GroupId = GroupId([0xab; 32]);

/// Two members of a group that the first owns, with its conversation open and no events kept.
fn members() -> (Peer, Peer) {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    let owner = alice.address();
    for peer in [&mut alice, &mut bob] {
        peer.turn(|turn| {
            stand(turn, GROUP, owner, true);
            turn.open_group_room(GROUP).unwrap();
        });
        peer.events();
    }
    (alice, bob)
}

fn say(text: &str) -> Value {
    json!({ "cnd": GROUP, "cid": GROUP, "conversationType": 1, "pub": "", "text": text })
}

fn sent(peer: &mut Peer, text: &str) -> String {
    let rows = peer.ok("chat", "sendTextMessage", say(text));
    rows[0]["msg_id"].as_str().unwrap().to_owned()
}

fn about(ids: &[&str]) -> Value {
    json!({ "conversationId": GROUP, "cid": GROUP, "conversationType": 2, "messageIds": ids,
            "pub": "", "isRetry": false })
}

fn recall(id: &str) -> Value {
    json!({ "conversationId": GROUP, "cid": GROUP, "conversationType": 2, "messageId": id,
            "pub": "" })
}

fn list() -> Value {
    json!({ "conversationId": GROUP, "startTime": -1, "pageSize": 1000, "orderBy": "ASC" })
}

fn get(make: bool) -> Value {
    json!({ "cnd": GROUP, "cid": GROUP, "conversationType": 1, "createIfNeed": make })
}

fn heard(peer: &mut Peer) -> Vec<String> {
    let rows = peer.ok("chat", "getMessagesByConversationId", list());
    rows.as_array().unwrap().iter().map(text_of).collect()
}

/// Brings what one said to the other.
fn carry(from: &mut Peer, to: &mut Peer) -> Vec<Message> {
    let messages = from.turn(|turn| spoken(turn, GROUP));
    for message in messages.clone() {
        let sender = from.sender();
        let taken =
            to.turn(|turn| turn.hear_group_message(GROUP, sender.account, sender.device, message));
        assert_eq!(taken.unwrap(), Taken::Kept);
    }
    messages
}

#[test]
fn a_chat_in_a_group() {
    let (mut alice, mut bob) = members();
    let rows = alice.ok("chat", "sendTextMessage", say("大家好 🧧"));
    let row = &rows[0];
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!((&row["msg_is_send"], &row["msg_state"]), (&json!(0), &json!(1)));
    assert_eq!((&row["msg_source"], &row["msg_type"]), (&json!(0), &json!(1)));
    assert_eq!((&row["rs_id"], &row["rs_type"]), (&json!(GROUP), &json!(2)));
    assert_eq!(row["msg_cry"], r#"{"text":"大家好 🧧"}"#);
    assert_eq!(alice.event_names(), ["conversation"]);
    assert!(alice.posted().is_empty(), "a group's messages are no letters to one person");
    let messages = carry(&mut alice, &mut bob);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].conversation, Conversation::Group(GROUP));
    assert_eq!(bob.event_names(), ["message", "conversation"]);

    let id = row["msg_id"].as_str().unwrap();
    let shown = bob.message(id);
    assert_eq!((&shown["msg_source"], &shown["order"]), (&json!(1), &row["order"]));
    assert_eq!((&shown["nic"], &shown["is_owner"]), (&json!("boss"), &json!(1)));
    assert_eq!((&shown["is_admin"], &shown["is_mbr_chat"]), (&json!(0), &json!(1)));
    let conversation = &bob.ok("chat", "getConversations", json!({}))[0];
    for (field, want) in [
        ("rs_id", json!(GROUP)),
        ("c_nd_add", json!(GROUP)),
        ("c_id", json!(GROUP)),
        ("rs_type", json!(2)),
        ("rs_unread", json!(1)),
        ("msg_id", json!(id)),
        ("msgCndadd", json!(alice.address())),
        ("msgNic", json!("boss")),
        ("nic", json!("家")),
        ("pfpid", json!(7)),
        ("pfpurl", json!("avatar")),
        ("pubCurve", json!("")),
        ("state", json!(1)),
        ("isMbrChat", json!(1)),
        ("isOwner", json!(0)),
        ("isAdmin", json!(0)),
        ("gps", json!("")),
    ] {
        assert_eq!(conversation[field], want, "{field}");
    }
    assert_eq!(conversation, &bob.ok("chat", "getConversationByCidChat", get(false)));
    let own = alice.ok("chat", "getConversationByCidChat", get(false));
    assert_eq!((&own["isOwner"], &own["gps"]), (&json!(1), &json!("boss")));

    sent(&mut bob, "hi");
    let answers = carry(&mut bob, &mut alice);
    assert_eq!(answers[0].parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [id]);
    let want = ["大家好 🧧", "hi"].map(String::from).to_vec();
    assert_eq!((heard(&mut alice), heard(&mut bob)), (want.clone(), want));
    assert_eq!((unread(&mut alice), unread(&mut bob)), (json!(1), json!(1)));
    assert_eq!(alice.message(id)["msg_is_send"], 0);
}

#[test]
fn reading_in_a_group_is_told_to_nobody() {
    let (mut alice, mut bob) = members();
    let ids = ["1", "2", "3"].map(|text| sent(&mut alice, text));
    let own = sent(&mut bob, "mine");
    carry(&mut alice, &mut bob);
    assert_eq!(unread(&mut bob), 3);
    // One's own message is not read by oneself, and one of elsewhere not here.
    let read = bob.ok("chat", "sendMessageAckByIds", about(&[&ids[0], &own, "nothing"]));
    assert_eq!(read, json!([ids[0]]));
    assert_eq!(bob.ok("chat", "sendMessageAckByIds", about(&[&ids[0]])), json!([ids[0]]));
    assert_eq!((unread(&mut bob), &bob.message(&ids[0])["msg_state"]), (json!(2), &json!(2)));
    assert!(bob.posted().is_empty());
    assert_eq!(bob.turn(|turn| spoken(turn, GROUP)).len(), 1, "only what Bob wrote is sent");
    let mark = |is_read: bool| json!({ "conversationId": GROUP, "isRead": is_read });
    bob.ok("chat", "setConversationReadById", mark(true));
    assert_eq!((unread(&mut bob), &bob.message(&ids[2])["msg_state"]), (json!(0), &json!(2)));
    bob.ok("chat", "setConversationReadById", mark(false));
    assert_eq!(bob.ok("chat", "getConversations", json!({}))[0]["rs_unread"], 1);
    assert_eq!(bob.message(&own)["msg_state"], 1);
}

#[test]
fn a_message_is_taken_back_by_its_author_in_its_group_alone() {
    let (mut alice, mut bob) = members();
    let id = sent(&mut alice, "oops");
    carry(&mut alice, &mut bob);
    let method = "recallMessageById";
    assert_eq!(bob.refused("chat", method, recall(&id)), ErrorCode::MessageState);
    let mut elsewhere = recall(&id);
    let peer = json!(bob.address());
    for (field, value) in
        [("conversationId", &peer), ("cid", &peer), ("conversationType", &json!(1))]
    {
        elsewhere[field] = value.clone();
    }
    assert_eq!(alice.refused("chat", method, elsewhere), ErrorCode::MessageUnknown);
    alice.ok("chat", method, recall(&id));
    let told = carry(&mut alice, &mut bob);
    assert_eq!(told.len(), 1);
    assert_eq!((heard(&mut alice), heard(&mut bob)), (vec![String::new()], vec![String::new()]));
    assert_eq!((unread(&mut bob), &bob.message(&id)["msg_type"]), (json!(0), &json!(16)));
    assert_eq!(alice.refused("chat", method, recall(&id)), ErrorCode::MessageState);
}

#[test]
fn a_group_that_is_not_known_is_20043_for_every_call() {
    let mut alice = Peer::new(1);
    let id = "cd".repeat(32);
    for (method, params) in [
        ("sendTextMessage", say("x")),
        ("getMessagesByConversationId", list()),
        ("getConversationByCidChat", get(true)),
        ("getConversationByCidChat", get(false)),
        ("sendMessageAckByIds", about(&[&id])),
        ("recallMessageById", recall(&id)),
        ("setConversationReadById", json!({ "conversationId": GROUP, "isRead": true })),
        ("setConversationReadById", json!({ "conversationId": GROUP, "isRead": false })),
        ("sendInputStateMessage", json!({ "cnd": GROUP, "isInputting": true })),
    ] {
        assert_eq!(alice.refused("chat", method, params), ErrorCode::GroupUnknown, "{method}");
    }
    let mut twice = say("x");
    twice["cid"] = json!(id);
    assert_eq!(alice.refused("chat", "sendTextMessage", twice), ErrorCode::BadParameter);
    let mut one = say("x");
    one["conversationType"] = json!(0);
    assert_eq!(alice.refused("chat", "sendTextMessage", one), ErrorCode::BadParameter);
}

#[test]
fn a_group_that_was_left_is_read_and_not_written_in() {
    let (mut alice, mut bob) = members();
    let own = sent(&mut bob, "bye");
    sent(&mut alice, "hi");
    carry(&mut alice, &mut bob);
    let owner = alice.address();
    bob.turn(|turn| stand(turn, GROUP, owner, false));
    assert_eq!(heard(&mut bob).len(), 2);
    assert_eq!(bob.ok("chat", "getConversations", json!({}))[0]["state"], 2);
    for (method, params) in [
        ("sendTextMessage", say("x")),
        ("recallMessageById", recall(&own)),
        ("sendInputStateMessage", json!({ "cnd": GROUP, "isInputting": true })),
    ] {
        assert_eq!(bob.refused("chat", method, params), ErrorCode::GroupGone, "{method}");
    }
    assert_eq!(bob.refused("chat", "sendTextMessage", say("")), ErrorCode::TextEmpty);
    bob.ok("chat", "setConversationReadById", json!({ "conversationId": GROUP, "isRead": true }));
    assert_eq!(unread(&mut bob), 0);
}

#[test]
fn a_member_may_make_the_conversation_and_whoever_left_may_not() {
    let (mut alice, bob) = (Peer::new(1), Peer::new(2));
    let method = "getConversationByCidChat";
    alice.turn(|turn| stand(turn, GROUP, bob.address(), false));
    assert_eq!(alice.refused("chat", method, get(true)), ErrorCode::CreateConversation);
    alice.turn(|turn| stand(turn, GROUP, bob.address(), true));
    assert_eq!(alice.refused("chat", method, get(false)), ErrorCode::CreateConversation);
    assert!(heard(&mut alice).is_empty());
    let made = alice.ok("chat", method, get(true));
    assert_eq!((&made["rs_id"], &made["nic"]), (&json!(GROUP), &json!("家")));
    assert_eq!(made, alice.ok("chat", method, get(false)));
}

#[test]
fn a_chosen_name_is_shown_beside_the_nickname() {
    let (alice, mut bob) = members();
    let message = written(&alice, Conversation::Group(GROUP), NOW, &[], &text("hi"));
    let sender = alice.sender();
    bob.turn(|turn| turn.hear_group_message(GROUP, sender.account, sender.device, message))
        .unwrap();
    let rows = bob.ok("chat", "getMessagesByConversationId", list());
    let start: String = alice.address().to_string().chars().take(8).collect();
    assert_eq!((&rows[0]["nic"], &rows[0]["origin_nic"]), (&json!("boss"), &json!(start)));
}
