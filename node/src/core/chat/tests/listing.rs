//! Conversations, unread counts and pages.

use super::calls::{ack, unread};
use crate::core::fixture::{Peer, carry, friends, text_of};
use magpie_protocol::api::ErrorCode;
use serde_json::{Value, json};

#[test]
fn a_conversation_is_read_and_unread_as_a_whole() {
    let (mut alice, mut bob) = friends();
    let ids: Vec<String> = (0..3).map(|n| alice.say(&bob, &n.to_string())).collect();
    carry(&mut alice, &mut bob);
    let read = |is_read: bool| json!({ "conversationId": alice.address(), "isRead": is_read });
    let rows = |bob: &mut Peer| bob.ok("chat", "getConversations", json!({}));
    assert_eq!(rows(&mut bob)[0]["rs_unread"], 3);
    assert_eq!(rows(&mut bob)[0]["msg_id"], json!(ids[2]));
    bob.ok("chat", "setConversationReadById", read(true));
    assert_eq!((&rows(&mut bob)[0]["rs_unread"], unread(&mut bob)), (&json!(0), json!(0)));
    assert_eq!(bob.message(&ids[0])["msg_state"], 2);
    bob.ok("chat", "setConversationReadById", read(false));
    let contact = bob.ok("contact", "getContactByNoId", json!({ "nodeId": alice.address() }));
    assert_eq!((&rows(&mut bob)[0]["rs_unread"], &contact["mark_unread"]), (&json!(1), &json!(1)));
    assert_eq!(unread(&mut bob), 0);
    // Telling Alice later takes nothing from what came since.
    alice.say(&bob, "new");
    carry(&mut alice, &mut bob);
    assert_eq!(unread(&mut bob), 1);
    bob.ok("chat", "sendMessageAckByIds", ack(&alice, &[&ids[0], &ids[1]]));
    assert_eq!(unread(&mut bob), 1);
    carry(&mut alice, &mut bob);
    assert_eq!(alice.message(&ids[1])["msg_state"], 2);
    assert_eq!(alice.message(&ids[2])["msg_state"], 1);
}

#[test]
fn conversations_are_made_for_friends_and_sorted_by_their_newest_message() {
    let (mut alice, mut bob) = friends();
    let stranger = Peer::new(3);
    let get = |peer: &Peer, make: bool| {
        json!({ "cnd": peer.address(), "cid": peer.address(), "conversationType": 0,
                "createIfNeed": make })
    };
    let method = "getConversationByCidChat";
    for params in [get(&bob, false), get(&stranger, true)] {
        assert_eq!(alice.refused("chat", method, params), ErrorCode::CreateConversation);
    }
    let made = alice.ok("chat", method, get(&bob, true));
    assert_eq!((&made["rs_id"], &made["msg_id"]), (&json!(bob.address()), &json!("")));
    assert_eq!(made, alice.ok("chat", method, get(&bob, false)));
    let mut carol = Peer::new(4);
    carol.ok("contact", "addFriend", json!({ "nodeId": alice.address(), "content": "" }));
    carry(&mut carol, &mut alice);
    alice.ok("contact", "agreeApplySync", json!({ "nodeId": carol.address(), "remark": "C" }));
    carry(&mut carol, &mut alice);
    alice.now += 1;
    carol.say(&alice, "from carol");
    carry(&mut carol, &mut alice);
    let names = |alice: &mut Peer| -> Vec<Value> {
        let rows = alice.ok("chat", "getConversations", json!({}));
        rows.as_array().unwrap().iter().map(|row| row["rs_id"].clone()).collect()
    };
    assert_eq!(names(&mut alice), [json!(carol.address()), json!(bob.address())]);
    assert_eq!(alice.ok("chat", "getConversations", json!({}))[0]["nic"], "C");
    alice.now += 1;
    bob.say(&alice, "from bob");
    carry(&mut bob, &mut alice);
    assert_eq!(names(&mut alice), [json!(bob.address()), json!(carol.address())]);
}

#[test]
fn pages_join_without_a_gap_or_a_double_in_both_directions() {
    let (mut alice, mut bob) = friends();
    for number in 0..23 {
        // Some in the same millisecond, some from the other side.
        alice.now += u64::from(number % 3 == 0);
        bob.now = alice.now;
        let from = if number % 5 == 4 { &mut bob } else { &mut alice };
        let to = if number % 5 == 4 { Peer::new(1) } else { Peer::new(2) };
        from.say(&to, &number.to_string());
        carry(&mut alice, &mut bob);
    }
    let want: Vec<String> = (0..23).map(|number| number.to_string()).collect();
    assert_eq!(alice.texts(&bob), want);
    let page = |bob: &mut Peer, start: i64, after: Option<&str>, order: &str, size: usize| {
        let params = json!({ "conversationId": alice.address(), "startTime": start,
                             "pageSize": size, "orderBy": order, "afterOrder": after });
        let rows = bob.ok("chat", "getMessagesByConversationId", params);
        rows.as_array().unwrap().clone()
    };
    for (order, want) in [("ASC", want.clone()), ("DESC", want.iter().rev().cloned().collect())] {
        for size in [1, 4, 23, 24] {
            let (mut texts, mut after) = (Vec::new(), None::<String>);
            loop {
                let rows = page(&mut bob, -1, after.as_deref(), order, size);
                let Some(last) = rows.last() else { break };
                after = last["order"].as_str().map(Into::into);
                texts.extend(rows.iter().map(text_of));
            }
            assert_eq!(texts, want, "{order} {size}");
        }
        // By time: the page begins at the row whose time this is, and goes on from there.
        let all = page(&mut bob, -1, None, order, 99);
        for row in &all {
            let time = row["created_time"].as_i64().unwrap();
            let rows = page(&mut bob, time, None, order, 99);
            let first = all.iter().position(|other| other["created_time"] == json!(time));
            let first = first.unwrap();
            assert!(rows.len() >= all.len() - first, "{order}: a row is missing");
            assert_eq!(rows, all[all.len() - rows.len()..]);
        }
    }
    assert!(page(&mut bob, i64::MAX, None, "ASC", 9).is_empty());
    assert_eq!(page(&mut bob, 0, None, "ASC", 99).len(), 23);
    assert!(page(&mut bob, 0, None, "DESC", 9).is_empty());
}
