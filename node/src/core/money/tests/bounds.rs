//! What waits for the ledger is bounded, whoever asks and however often.

use super::world::{COIN, INSERT, Story};
use crate::core::money::{
    memory::{ERRANDS, LEAVES, Money, Shown, WANTED},
    rows::{WAITING, WAITING_MAX},
};
use magpie_protocol::ledger::state::LeafKey;
use magpie_storage::{engine::Order, table::Keys};
use serde_json::json;
use std::sync::Arc;

fn key(number: usize) -> LeafKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    LeafKey(bytes)
}

#[test]
fn leaves_that_are_wanted_or_shown_are_bounded() {
    let mut money = Money::default();
    let asked = (0..WANTED + 100).filter(|number| money.want(key(*number), 5)).count();
    assert_eq!(asked, WANTED);
    assert_eq!(money.next_wanted(usize::MAX).len(), WANTED);
    // One that waits already may be wanted under a newer header, never under an older one.
    money.want(key(0), 7);
    money.want(key(0), 6);
    let shown = |height| Shown { height, time_ms: height, bytes: None };
    money.show(key(0), shown(6));
    assert_eq!(money.next_wanted(1), [key(0)]);
    money.show(key(0), shown(7));
    assert_eq!(money.next_wanted(1), [key(1)]);
    for number in 0..LEAVES + 100 {
        money.show(key(number), shown(10 + number as u64));
    }
    let kept = (0..LEAVES + 100).filter(|number| money.is_shown(&key(*number), 0)).count();
    assert_eq!(kept, LEAVES);
    assert!(money.is_shown(&key(LEAVES + 99), 0), "the newest stay");
    // What was is not what is.
    money.show(key(LEAVES + 99), shown(1));
    assert!(money.is_shown(&key(LEAVES + 99), 10 + LEAVES as u64));
}

#[test]
fn calls_that_wait_for_the_ledger_are_bounded_and_all_answered() {
    let mut story = Story::new();
    let alice = story.alice;
    story.all_away();
    story.pass(70_000);
    let calls: Vec<_> = (0..ERRANDS + 10)
        .map(|_| story.put_call(alice, ("wallet", "info"), json!({}), None))
        .collect();
    story.pass(0);
    let early = calls[ERRANDS..].iter().filter_map(|call| story.answer(alice, *call)).count();
    assert_eq!(early, 10, "what is too much is refused at once");
    assert_eq!(story.peers[alice].core.money.errands.len(), ERRANDS);
    story.pass(15_000);
    let late = calls[..ERRANDS].iter().filter_map(|call| story.answer(alice, *call)).count();
    assert_eq!(late, ERRANDS);
    story.assert_idle();
    story.all_back();
    story.balance(alice);
}

#[test]
fn entries_that_wait_are_bounded_and_a_login_takes_them_up_again() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN / 100);
    story.balance(alice);
    story.all_away();
    let mut refused = 0;
    for _ in 0..WAITING_MAX / 4 + 2 {
        // More passwords at once would count as guesses.
        let calls: Vec<_> =
            (0..4).map(|_| story.put_call(alice, INSERT, params.clone(), None)).collect();
        story.pass(0);
        for call in calls {
            if let Some(answer) = story.answer(alice, call) {
                assert_eq!(answer.unwrap_err().code.number(), 21011);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 8);
    let waiting = |story: &Story| {
        let rows = Arc::clone(&story.peers[alice].core.open.as_ref().unwrap().rows);
        let store = &story.peers[alice].store;
        let all = Keys::all();
        WAITING.scan(store, &rows, &(), &all, Order::Ascending, usize::MAX).unwrap().len()
    };
    assert_eq!(waiting(&story), WAITING_MAX);
    // A crowd of others' errands keeps nobody out of the own account.
    for height in 1..=ERRANDS {
        let ask = json!({"height": height});
        story.put_call(alice, ("ledger", "header"), ask, None);
    }
    story.call(alice, "login", "exportLogout", json!({})).unwrap();
    story.sign_in_now(alice);
    let errands = story.peers[alice].core.money.errands.len();
    assert!((WAITING_MAX..=WAITING_MAX + ERRANDS).contains(&errands), "{errands}");
}
