//! Writing and reading in a group through the local API.

use super::calls::{text, unread, written};
use crate::core::{
    Input,
    fixture::{NOW, Peer, text_of},
    groups::fixture::{group_of, spoken},
    letters::sender::Taken,
};
use magpie_protocol::{
    api::ErrorCode,
    content::{Conversation, Message},
    ids::GroupId,
};
use serde_json::{Value, json};

/// A group that nobody knows.
const NOWHERE: GroupId = GroupId([0xab; 32]);

/// Two members of a group that the first owns, with no events kept.
fn members() -> (Peer, Peer, GroupId) {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    let group = group_of(&mut alice, &mut bob);
    (alice, bob, group)
}

fn say(group: GroupId, text: &str) -> Value {
    json!({ "cnd": group, "cid": group, "conversationType": 1, "pub": "", "text": text })
}

fn sent(peer: &mut Peer, group: GroupId, text: &str) -> String {
    let rows = peer.ok("chat", "sendTextMessage", say(group, text));
    rows[0]["msg_id"].as_str().unwrap().to_owned()
}

fn about(group: GroupId, ids: &[&str]) -> Value {
    json!({ "conversationId": group, "cid": group, "conversationType": 2, "messageIds": ids,
            "pub": "", "isRetry": false })
}

fn recall(group: GroupId, id: &str) -> Value {
    json!({ "conversationId": group, "cid": group, "conversationType": 2, "messageId": id,
            "pub": "" })
}

fn list(group: GroupId) -> Value {
    json!({ "conversationId": group, "startTime": -1, "pageSize": 1000, "orderBy": "ASC" })
}

fn get(group: GroupId, make: bool) -> Value {
    json!({ "cnd": group, "cid": group, "conversationType": 1, "createIfNeed": make })
}

fn heard(peer: &mut Peer, group: GroupId) -> Vec<String> {
    let rows = peer.ok("chat", "getMessagesByConversationId", list(group));
    rows.as_array().unwrap().iter().map(text_of).collect()
}

/// Brings what one said to the other.
fn carry(from: &mut Peer, to: &mut Peer, group: GroupId) -> Vec<Message> {
    let messages = from.turn(|turn| spoken(turn, group));
    // What was planned is done, so that nothing of it happens in a call that is to change nothing.
    for peer in [&mut *from, &mut *to] {
        peer.step(Input::Tick);
    }
    for message in messages.clone() {
        let sender = from.sender();
        let taken =
            to.turn(|turn| turn.hear_group_message(group, sender.account, sender.device, message));
        assert_eq!(taken.unwrap(), Taken::Kept);
    }
    messages
}

#[test]
fn a_chat_in_a_group() {
    let (mut alice, mut bob, group) = members();
    let rows = alice.ok("chat", "sendTextMessage", say(group, "大家好 🧧"));
    let row = &rows[0];
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!((&row["msg_is_send"], &row["msg_state"]), (&json!(0), &json!(1)));
    assert_eq!((&row["msg_source"], &row["msg_type"]), (&json!(0), &json!(1)));
    assert_eq!((&row["rs_id"], &row["rs_type"]), (&json!(group), &json!(2)));
    assert_eq!(row["msg_cry"], r#"{"text":"大家好 🧧"}"#);
    assert_eq!(alice.event_names(), ["conversation"]);
    assert!(alice.posted().is_empty(), "a group's messages are no letters to one person");
    let messages = carry(&mut alice, &mut bob, group);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].conversation, Conversation::Group(group));
    assert_eq!(bob.event_names(), ["message", "conversation"]);

    let id = row["msg_id"].as_str().unwrap();
    let shown = bob.message(id);
    assert_eq!((&shown["msg_source"], &shown["order"]), (&json!(1), &row["order"]));
    assert_eq!((&shown["nic"], &shown["is_owner"]), (&json!("boss"), &json!(1)));
    assert_eq!((&shown["is_admin"], &shown["is_mbr_chat"]), (&json!(0), &json!(1)));
    let conversation = &bob.ok("chat", "getConversations", json!({}))[0];
    for (field, want) in [
        ("rs_id", json!(group)),
        ("c_nd_add", json!(group)),
        ("c_id", json!(group)),
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
    assert_eq!(conversation, &bob.ok("chat", "getConversationByCidChat", get(group, false)));
    let own = alice.ok("chat", "getConversationByCidChat", get(group, false));
    assert_eq!((&own["isOwner"], &own["gps"]), (&json!(1), &json!("boss")));

    sent(&mut bob, group, "hi");
    let answers = carry(&mut bob, &mut alice, group);
    assert_eq!(answers[0].parents.iter().map(ToString::to_string).collect::<Vec<_>>(), [id]);
    let want = ["大家好 🧧", "hi"].map(String::from).to_vec();
    assert_eq!((heard(&mut alice, group), heard(&mut bob, group)), (want.clone(), want));
    assert_eq!((unread(&mut alice), unread(&mut bob)), (json!(1), json!(1)));
    assert_eq!(alice.message(id)["msg_is_send"], 0);
}

#[test]
fn reading_in_a_group_is_told_to_nobody() {
    let (mut alice, mut bob, group) = members();
    let ids = ["1", "2", "3"].map(|text| sent(&mut alice, group, text));
    let own = sent(&mut bob, group, "mine");
    carry(&mut alice, &mut bob, group);
    assert_eq!(unread(&mut bob), 3);
    // One's own message is not read by oneself, and one of elsewhere not here.
    let read = bob.ok("chat", "sendMessageAckByIds", about(group, &[&ids[0], &own, "nothing"]));
    assert_eq!(read, json!([ids[0]]));
    assert_eq!(bob.ok("chat", "sendMessageAckByIds", about(group, &[&ids[0]])), json!([ids[0]]));
    assert_eq!((unread(&mut bob), &bob.message(&ids[0])["msg_state"]), (json!(2), &json!(2)));
    assert!(bob.posted().is_empty());
    assert_eq!(bob.turn(|turn| spoken(turn, group)).len(), 1, "only what Bob wrote is sent");
    let mark = |is_read: bool| json!({ "conversationId": group, "isRead": is_read });
    bob.ok("chat", "setConversationReadById", mark(true));
    assert_eq!((unread(&mut bob), &bob.message(&ids[2])["msg_state"]), (json!(0), &json!(2)));
    bob.ok("chat", "setConversationReadById", mark(false));
    assert_eq!(bob.ok("chat", "getConversations", json!({}))[0]["rs_unread"], 1);
    assert_eq!(bob.message(&own)["msg_state"], 1);
}

#[test]
fn a_message_is_taken_back_by_its_author_in_its_group_alone() {
    let (mut alice, mut bob, group) = members();
    let id = sent(&mut alice, group, "oops");
    carry(&mut alice, &mut bob, group);
    let method = "recallMessageById";
    assert_eq!(bob.refused("chat", method, recall(group, &id)), ErrorCode::MessageState);
    let mut elsewhere = recall(group, &id);
    let peer = json!(bob.address());
    for (field, value) in
        [("conversationId", &peer), ("cid", &peer), ("conversationType", &json!(1))]
    {
        elsewhere[field] = value.clone();
    }
    assert_eq!(alice.refused("chat", method, elsewhere), ErrorCode::MessageUnknown);
    alice.ok("chat", method, recall(group, &id));
    let told = carry(&mut alice, &mut bob, group);
    assert_eq!(told.len(), 1);
    assert_eq!(
        (heard(&mut alice, group), heard(&mut bob, group)),
        (vec![String::new()], vec![String::new()])
    );
    assert_eq!((unread(&mut bob), &bob.message(&id)["msg_type"]), (json!(0), &json!(16)));
    assert_eq!(alice.refused("chat", method, recall(group, &id)), ErrorCode::MessageState);
}

#[test]
fn a_group_that_is_not_known_is_20043_for_every_call() {
    let mut alice = Peer::new(1);
    let id = "cd".repeat(32);
    for (method, params) in [
        ("sendTextMessage", say(NOWHERE, "x")),
        ("getMessagesByConversationId", list(NOWHERE)),
        ("getConversationByCidChat", get(NOWHERE, true)),
        ("getConversationByCidChat", get(NOWHERE, false)),
        ("sendMessageAckByIds", about(NOWHERE, &[&id])),
        ("recallMessageById", recall(NOWHERE, &id)),
        ("setConversationReadById", json!({ "conversationId": NOWHERE, "isRead": true })),
        ("setConversationReadById", json!({ "conversationId": NOWHERE, "isRead": false })),
        ("sendInputStateMessage", json!({ "cnd": NOWHERE, "isInputting": true })),
    ] {
        assert_eq!(alice.refused("chat", method, params), ErrorCode::GroupUnknown, "{method}");
    }
    let mut twice = say(NOWHERE, "x");
    twice["cid"] = json!(id);
    assert_eq!(alice.refused("chat", "sendTextMessage", twice), ErrorCode::BadParameter);
    let mut one = say(NOWHERE, "x");
    one["conversationType"] = json!(0);
    assert_eq!(alice.refused("chat", "sendTextMessage", one), ErrorCode::BadParameter);
}

#[test]
fn a_group_that_was_left_is_read_and_not_written_in() {
    let (mut alice, mut bob, group) = members();
    let own = sent(&mut bob, group, "bye");
    sent(&mut alice, group, "hi");
    carry(&mut alice, &mut bob, group);
    bob.ok("group", "quiteGroup", json!({ "gId": group }));
    assert_eq!(heard(&mut bob, group).len(), 2);
    assert_eq!(bob.ok("chat", "getConversations", json!({}))[0]["state"], 2);
    for (method, params) in [
        ("sendTextMessage", say(group, "x")),
        ("recallMessageById", recall(group, &own)),
        ("sendInputStateMessage", json!({ "cnd": group, "isInputting": true })),
    ] {
        assert_eq!(bob.refused("chat", method, params), ErrorCode::GroupGone, "{method}");
    }
    assert_eq!(bob.refused("chat", "sendTextMessage", say(group, "")), ErrorCode::TextEmpty);
    bob.ok("chat", "setConversationReadById", json!({ "conversationId": group, "isRead": true }));
    assert_eq!(unread(&mut bob), 0);
}

#[test]
fn a_member_has_the_conversation_from_the_start() {
    let (mut alice, mut bob, group) = members();
    for peer in [&mut alice, &mut bob] {
        let found = peer.ok("chat", "getConversationByCidChat", get(group, false));
        assert_eq!((&found["rs_id"], &found["nic"]), (&json!(group), &json!("家")));
        assert!(heard(peer, group).is_empty());
    }
}

#[test]
fn a_chosen_name_is_shown_beside_the_nickname() {
    let (alice, mut bob, group) = members();
    let message = written(&alice, Conversation::Group(group), NOW, &[], &text("hi"));
    let sender = alice.sender();
    bob.turn(|turn| turn.hear_group_message(group, sender.account, sender.device, message))
        .unwrap();
    let rows = bob.ok("chat", "getMessagesByConversationId", list(group));
    let start: String = alice.address().to_string().chars().take(8).collect();
    assert_eq!((&rows[0]["nic"], &rows[0]["origin_nic"]), (&json!("boss"), &json!(start)));
}
