//! Two who write to each other: the same order on both sides, whatever comes first or twice.

use super::rows::AHEAD_MAX;
use crate::core::{
    Input,
    fixture::{Letter, NOW, Peer, carry, friends, text_of},
    letters::{
        progress::Progress,
        sender::{Refusal, Taken},
    },
};
use magpie_protocol::{
    api::ErrorCode,
    bounded::{Blob, List, Text},
    content::{
        Content, Conversation, DeliveryReceipt, Kind, Message, MessageText, Payload, Recall,
    },
    ids::{GroupId, MessageId},
    limits::CLOCK_AHEAD_MS,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn ack(from: &Peer, ids: &[&str]) -> Value {
    json!({ "conversationId": from.address(), "cid": from.address(), "conversationType": 1,
            "messageIds": ids, "pub": "", "isRetry": false })
}

fn recall(to: &Peer, id: &str) -> Value {
    json!({ "conversationId": to.address(), "cid": to.address(), "conversationType": 1,
            "messageId": id, "pub": "" })
}

fn unread(peer: &mut Peer) -> Value {
    peer.ok("chat", "getUnreadMessageCount", json!({}))["value"].clone()
}

/// Returns what `from` would send with this clock, parents and content.
fn letter(
    from: &Peer,
    to: &Peer,
    lamport: u64,
    parents: &[MessageId],
    content: &Content,
) -> Letter {
    let sender = from.sender();
    let message = Message {
        conversation: Conversation::Direct(to.address()),
        author: sender.account,
        device: sender.device,
        lamport,
        parents: List::new(parents.to_vec()).unwrap(),
        time_ms: lamport,
        burn_ms: 0,
        kind: Kind(0),
        body: Blob::default(),
    };
    let message = message.with_content(content).unwrap();
    let id = message.clone().verify(sender.account, sender.device).unwrap().id();
    let payload = Payload::Message(Box::new(message));
    Letter { from: sender, to: to.address(), payload, about: Some(id) }
}

fn text(text: &str) -> Content {
    Content::Text(MessageText { text: Text::new(text).unwrap() })
}

fn orders(peer: &mut Peer, other: &Peer) -> Vec<String> {
    let order = |row: &Value| row["order"].as_str().unwrap().to_owned();
    peer.heard(other).iter().map(order).collect()
}

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
fn a_message_ahead_of_its_time_waits_until_it_is_due() {
    let (alice, mut bob) = friends();
    let lamport = NOW + CLOCK_AHEAD_MS + 500;
    let early = letter(&alice, &bob, lamport, &[], &text("from the future"));
    assert_eq!(bob.receive(&early), Taken::Kept);
    assert_eq!(bob.receive(&early), Taken::Kept);
    let id = early.about.unwrap().to_string();
    let unknown = bob.refused("chat", "getMessageByIdChat", json!({ "messageId": id }));
    assert_eq!(unknown, ErrorCode::MessageUnknown);
    assert!(bob.texts(&alice).is_empty());
    assert_eq!(bob.core.wake_at(), Some(NOW + 500));
    bob.now = NOW + 499;
    bob.step(Input::Tick);
    assert!(bob.texts(&alice).is_empty());
    // The queue survives a logout.
    bob.ok("login", "exportLogout", json!({}));
    assert_eq!(bob.core.wake_at(), None);
    bob.step(Input::Tick);
    bob.ok("login", "exportLogin", json!({ "loginType": "text" }));
    assert_eq!(bob.core.wake_at(), Some(NOW + 500));
    bob.now = NOW + 500;
    bob.step(Input::Tick);
    assert_eq!(bob.texts(&alice), ["from the future"]);
    assert_eq!((bob.core.wake_at(), unread(&mut bob)), (None, json!(1)));
    // Bob's answer stands behind it, though his clock is behind.
    bob.say(&alice, "an answer");
    assert_eq!(bob.texts(&alice), ["from the future", "an answer"]);
}

#[test]
fn the_queue_of_early_messages_is_bounded() {
    let (alice, mut bob) = friends();
    for number in 0..u64::from(AHEAD_MAX) {
        let lamport = NOW + CLOCK_AHEAD_MS + 1 + number;
        let early = letter(&alice, &bob, lamport, &[], &text("early"));
        assert_eq!(bob.receive(&early), Taken::Kept);
    }
    let one_more = letter(&alice, &bob, NOW + CLOCK_AHEAD_MS + 99, &[], &text("more"));
    assert_eq!(bob.receive(&one_more), Taken::Refused(Refusal::Full));
    bob.now = NOW + CLOCK_AHEAD_MS;
    for _ in 0..AHEAD_MAX {
        bob.step(Input::Tick);
    }
    assert_eq!(bob.core.wake_at(), None);
    assert_eq!(bob.texts(&alice).len(), 64);
    assert_eq!(bob.receive(&one_more), Taken::Kept);
    assert_eq!(bob.texts(&alice).len(), 65);
}

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
fn typing_is_told_and_not_kept() {
    let (mut alice, mut bob) = friends();
    let typing = json!({ "cnd": bob.address(), "isInputting": true });
    alice.ok("chat", "sendInputStateMessage", typing);
    assert_eq!(carry(&mut alice, &mut bob), [Taken::Kept]);
    assert_eq!(bob.event_names(), [""; 0]);
    assert_eq!(bob.ok("chat", "getConversations", json!({})), json!([]));
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

#[test]
fn twenty_in_one_millisecond_keep_their_order() {
    let (mut alice, mut bob) = friends();
    let want: Vec<String> = (0..20).map(|number| format!("while away {number}")).collect();
    for text in &want {
        alice.say(&bob, text);
    }
    let mut letters = alice.posted();
    letters.reverse();
    for letter in [letters.clone(), letters].concat() {
        assert_eq!(bob.receive(&letter), Taken::Kept);
    }
    assert_eq!(bob.texts(&alice), want);
    assert_eq!(bob.ok("chat", "getUnreadMessageCount", json!({}))["value"], 20);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is said by whom, with whatever part of the mail delivered in between, in whatever
    /// order and how often: both see the same messages in the same order.
    #[test]
    fn both_sides_agree_on_the_order(
        steps in proptest::collection::vec((0..4_u8, any::<prop::sample::Index>(), 0..3_u64), 1..40)
    ) {
        let (mut alice, mut bob) = friends();
        let mut mail: Vec<Letter> = Vec::new();
        let mut sent: Vec<Letter> = Vec::new();
        for (number, (step, pick, later)) in steps.into_iter().enumerate() {
            alice.now += later;
            bob.now += u64::from(number % 2 == 0);
            let text = number.to_string();
            match step {
                0 => { alice.say(&bob, &text); }
                1 => { bob.say(&alice, &text); }
                _ if mail.is_empty() => {}
                _ => {
                    let at = pick.index(mail.len());
                    let letter = if step == 2 { mail.swap_remove(at) } else { mail[at].clone() };
                    let to = if letter.to == bob.address() { &mut bob } else { &mut alice };
                    prop_assert_eq!(to.receive(&letter), Taken::Kept);
                }
            }
            let posted = [alice.posted(), bob.posted()].concat();
            sent.extend(posted.clone());
            mail.extend(posted);
        }
        for letter in mail {
            let to = if letter.to == bob.address() { &mut bob } else { &mut alice };
            prop_assert_eq!(to.receive(&letter), Taken::Kept);
        }
        let order = orders(&mut alice, &bob);
        prop_assert_eq!(&order, &orders(&mut bob, &alice));
        prop_assert_eq!(order.len(), sent.len());
        prop_assert!(order.is_sorted());
        prop_assert_eq!(alice.texts(&bob), bob.texts(&alice));
    }
}
