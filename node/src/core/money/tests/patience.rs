//! How often super nodes are asked, and how soon what waits goes on.

use super::world::{COIN, INSERT, RICH, Story, read};
use magpie_protocol::ledger::{
    Rules,
    exchange::{Answer, Refusal},
};
use serde_json::json;
use std::{cell::Cell, rc::Rc};

/// Payments that a test lets wait.
const MANY: usize = 128;

/// Counts the entries that these super nodes are handed by people from now on.
fn count_handed(story: &mut Story, supers: &[usize]) -> Rc<Cell<usize>> {
    let handed = Rc::new(Cell::new(0));
    for at in supers {
        let handed = Rc::clone(&handed);
        let count = move |bytes: Vec<u8>| {
            let of_entry = |answer| {
                let refused = matches!(
                    answer,
                    Answer::Refused(Refusal::Entry | Refusal::Occupied(_) | Refusal::Full)
                );
                refused || matches!(answer, Answer::Waits(_))
            };
            handed.set(handed.get() + usize::from(of_entry(read(&bytes))));
            bytes
        };
        story.lies.insert(*at, Box::new(count));
    }
    handed
}

/// Lets somebody sign so many payments that nobody takes.
fn sign_in_vain(story: &mut Story, count: usize) {
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN / 100);
    // More passwords at once would count as guesses.
    for _ in 0..count / 4 {
        for _ in 0..4 {
            story.put_call(alice, INSERT, params.clone(), None);
        }
        story.pass(0);
    }
    assert_eq!(story.peers[alice].core.money.errands.len(), count);
}

#[test]
fn an_entry_that_is_not_decided_is_handed_on_ever_less_often() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    // Two of four decide nothing.
    story.kill(2);
    story.kill(3);
    let handed = count_handed(&mut story, &[0, 1]);
    story.pending(alice, INSERT, params, "k");
    story.pass(45_000);
    // At once, after 1 and 3 seconds, and then every four, to two each time.
    let handed = handed.get();
    assert!((8..=40).contains(&handed), "{handed}");
    story.restart_now(2);
    story.restart_now(3);
    story.pass(10_000);
    story.assert_idle();
    assert_eq!(story.records(alice), [(4, COIN)]);
}

#[test]
fn what_waited_long_is_handed_at_once_to_super_nodes_that_come_back() {
    let mut story = Story::new();
    let (alice, bob) = (story.alice, story.bob);
    let params = story.transfer_of(alice, bob, COIN);
    story.balance(alice);
    story.all_away();
    story.pending(alice, INSERT, params, "k");
    story.pass(120_000);
    story.all_back();
    story.pass(2_000);
    story.assert_idle();
    assert_eq!(story.records(alice), [(4, COIN)]);
}

#[test]
fn a_super_node_that_comes_back_is_handed_at_once_what_others_took() {
    // Soon after it was handed to others, and long before it is again; the waits are 1, 2 and 4 s.
    for waited in [7_300, 9_000] {
        let mut story = Story::new();
        let (alice, bob) = (story.alice, story.bob);
        let params = story.transfer_of(alice, bob, COIN);
        story.balance(alice);
        story.part(alice, 3);
        story.swallows.extend([0, 1, 2]);
        let call = story.put_call(alice, INSERT, params, Some("k"));
        story.pass(waited);
        assert!(story.answer(alice, call).is_none());
        let handed = count_handed(&mut story, &[3]);
        // A second passes, after which it may be handed there once more; to nobody before 11 seconds
        // otherwise.
        story.meet(alice, 3);
        assert!((1..=2).contains(&handed.get()), "{waited}: {}", handed.get());
        // It alone knows the entry, which so waits for its turn to propose.
        story.pass(10_000);
        story.assert_idle();
        assert_eq!(story.records(alice), [(4, COIN)]);
    }
}

#[test]
fn payments_that_waited_for_super_nodes_settle_within_seconds() {
    let mut story = Story::new();
    let alice = story.alice;
    story.balance(alice);
    story.all_away();
    sign_in_vain(&mut story, MANY);
    story.pass(30_000);
    let begun = story.now;
    story.all_back();
    while !story.peers[alice].core.money.errands.is_empty() {
        story.pass(100);
        assert!(story.now < begun + 60_000, "they do not settle");
    }
    let took = story.now - begun;
    assert!(took <= 6_000, "{took} ms");
    let cost = COIN / 100 + Rules::usual().fees.transfer.0;
    assert_eq!(story.balance(alice), RICH * COIN - MANY as u64 * cost);
}

#[test]
fn an_answer_is_looked_at_by_who_waits_for_it_alone() {
    let mut story = Story::new();
    let alice = story.alice;
    story.balance(alice);
    // Two of four decide nothing, and show what was decided.
    story.kill(2);
    story.kill(3);
    let waiting = 40;
    sign_in_vain(&mut story, waiting);
    story.pass(20_000);
    let heights =
        story.call(alice, "ledger", "status", json!({})).unwrap()["height"].as_u64().unwrap();
    let money = &mut story.peers[alice].core.money;
    money.forget_headers();
    money.tries = 0;
    for height in 1..=heights {
        story.wait(alice, ("ledger", "header"), json!({"height": height})).unwrap();
    }
    let (tries, heights) = (story.peers[alice].core.money.tries, usize::try_from(heights).unwrap());
    assert!(heights >= 4 && tries <= 4 * heights + 2 * waiting, "{tries} for {heights} headers");
}
