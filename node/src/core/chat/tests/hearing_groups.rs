//! What is heard in a group: the same rows in the same order with every member.

use super::calls::{text, unread, written};
use crate::core::{
    Input,
    chat::rows::{AHEAD_MAX, Room, Sent},
    effect::Effect,
    fixture::{NOW, Peer, friends, text_of},
    letters::sender::{Refusal, Taken},
};
use magpie_protocol::{
    address::Address,
    content::{Content, Conversation, Kind, Message, Recall, System, SystemEvent},
    ids::{GroupId, MessageId},
    limits::CLOCK_AHEAD_MS,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const GROUP: GroupId = GroupId([0xab; 32]);

fn said(from: &Peer, lamport: u64, parents: &[MessageId], content: &Content) -> Message {
    written(from, Conversation::Group(GROUP), lamport, parents, content)
}

fn id_of(message: &Message) -> MessageId {
    message.clone().verify(message.author, message.device).unwrap().id()
}

/// Hears a message of the group from whom it says it is from.
fn hear(peer: &mut Peer, message: &Message) -> Taken {
    let (account, device) = (message.author, message.device);
    peer.turn(|turn| turn.hear_group_message(GROUP, account, device, message.clone())).unwrap()
}

/// Writes in the group, without sending it.
fn write(peer: &mut Peer, content: &Content) -> Message {
    peer.turn(|turn| {
        let message = turn.compose(Room::Group(GROUP), content).unwrap();
        turn.place(Room::Group(GROUP), &message, Sent::Sending).unwrap();
        message.message().clone()
    })
}

fn page(peer: &mut Peer, after: Option<&str>, order: &str, size: usize) -> Vec<Value> {
    let params = json!({ "conversationId": GROUP, "startTime": -1, "pageSize": size,
                         "orderBy": order, "afterOrder": after });
    peer.ok("chat", "getMessagesByConversationId", params).as_array().unwrap().clone()
}

fn texts(peer: &mut Peer) -> Vec<String> {
    page(peer, None, "ASC", 1_000).iter().map(text_of).collect()
}

#[test]
fn a_group_that_was_joined_is_listed_once() {
    let mut alice = Peer::new(1);
    alice.events();
    for _ in 0..2 {
        alice.turn(|turn| turn.open_group_room(GROUP)).unwrap();
    }
    assert_eq!(alice.event_names(), ["conversation"]);
    let rows = alice.ok("chat", "getConversations", json!({}));
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!((&rows[0]["rs_id"], &rows[0]["rs_type"]), (&json!(GROUP), &json!(2)));
    assert_eq!((&rows[0]["created_time"], &rows[0]["msg_id"]), (&json!(NOW), &json!("")));
    assert!(texts(&mut alice).is_empty());
    // What was said since stays, whoever joins again.
    let bob = Peer::new(2);
    hear(&mut alice, &said(&bob, NOW, &[], &text("hi")));
    alice.turn(|turn| turn.open_group_room(GROUP)).unwrap();
    assert_eq!((texts(&mut alice), unread(&mut alice)), (vec!["hi".into()], json!(1)));
}

#[test]
fn a_message_is_heard_once_and_shown_with_its_author() {
    let (mut alice, bob) = (Peer::new(1), Peer::new(2));
    alice.events();
    let message = said(&bob, NOW, &[], &text("hi"));
    assert_eq!(hear(&mut alice, &message), Taken::Kept);
    assert_eq!(alice.event_names(), ["message", "conversation"]);
    assert_eq!(hear(&mut alice, &message), Taken::Kept);
    assert_eq!(alice.event_names(), [""; 0]);
    let row = alice.message(&id_of(&message).to_string());
    assert_eq!((&row["rs_id"], &row["rs_type"]), (&json!(GROUP), &json!(2)));
    assert_eq!((&row["c_nd_add"], &row["msg_source"]), (&json!(bob.address()), &json!(1)));
    assert_eq!((unread(&mut alice), texts(&mut alice)), (json!(1), vec!["hi".into()]));
    let versions = alice.ok("user", "getVersion", json!({}));
    assert_eq!((&versions["groupMessage"], &versions["userMessage"]), (&json!(1), &json!(0)));
    // What another device of this account wrote is its own.
    let own = said(&alice, NOW + 1, &[], &text("from my other device"));
    assert_eq!(hear(&mut alice, &own), Taken::Kept);
    let row = alice.message(&id_of(&own).to_string());
    assert_eq!((&row["msg_source"], &row["msg_is_send"]), (&json!(0), &json!(1)));
    assert_eq!(unread(&mut alice), 1);
}

#[test]
fn what_cannot_be_said_in_the_group_is_refused_and_leaves_nothing() {
    let (mut alice, bob) = (Peer::new(1), Peer::new(2));
    let sender = bob.sender();
    let good = said(&bob, NOW, &[], &text("hi"));
    let friends = System { event: SystemEvent::Friends, account: alice.address() };
    let other_group = Conversation::Group(GroupId([1; 32]));
    let bad = [
        Message { conversation: other_group, ..good.clone() },
        Message { conversation: Conversation::Direct(alice.address()), ..good.clone() },
        Message { author: alice.address(), ..good.clone() },
        Message { device: alice.sender().device, ..good.clone() },
        Message { lamport: 0, ..good.clone() },
        Message { lamport: u64::MAX, ..good.clone() },
        said(&bob, NOW, &[], &Content::System(friends)),
        Message { kind: Kind::SYSTEM, ..good.clone() },
    ];
    alice.events();
    for message in bad {
        let what = format!("{message:?}");
        let taken = alice
            .turn(|turn| turn.hear_group_message(GROUP, sender.account, sender.device, message));
        assert_eq!(taken.unwrap(), Taken::Refused(Refusal::Malformed), "{what}");
    }
    assert_eq!(alice.event_names(), [""; 0]);
    assert_eq!(alice.ok("chat", "getConversations", json!({})), json!([]));
}

#[test]
fn a_clock_that_was_set_back_is_placed_alike_whether_its_parent_came_or_not() {
    let (mut alice, mut carol, bob) = (Peer::new(1), Peer::new(3), Peer::new(2));
    let parent = said(&bob, NOW, &[], &text("first"));
    let back = said(&bob, NOW - 1, &[id_of(&parent)], &text("set back"));
    for message in [&parent, &back] {
        assert_eq!(hear(&mut alice, message), Taken::Kept);
    }
    for message in [&back, &parent] {
        assert_eq!(hear(&mut carol, message), Taken::Kept);
    }
    assert_eq!(texts(&mut alice), ["set back", "first"]);
    assert_eq!(texts(&mut carol), texts(&mut alice));
    // What either writes next stands behind both all the same.
    let next = write(&mut alice, &text("next"));
    assert_eq!((next.lamport, hear(&mut carol, &next)), (NOW + 1, Taken::Kept));
    assert_eq!(texts(&mut carol), ["set back", "first", "next"]);
}

#[test]
fn a_recall_may_come_first_and_is_the_authors_alone() {
    let (mut alice, bob, carol) = (Peer::new(1), Peer::new(2), Peer::new(3));
    let [first, second] = ["oops", "fine"].map(|words| said(&bob, NOW, &[], &text(words)));
    let recall = |of: &Message| Content::Recall(Recall { target: id_of(of) });
    let own = said(&bob, NOW + 1, &[id_of(&first)], &recall(&first));
    let foreign = said(&carol, NOW + 2, &[], &recall(&second));
    for message in [&foreign, &own, &second, &first] {
        assert_eq!(hear(&mut alice, message), Taken::Kept);
    }
    assert_eq!(alice.message(&id_of(&first).to_string())["msg_type"], 16);
    assert_eq!(alice.message(&id_of(&second).to_string())["msg_type"], 1);
    assert_eq!(unread(&mut alice), 1);
    alice.events();
    let late = said(&bob, NOW + 3, &[], &recall(&second));
    assert_eq!(hear(&mut alice, &late), Taken::Kept);
    assert_eq!(alice.event_names(), ["messageChanged", "conversation"]);
    assert_eq!((texts(&mut alice), unread(&mut alice)), (vec![String::new(); 2], json!(0)));
}

#[test]
fn a_message_ahead_of_its_time_waits_in_a_bounded_queue() {
    let (mut alice, bob) = (Peer::new(1), Peer::new(2));
    let early = |ahead: u64| said(&bob, NOW + CLOCK_AHEAD_MS + ahead, &[], &text("early"));
    for number in 0..u64::from(AHEAD_MAX) {
        assert_eq!(hear(&mut alice, &early(500 + number)), Taken::Kept);
        assert_eq!(hear(&mut alice, &early(500 + number)), Taken::Kept);
    }
    assert_eq!(hear(&mut alice, &early(999)), Taken::Refused(Refusal::Full));
    // A conversation between two has a queue of its own, and nothing is shown before it is due.
    assert_eq!(alice.core.wake_at(), Some(NOW + 500));
    assert_eq!(alice.ok("chat", "getConversations", json!({})), json!([]));
    alice.now = NOW + 500;
    alice.step(Input::Tick);
    assert_eq!(texts(&mut alice), ["early"]);
    assert_eq!(hear(&mut alice, &early(999)), Taken::Kept);
    alice.now = NOW + 999;
    for _ in 0..AHEAD_MAX {
        alice.step(Input::Tick);
    }
    assert_eq!(texts(&mut alice).len(), 65);
    assert_eq!((alice.core.wake_at(), unread(&mut alice)), (None, json!(65)));
}

#[test]
fn pages_of_a_group_join_without_a_gap_or_a_double() {
    let (mut alice, bob, carol) = (Peer::new(1), Peer::new(2), Peer::new(3));
    for number in 0..23 {
        let from = if number % 3 == 0 { &carol } else { &bob };
        hear(&mut alice, &said(from, NOW + number / 2, &[], &text(&number.to_string())));
    }
    for order in ["ASC", "DESC"] {
        let all = page(&mut alice, None, order, 99);
        assert_eq!(all.len(), 23);
        for size in [1, 4, 23, 24] {
            let (mut rows, mut after) = (Vec::new(), None::<String>);
            loop {
                let found = page(&mut alice, after.as_deref(), order, size);
                let Some(last) = found.last() else { break };
                after = last["order"].as_str().map(Into::into);
                rows.extend(found);
            }
            assert_eq!(rows, all, "{order} {size}");
        }
    }
}

#[test]
fn who_is_writing_is_told_with_the_group() {
    let (mut alice, bob) = (Peer::new(1), Peer::new(2));
    alice.ok("socketEvent", "addReceive", json!({ "identifier": "mine" }));
    let mut typing = |account: Address, on: bool| {
        alice.turn(|turn| {
            turn.hear_group_typing(GROUP, account, on).unwrap();
            let frames = turn.effects.iter().filter_map(|effect| match effect {
                Effect::Push { frames, .. } => frames.first(),
                _ => None,
            });
            let data =
                |frame: &String| serde_json::from_str::<Value>(frame).unwrap()["data"].clone();
            frames.map(data).collect::<Vec<_>>()
        })
    };
    for on in [true, false] {
        let want = json!({ "cnd": GROUP, "nodeId": bob.address(), "isInputting": on });
        assert_eq!(typing(bob.address(), on), [want]);
    }
    let me = Peer::new(1).address();
    assert!(typing(me, true).is_empty(), "one's other device says nothing new");
}

#[test]
fn own_messages_advance_by_what_super_nodes_sign_and_never_back() {
    let (mut alice, bob) = friends();
    let id = id_of(&write(&mut alice, &text("hi")));
    let foreign = said(&bob, NOW, &[], &text("yours"));
    hear(&mut alice, &foreign);
    let direct: MessageId = alice.say(&bob, "to one").parse().unwrap();
    alice.events();
    let state = |alice: &mut Peer, id: MessageId| {
        let row = alice.message(&id.to_string());
        (row["msg_is_send"].as_u64().unwrap(), row["msg_state"].as_u64().unwrap())
    };
    let stored = |alice: &mut Peer, id, k| alice.turn(|turn| turn.group_stored(id, k, 3)).unwrap();
    let failed = |alice: &mut Peer, id: MessageId| {
        alice.turn(|turn| turn.group_failed(id, "nobody took it".into())).unwrap();
    };
    assert_eq!(state(&mut alice, id), (0, 1));
    failed(&mut alice, id);
    assert_eq!(state(&mut alice, id), (2, 1));
    stored(&mut alice, id, 2);
    assert_eq!(state(&mut alice, id), (1, 1));
    failed(&mut alice, id);
    for k in [3, 2] {
        stored(&mut alice, id, k);
    }
    assert_eq!(state(&mut alice, id), (1, 1));
    let events = alice.events();
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!((event.name(), &event.data()["rs_id"]), ("messageState", &json!(GROUP)));
    }
    let kept = alice.turn(|turn| turn.message(id)).unwrap().2.sent;
    assert_eq!(kept, Sent::Done { stored: Some((3, 3)) });
    // Nothing else moves: not what others wrote, not what was written to one, not what is unknown.
    for other in [id_of(&foreign), direct, MessageId([9; 32])] {
        stored(&mut alice, other, 3);
        failed(&mut alice, other);
    }
    assert_eq!(alice.event_names(), [""; 0]);
    assert_eq!((state(&mut alice, direct).0, state(&mut alice, id_of(&foreign)).0), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever three say and take back, one with a clock that is far ahead, whatever part of it is
    /// delivered in between, in whatever order and how often: all have the same rows in the same order.
    #[test]
    fn members_agree_on_rows_and_order(
        steps in proptest::collection::vec(
            (0..7_u8, 0..3_usize, any::<prop::sample::Index>(), 0..3_u64), 1..40)
    ) {
        let mut peers = [Peer::new(1), Peer::new(2), Peer::new(3)];
        peers[2].now += 3 * CLOCK_AHEAD_MS;
        let mut mail: Vec<(usize, Message)> = Vec::new();
        let mut listed: Vec<(Address, MessageId)> = Vec::new();
        let mut recalled: Vec<MessageId> = Vec::new();
        for (number, (step, who, pick, later)) in steps.into_iter().enumerate() {
            peers[who].now += later;
            peers[who].step(Input::Tick);
            let me = peers[who].address();
            let own: Vec<MessageId> =
                listed.iter().filter(|(author, _)| *author == me).map(|(_, id)| *id).collect();
            let message = match step {
                0..=2 => {
                    let message = write(&mut peers[who], &text(&number.to_string()));
                    listed.push((me, id_of(&message)));
                    Some(message)
                }
                3 if !own.is_empty() => {
                    let target = own[pick.index(own.len())];
                    recalled.push(target);
                    Some(write(&mut peers[who], &Content::Recall(Recall { target })))
                }
                _ if mail.is_empty() => None,
                _ => {
                    let at = pick.index(mail.len());
                    let (to, message) =
                        if step == 6 { mail[at].clone() } else { mail.swap_remove(at) };
                    prop_assert_eq!(hear(&mut peers[to], &message), Taken::Kept);
                    None
                }
            };
            if let Some(message) = message {
                mail.extend((0..3).filter(|to| *to != who).map(|to| (to, message.clone())));
            }
        }
        for (to, message) in mail {
            prop_assert_eq!(hear(&mut peers[to], &message), Taken::Kept);
        }
        for peer in &mut peers {
            peer.now = NOW + 4 * CLOCK_AHEAD_MS;
            while peer.core.wake_at().is_some_and(|due| due <= peer.now) {
                peer.step(Input::Tick);
            }
            let me = peer.address();
            let theirs = listed.iter().filter(|(author, id)| *author != me && !recalled.contains(id));
            prop_assert_eq!(unread(peer), json!(theirs.count()));
        }
        let shown = |peer: &mut Peer| -> Vec<[Value; 4]> {
            let fields = ["order", "c_nd_add", "msg_type", "msg_cry"];
            page(peer, None, "ASC", 1_000).iter().map(|row| fields.map(|f| row[f].clone())).collect()
        };
        if !listed.is_empty() {
            let rows = shown(&mut peers[0]);
            prop_assert_eq!(rows.len(), listed.len());
            prop_assert!(rows.is_sorted_by_key(|row| row[0].as_str().unwrap().to_owned()));
            let empty = rows.iter().filter(|row| row[2] == 16).count();
            recalled.sort_unstable();
            recalled.dedup();
            prop_assert_eq!(empty, recalled.len());
            for peer in &mut peers[1..] {
                prop_assert_eq!(&shown(peer), &rows);
            }
        }
    }
}
