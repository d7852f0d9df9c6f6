//! The order of messages, whatever the order they come in.

use super::calls::{letter, orders, text, unread};
use crate::core::{
    Input,
    chat::rows::AHEAD_MAX,
    fixture::{Letter, NOW, friends},
    letters::sender::{Refusal, Taken},
};
use magpie_protocol::{api::ErrorCode, limits::CLOCK_AHEAD_MS};
use proptest::prelude::*;
use serde_json::json;

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
