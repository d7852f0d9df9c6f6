//! How events are kept: in pages, and of a message no more than which one it is.

use crate::core::{
    event_rows::EVENT_PAGES,
    fixture::{Peer, carry, friends},
    rows::EVENTS,
};
use magpie_protocol::{
    api::event::{Event, FriendGone, StoredEvent},
    ids::MessageId,
};
use magpie_storage::{engine::Order, table::Keys};
use serde_json::{Value, json};

fn listen(peer: &mut Peer) {
    peer.ok("socketEvent", "addReceive", json!({"id": "page", "identifier": "page"}));
}

/// The next number that an event will get.
fn next(peer: &Peer) -> u64 {
    peer.core.open.as_ref().unwrap().events.log.next
}

/// The messages that a listener is told of which saw nothing since, by their events.
fn told(peer: &mut Peer, from: u64) -> Vec<(String, Value)> {
    let frames = peer.missed(from).frames.into_iter().flat_map(|(_, frames)| frames);
    let parsed = frames.map(|frame| serde_json::from_str::<Value>(&frame).unwrap());
    let about = |frame: Value| (frame["event"].as_str().unwrap().to_owned(), frame["data"].clone());
    parsed.map(about).filter(|(event, _)| event.starts_with("message")).collect()
}

fn pages(peer: &mut Peer) -> Vec<(u64, usize)> {
    peer.turn_only(|turn| {
        let rows = turn.rows().unwrap();
        let found =
            EVENT_PAGES.scan(&turn.tx, &rows, &(), &Keys::all(), Order::Ascending, usize::MAX);
        found.unwrap().into_iter().map(|(last, page)| (last, page.0.len())).collect()
    })
}

#[test]
fn the_events_of_a_group_of_steps_are_one_row() {
    let (mut alice, mut bob) = friends();
    let ids: Vec<String> = (0..8).map(|n| alice.say(&bob, &n.to_string())).collect();
    bob.events();
    let (letters, from) = (alice.posted(), next(&bob));
    bob.turn(|turn| {
        for letter in &letters {
            turn.received(letter.from, letter.payload.clone()).unwrap();
        }
    });
    // Eight messages, and the conversation once.
    assert_eq!(pages(&mut bob), [(from + 8, 9)]);
    listen(&mut bob);
    let heard = told(&mut bob, from - 1);
    let heard: Vec<_> = heard.iter().map(|(_, row)| row["msg_id"].as_str().unwrap()).collect();
    assert_eq!(heard, ids);
    let heard = told(&mut bob, from + 4);
    assert_eq!(heard.len(), 3, "from the middle of a page");
}

#[test]
fn a_message_that_was_taken_back_is_not_told_from_the_log() {
    let (mut alice, mut bob) = friends();
    listen(&mut bob);
    let from = next(&bob) - 1;
    let id = alice.say(&bob, "a secret");
    carry(&mut alice, &mut bob);
    assert_eq!(told(&mut bob, from)[0].1["msg_cry"], r#"{"text":"a secret"}"#);
    let recall = json!({"conversationId": bob.address(), "cid": bob.address(),
                        "conversationType": 1, "messageId": id, "pub": ""});
    alice.ok("chat", "recallMessageById", recall);
    carry(&mut alice, &mut bob);
    let heard = told(&mut bob, from);
    let names: Vec<_> = heard.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["message", "messageChanged"]);
    for (_, row) in heard {
        assert_eq!((&row["msg_id"], &row["msg_cry"]), (&json!(id), &json!(r#"{"text":""}"#)));
    }
}

#[test]
fn a_message_that_is_gone_leaves_its_number_and_no_frame() {
    let (mut alice, mut bob) = friends();
    listen(&mut bob);
    let from = next(&bob) - 1;
    let id: MessageId = alice.say(&bob, "gone").parse().unwrap();
    carry(&mut alice, &mut bob);
    bob.turn(|turn| {
        let (room, order, _) = turn.find_message(id).unwrap().unwrap();
        turn.delete(&crate::core::chat::rows::MESSAGES, &room, &order).unwrap();
    });
    let frames = bob.missed(from).frames;
    assert_eq!(frames[0], (from + 1, vec![]));
    assert_eq!(frames.len(), 2, "the conversation's is there");
}

#[test]
fn a_refused_step_takes_its_events_back() {
    let (mut alice, bob) = friends();
    let node_id = bob.address();
    let gone = || Event::FriendDeleted(FriendGone { node_id });
    alice.turn_only(|turn| turn.emit(gone()).unwrap());
    let before = next(&alice);
    alice.turn_only(|turn| {
        turn.emit(gone()).unwrap();
        turn.emit(gone()).unwrap();
        turn.forget_writes();
    });
    assert_eq!(next(&alice), before);
    alice.turn(|turn| turn.emit(gone()).unwrap());
    // The one before in its group, and the one after.
    assert_eq!(pages(&mut alice).last(), Some(&(before, 2)));
}

#[test]
fn events_that_an_older_build_kept_are_put_into_pages() {
    let (mut alice, bob) = friends();
    alice.events();
    let node_id = bob.address();
    let first = next(&alice);
    alice.turn(|turn| {
        for seq in first..first + 100 {
            let event = Event::FriendDeleted(FriendGone { node_id });
            turn.write(&EVENTS, &(), &seq, &StoredEvent { at: turn.now, event }).unwrap();
            turn.core.open.as_mut().unwrap().events.log.next = seq + 1;
        }
    });
    alice.turn(|turn| turn.page_old_events().unwrap());
    assert_eq!(pages(&mut alice).iter().map(|(_, events)| events).sum::<usize>(), 100);
    assert!(pages(&mut alice).len() < 5);
    let missed = alice.missed(first - 1);
    assert_eq!((missed.frames.len(), missed.gap), (100, false));
    assert_eq!(missed.frames.last().unwrap().0, first + 99);
    alice.turn(|turn| {
        assert_eq!(turn.read(&EVENTS, &(), &first).unwrap(), None);
    });
}
