//! `send` and `history`.

use crate::{
    contacts::{BOB, row},
    magpie::{magpie, magpie_with},
    node::{Node, Step, on, refuse},
};
use serde_json::{Value, json};

const GID: &str = "5b1f0c3a9d2e48f7865a1b0c9d8e7f605b1f0c3a9d2e48f7865a1b0c9d8e7f60";

fn no_contact() -> Step {
    refuse("contact/getContactByNoId", json!({"nodeId": BOB}), 20058, "no")
}

fn text(to: &str, kind: i64, curve: &str, text: &str) -> Value {
    json!({"cnd": to, "cid": to, "conversationType": kind, "pub": curve, "text": text})
}

#[test]
fn a_friend_is_written_to_with_the_friends_key() {
    let sent = json!([{"msg_id": "m1", "msg_is_send": 1}]);
    let node = Node::script([
        on("contact/getContactByNoId", json!({"nodeId": BOB}), row(BOB)),
        on("chat/sendTextMessage", text(BOB, 0, "ab12", "你好\n-"), sent.clone()),
        on("contact/getContactByNoId", json!({"nodeId": BOB}), row(BOB)),
        on("chat/sendTextMessage", text(BOB, 0, "ab12", "hi"), sent.clone()),
    ]);
    let run = magpie_with(node.dir(), &["send", BOB, "-"], &[], "你好\n-\n".as_bytes());
    assert_eq!(run.ok(), "sent  m1\n");
    assert_eq!(magpie(node.dir(), &["send", BOB, "hi", "--json"]).json(), sent);
    node.finish();
}

#[test]
fn a_group_is_written_to_without_a_key() {
    let by_id = |id: &str| json!({"gId": id});
    let node = Node::script([
        on("group/getGroupByGid2", by_id(GID), json!({"g_id": GID})),
        on(
            "chat/sendTextMessage",
            text(GID, 1, "", "hi"),
            json!([{"msg_id": "m2", "msg_is_send": 0}]),
        ),
        // An id that looks like an address, and is a group's.
        no_contact(),
        on("group/getGroupByGid2", by_id(BOB), json!({"g_id": BOB})),
        on("chat/sendTextMessage", text(BOB, 1, "", "hi"), json!([{"msg_id": "m3"}])),
    ]);
    assert_eq!(magpie(node.dir(), &["send", GID, "hi"]).ok(), "on its way  m2\n");
    assert_eq!(magpie(node.dir(), &["send", BOB, "hi"]).ok(), "on its way  m3\n");
    node.finish();
}

#[test]
fn nothing_is_sent_to_nobody_or_without_a_text() {
    let node = Node::script([
        no_contact(),
        refuse("group/getGroupByGid2", json!({"gId": BOB}), 20043, "no"),
        refuse("contact/getContactByNoId", json!({"nodeId": BOB}), 20061, "not signed in"),
    ]);
    magpie(node.dir(), &["send", BOB, "hi"]).failed(5, "neither a contact nor a group");
    magpie(node.dir(), &["send", BOB, "hi"]).failed(4, "20061");
    magpie(node.dir(), &["send", BOB, ""]).failed(2, "empty");
    magpie_with(node.dir(), &["send", BOB, "-"], &[], b"\n").failed(2, "empty");
    magpie_with(node.dir(), &["send", BOB, "-"], &[], b"\xff").failed(2, "UTF-8");
    node.finish();
}

#[test]
fn history_is_the_last_messages_oldest_first() {
    let message = |source: i64, words: &str| {
        json!({"created_time": 1_744_354_200_335_i64, "msg_source": source, "nic": "bob",
            "msg_type": 1, "msg_cry": json!({"text": words}).to_string()})
    };
    let body = |size: i64| json!({"conversationId": BOB, "startTime": -1, "pageSize": size, "orderBy": "DESC"});
    let rows = json!([message(0, "second"), message(1, "first")]);
    let node = Node::script([
        on("chat/getMessagesByConversationId", body(20), rows.clone()),
        on("chat/getMessagesByConversationId", body(2), rows.clone()),
    ]);
    let run = magpie_with(node.dir(), &["history", BOB], &[("TZ", "UTC")], b"");
    assert_eq!(run.ok(), "2025-04-11 06:50  bob: first\n2025-04-11 06:50  me: second\n");
    let data = magpie(node.dir(), &["history", BOB, "--limit", "2", "--json"]).json();
    assert_eq!(data, json!([rows[1], rows[0]]));
    for bad in ["0", "1001", "x"] {
        assert_eq!(magpie(node.dir(), &["history", BOB, "--limit", bad]).code, 2);
    }
    node.finish();
}
