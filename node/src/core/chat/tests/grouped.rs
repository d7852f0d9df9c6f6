//! Steps that are made durable together: what many of them change is written and told once.

use crate::core::{
    Call, CallId, Effect, Input, Outcome, Scopes,
    chat::rows::{CHAT_COUNTS, CONVERSATIONS, Room},
    fixture::{Peer, friends},
};
use magpie_protocol::api::ErrorCode;
use magpie_storage::overlay::Overlay;
use serde_json::Value;

/// Texts of one group.
const TEXTS: u64 = 5;

fn send(peer: &mut Peer, params: Value) -> Outcome {
    let (module, method) = ("chat".to_owned(), "sendTextMessage".to_owned());
    let call = Call { id: CallId(2), module, method, params, scopes: Scopes::ALL, key: None };
    peer.core.step_of_group(Input::Call(call), &peer.store, peer.now, &mut peer.rng).unwrap()
}

fn end(peer: &mut Peer) -> Outcome {
    peer.core.end_group(&peer.store, peer.now, &mut peer.rng).unwrap()
}

/// Returns the events of a kind that listeners are pushed.
fn pushed(outcome: &Outcome, name: &str) -> usize {
    let is_it = |effect: &&Effect| match effect {
        Effect::Push { frames, .. } => frames.iter().any(|frame| frame.contains(name)),
        _ => false,
    };
    outcome.effects.iter().filter(is_it).count()
}

/// Returns how many messages the rows of a conversation and of the counts speak of.
fn written(peer: &Peer, store: &Overlay, room: Room) -> (u64, u64) {
    let rows = &peer.core.open.as_ref().unwrap().rows;
    let conversation = CONVERSATIONS.get(store, rows, &(), &room).unwrap().unwrap_or_default();
    let counts = CHAT_COUNTS.get(store, rows, &(), &()).unwrap().unwrap_or_default();
    (conversation.count, counts.version)
}

#[test]
fn what_many_steps_change_is_written_and_told_once_at_the_end_of_their_group() {
    let (mut alice, bob) = friends();
    alice.ok("socketEvent", "addReceive", serde_json::json!({ "id": "a", "identifier": "a" }));
    let room = Room::Direct(bob.address());
    let (before, version) = written(&alice, &alice.store, room);
    for number in 0..TEXTS {
        let outcome = send(&mut alice, bob.text(&number.to_string()));
        assert_eq!(pushed(&outcome, "\"conversation\""), 0);
        alice.store.push(outcome.batch);
        assert_eq!(written(&alice, &alice.store, room), (before, version));
        // What is read meanwhile is what it has become.
        assert_eq!(
            alice.turn_only(|turn| turn.conversation(room)).unwrap().unwrap().count,
            before + number + 1
        );
    }
    let outcome = end(&mut alice);
    assert_eq!(pushed(&outcome, "\"conversation\""), 1);
    alice.store.push(outcome.batch);
    assert_eq!(written(&alice, &alice.store, room), (before + TEXTS, version + TEXTS));
    let outcome = end(&mut alice);
    assert!(outcome.batch.is_empty() && outcome.effects.is_empty());
}

#[test]
fn a_refusal_in_a_group_takes_nothing_along() {
    let (mut alice, bob) = friends();
    let room = Room::Direct(bob.address());
    let before = alice.turn_only(|turn| turn.conversation(room));
    let outcome = send(&mut alice, bob.text("kept"));
    alice.store.push(outcome.batch);
    let kept = alice.turn_only(|turn| turn.conversation(room));
    assert_ne!(kept, before);
    let outcome = send(&mut alice, bob.text(""));
    let refused = |effect: &Effect| match effect {
        Effect::Answer { answer, .. } => {
            answer.as_ref().is_err_and(|e| e.code == ErrorCode::TextEmpty)
        }
        _ => false,
    };
    assert!(outcome.effects.iter().any(refused) && outcome.batch.is_empty());
    // As if a rule had changed a conversation before it refused.
    alice.turn_only(|turn| {
        let mut other = turn.conversation(room).unwrap().unwrap();
        other.count += 7;
        turn.save_conversation(room, kept.as_ref().ok().and_then(Option::as_ref), other).unwrap();
        turn.forget_writes();
    });
    assert_eq!(alice.turn_only(|turn| turn.conversation(room)), kept);
    let outcome = end(&mut alice);
    alice.store.push(outcome.batch);
    assert_eq!(alice.turn_only(|turn| turn.conversation(room)).unwrap().unwrap().count, {
        written(&alice, &alice.store, room).0
    });
}
