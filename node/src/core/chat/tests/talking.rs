//! Sending, hearing, receipts, recalls, and what is refused.

use super::calls::{ack, letter, recall, text, unread};
use crate::core::{
    fixture::{Letter, NOW, Peer, carry, friends, text_of},
    letters::{
        progress::Progress,
        sender::{Refusal, Taken},
    },
};
use magpie_protocol::{
    api::ErrorCode,
    bounded::List,
    content::{Content, Conversation, DeliveryReceipt, Kind, Message, Payload, Recall, Typing},
    ids::{GroupId, MessageId},
};
use serde_json::{Value, json};

#[test]
fn a_chat_both_ways_to_read() {
    let (mut alice, mut bob) = friends();
    let rows = alice.ok("chat", "sendTextMessage", bob.text("你好 bob 🧧"));
    let row = &rows[0];
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!((&row["msg_is_send"], &row["msg_state"]), (&json!(0), &json!(1)));
    assert_eq!((&row["msg_source"], &row["msg_type"]), (&json!(0), &json!(1)));
    assert_eq!(row["rs_id"], json!(bob.address()));
    assert_eq!(row["msg_cry"], r#"{"text":"你好 bob 🧧"}"#);
    let id = row["msg_id"].as_str().unwrap().to_owned();
    assert_eq!(alice.event_names(), ["conversation"]);
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    assert_eq!(bob.event_names(), ["message", "conversation"]);
    let heard = bob.message(&id);
    assert_eq!((&heard["msg_source"], &heard["msg_state"]), (&json!(1), &json!(1)));
    assert_eq!(heard["rs_id"], json!(alice.address()));
    assert_eq!(heard["order"], row["order"]);
    assert_eq!(unread(&mut bob), 1);

    let (to, message) = (bob.address(), id.parse().unwrap());
    let progress = |alice: &mut Peer, progress| {
        alice.turn(|turn| turn.progressed(message, to, progress)).unwrap();
        let row = alice.message(&id);
        (row["msg_is_send"].as_u64().unwrap(), row["msg_state"].as_u64().unwrap())
    };
    assert_eq!(progress(&mut alice, Progress::Failed("no room".into())), (2, 1));
    assert_eq!(progress(&mut alice, Progress::Stored { k: 2, n: 3 }), (1, 1));
    assert_eq!(progress(&mut alice, Progress::Failed("late".into())), (1, 1));
    assert_eq!(progress(&mut alice, Progress::Delivered), (1, 3));
    assert_eq!(alice.event_names(), ["messageState"; 3]);
    assert_eq!(bob.ok("chat", "sendMessageAckByIds", ack(&alice, &[&id])), json!([id]));
    assert_eq!(bob.message(&id)["msg_state"], 2);
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    assert_eq!(alice.event_names(), ["messageState"]);
    assert_eq!(progress(&mut alice, Progress::Delivered), (1, 2));
    assert_eq!(alice.event_names(), [""; 0]);
    // Acknowledged again: the same answer, and nobody is told twice.
    assert_eq!(bob.ok("chat", "sendMessageAckByIds", ack(&alice, &[&id])), json!([id]));
    assert!(bob.posted().is_empty());

    bob.say(&alice, "你好 alice 👋");
    carry(&mut alice, &mut bob);
    let want = ["你好 bob 🧧", "你好 alice 👋"];
    assert_eq!(
        (alice.texts(&bob), bob.texts(&alice)),
        (want.map(Into::into).to_vec(), want.map(Into::into).to_vec())
    );
    assert_eq!((unread(&mut alice), unread(&mut bob)), (json!(1), json!(0)));
    assert_eq!(alice.ok("user", "getVersion", json!({}))["userMessage"], 2);
}

#[test]
fn what_cannot_be_sent_is_refused_with_its_code() {
    let (mut alice, mut bob) = friends();
    let stranger = Peer::new(3);
    let refuse = |alice: &mut Peer, params| alice.refused("chat", "sendTextMessage", params);
    assert_eq!(refuse(&mut alice, bob.text("")), ErrorCode::TextEmpty);
    assert_eq!(refuse(&mut alice, bob.text(&"x".repeat(10_001))), ErrorCode::BadParameter);
    assert_eq!(refuse(&mut alice, stranger.text("x")), ErrorCode::NotFriend);
    let own = alice.text("x");
    assert_eq!(refuse(&mut alice, own), ErrorCode::NotFriend);
    let with = |field: &str, value: Value| {
        let mut params = bob.text("x");
        params[field] = value;
        params
    };
    assert_eq!(refuse(&mut alice, with("conversationType", json!(1))), ErrorCode::GroupUnknown);
    assert_eq!(refuse(&mut alice, with("conversationType", json!(2))), ErrorCode::OutOfRange);
    assert_eq!(refuse(&mut alice, with("text", json!(7))), ErrorCode::WrongType);
    let other = with("cid", json!(stranger.address()));
    assert_eq!(refuse(&mut alice, other), ErrorCode::BadParameter);
    assert_eq!(refuse(&mut alice, json!({ "cnd": bob.address() })), ErrorCode::Missing);
    let typing = json!({ "cnd": stranger.address(), "isInputting": true });
    assert_eq!(alice.refused("chat", "sendInputStateMessage", typing), ErrorCode::NotFriend);
    for id in ["nothing", &"ab".repeat(32)] {
        let found = alice.refused("chat", "getMessageByIdChat", json!({ "messageId": id }));
        assert_eq!(found, ErrorCode::MessageUnknown);
        let found = alice.refused("chat", "recallMessageById", recall(&bob, id));
        assert_eq!(found, ErrorCode::MessageUnknown);
        assert_eq!(alice.ok("chat", "sendMessageAckByIds", ack(&bob, &[id])), json!([]));
        assert_eq!(alice.ok("chat", "getMessageByIds", json!({ "messageIds": [id] })), json!([]));
    }
    let twice = json!({ "messageIds": ["a", "a"] });
    assert_eq!(alice.refused("chat", "getMessageByIds", twice), ErrorCode::Duplicate);
    let page = |size: i64, after: &str| {
        json!({ "conversationId": bob.address(), "startTime": -1, "pageSize": size,
                "orderBy": "ASC", "afterOrder": after })
    };
    let list = "getMessagesByConversationId";
    assert_eq!(alice.refused("chat", list, page(0, "00")), ErrorCode::OutOfRange);
    assert_eq!(alice.refused("chat", list, page(1_001, "00")), ErrorCode::OutOfRange);
    assert_eq!(alice.refused("chat", list, page(9, "xyz")), ErrorCode::BadParameter);
    let mut read = json!({ "conversationId": stranger.address(), "isRead": true });
    let found = alice.refused("chat", "setConversationReadById", read.clone());
    assert_eq!(found, ErrorCode::ContactUnknown);
    read["conversationId"] = json!("ab".repeat(32));
    let found = alice.refused("chat", "setConversationReadById", read);
    assert_eq!(found, ErrorCode::GroupUnknown);
    assert!(alice.posted().is_empty() && bob.posted().is_empty());
    assert_eq!(alice.ok("chat", "getConversations", json!({})), json!([]));
}

#[test]
fn what_may_not_be_heard_is_refused_and_leaves_nothing() {
    let (mut alice, mut bob) = friends();
    let mut mallory = Peer::new(3);
    let good = letter(&alice, &bob, NOW, &[], &text("hi"));
    let stranger = letter(&mallory, &bob, NOW, &[], &text("hi"));
    assert_eq!(bob.receive(&stranger), Taken::Refused(Refusal::NotFriend));
    let forged = Letter { from: alice.sender(), ..stranger.clone() };
    assert_eq!(bob.receive(&forged), Taken::Refused(Refusal::Malformed));
    let elsewhere = letter(&alice, &mallory, NOW, &[], &text("hi"));
    assert_eq!(bob.receive(&elsewhere), Taken::Refused(Refusal::Malformed));
    let Payload::Message(message) = &good.payload else { panic!() };
    let grouped =
        Message { conversation: Conversation::Group(GroupId([1; 32])), ..(**message).clone() };
    let grouped = Letter { payload: Payload::Message(Box::new(grouped)), ..good.clone() };
    assert_eq!(bob.receive(&grouped), Taken::Refused(Refusal::Unserved));
    assert!(bob.texts(&alice).is_empty() && bob.texts(&mallory).is_empty());
    assert_eq!(bob.receive(&good), Taken::Kept);
    // A clock that does not come after its parent's cannot be.
    let early = letter(&alice, &bob, NOW, &[good.about.unwrap()], &text("before"));
    assert_eq!(bob.receive(&early), Taken::Refused(Refusal::Malformed));
    assert_eq!(bob.texts(&alice), ["hi"]);
    // A receipt moves only what was written to who gives it.
    let id = bob.say(&alice, "secret");
    bob.posted();
    let read = List::new(vec![id.parse().unwrap(), MessageId([9; 32])]).unwrap();
    let receipt = DeliveryReceipt { delivered: List::default(), read };
    let payload = Payload::Receipt(Box::new(receipt));
    let of = |peer: &Peer| Letter {
        from: peer.sender(),
        to: good.to,
        payload: payload.clone(),
        about: None,
    };
    bob.receive(&of(&mallory));
    assert_eq!(bob.message(&id)["msg_state"], 1);
    bob.receive(&of(&alice));
    assert_eq!(bob.message(&id)["msg_state"], 2);
    assert!(alice.posted().is_empty() && mallory.posted().is_empty());
}

#[test]
fn who_was_asked_may_write_before_the_answer_comes() {
    let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
    let hello = json!({ "nodeId": bob.address(), "content": "" });
    alice.ok("contact", "addFriend", hello);
    carry(&mut alice, &mut bob);
    bob.ok("contact", "agreeApplySync", json!({ "nodeId": alice.address() }));
    bob.say(&alice, "yes!");
    for letter in bob.posted().iter().rev() {
        assert_eq!(alice.receive(letter), Taken::Kept);
    }
    assert!(alice.is_friend(&bob));
    assert_eq!(alice.texts(&bob), ["yes!"]);
}

#[test]
fn a_recall_empties_the_message_on_both_sides() {
    let (mut alice, mut bob) = friends();
    let (first, second) = (alice.say(&bob, "oops"), alice.say(&bob, "fine"));
    let letters = alice.posted();
    bob.receive(&letters[0]);
    bob.receive(&letters[1]);
    assert_eq!(unread(&mut bob), 2);
    let found = bob.refused("chat", "recallMessageById", recall(&alice, &first));
    assert_eq!(found, ErrorCode::MessageState);
    alice.events();
    bob.events();
    alice.ok("chat", "recallMessageById", recall(&bob, &first));
    assert_eq!(alice.event_names(), ["messageChanged", "conversation"]);
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    assert_eq!(bob.event_names(), ["messageChanged", "conversation"]);
    for row in [alice.message(&first), bob.message(&first)] {
        assert_eq!(
            (&row["msg_type"], row["msg_cry"].as_str()),
            (&json!(16), Some(r#"{"text":""}"#))
        );
    }
    assert_eq!(
        (alice.texts(&bob), bob.texts(&alice)),
        (vec![String::new(), "fine".into()], vec![String::new(), "fine".into()])
    );
    assert_eq!(unread(&mut bob), 1);
    let found = alice.refused("chat", "recallMessageById", recall(&bob, &first));
    assert_eq!(found, ErrorCode::MessageState);
    assert_eq!(bob.ok("chat", "sendMessageAckByIds", ack(&alice, &[&second])), json!([second]));
    assert_eq!(unread(&mut bob), 0);
}

#[test]
fn a_recall_that_comes_first_waits_for_its_message_and_nobody_recalls_for_another() {
    let (mut alice, mut bob) = friends();
    let message = letter(&alice, &bob, NOW, &[], &text("oops"));
    let target = message.about.unwrap();
    let forged = letter(&bob, &alice, NOW + 1, &[], &Content::Recall(Recall { target }));
    let recall = letter(&alice, &bob, NOW + 1, &[target], &Content::Recall(Recall { target }));
    let heard = |peer: &mut Peer, letters: &[&Letter]| {
        for letter in letters {
            assert_eq!(peer.receive(letter), Taken::Kept);
        }
    };
    heard(&mut bob, &[&recall, &message]);
    assert_eq!(bob.message(&target.to_string())["msg_type"], 16);
    assert_eq!(unread(&mut bob), 0);
    let kept = letter(&bob, &alice, NOW, &[], &text("stays"));
    let target = kept.about.unwrap();
    let other = letter(&alice, &bob, NOW + 1, &[], &Content::Recall(Recall { target }));
    heard(&mut alice, &[&kept, &forged]);
    assert_eq!(alice.message(&target.to_string())["msg_type"], 1);
    assert_eq!(other.about.map(|id| id == target), Some(false));
}

#[test]
fn an_unknown_kind_is_kept_and_says_what_it_needs() {
    let (alice, mut bob) = friends();
    let unknown = Content::Unknown { kind: Kind(77), body: vec![1, 2, 3] };
    assert_eq!(bob.receive(&letter(&alice, &bob, NOW, &[], &unknown)), Taken::Kept);
    let rows = bob.heard(&alice);
    assert_eq!(
        (&rows[0]["msg_type"], text_of(&rows[0])),
        (&json!(77), "needs a newer Magpie".into())
    );
}

#[test]
fn typing_is_told_and_not_kept() {
    let (mut alice, mut bob) = friends();
    let typing = json!({ "cnd": bob.address(), "isInputting": true });
    alice.ok("chat", "sendInputStateMessage", typing);
    assert!(alice.posted().is_empty(), "nobody is connected, and nothing waits for them");
    let payload = Payload::Typing(Box::new(Typing { on: true }));
    let whispered = Letter { from: alice.sender(), to: bob.address(), payload, about: None };
    assert_eq!(bob.receive(&whispered), Taken::Kept);
    assert_eq!(bob.event_names(), [""; 0]);
    assert_eq!(bob.ok("chat", "getConversations", json!({})), json!([]));
}

#[test]
fn another_device_of_the_account_tells_what_was_written_there() {
    let (mut alice, bob) = friends();
    let mut other = letter(&alice, &bob, NOW, &[], &text("from my other device"));
    other.to = alice.address();
    assert_eq!(alice.receive(&other), Taken::Kept);
    let rows = alice.heard(&bob);
    assert_eq!((&rows[0]["msg_source"], &rows[0]["msg_is_send"]), (&json!(0), &json!(1)));
    assert_eq!(unread(&mut alice), 0);
    assert_eq!(alice.event_names(), ["message", "conversation"]);
}
