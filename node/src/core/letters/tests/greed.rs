//! A super node that asks for more work than it may, or for the same work again and again.

use super::{
    story::{befriend, say, state, texts},
    world::{At, World},
};
use magpie_protocol::limits::{STAMP_EFFORT_MAX, STAMP_RISE_MAX};

/// Of the world's genesis.
const EFFORT: u8 = 8;
/// The super node that asks, of three.
const GREEDY: At = 2;

/// Alice and bob become friends, write to each other, and leave mail, while a super node takes nothing
/// without a stamp of this effort. Returns the stamps it was given, by effort.
fn given_to_one_who_wants(effort: u8) -> Vec<u8> {
    let mut world = World::new(3);
    world.greedy = Some((GREEDY, effort));
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    say(&mut world, alice, bob, "one");
    world.settle();
    world.kill(bob);
    let two = say(&mut world, alice, bob, "two");
    world.settle();
    assert_eq!(state(&mut world, alice, &two), (1, 1), "stored by the others");
    world.restart(bob);
    world.sign_in(bob);
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), ["one", "two"]);
    world.given.iter().map(|(effort, _)| *effort).collect()
}

#[test]
fn nobody_works_for_one_who_asks_for_more_than_it_may() {
    for effort in [EFFORT + STAMP_RISE_MAX + 1, STAMP_EFFORT_MAX, STAMP_EFFORT_MAX + 1, u8::MAX] {
        let given = given_to_one_who_wants(effort);
        assert!(given.iter().all(|given| *given == EFFORT), "{effort}: {given:?}");
    }
}

#[test]
fn nobody_works_twice_for_the_same() {
    let given = given_to_one_who_wants(EFFORT + 2);
    // Two device lists, and what goes to strangers until tokens have come.
    let dear = given.iter().filter(|given| **given > EFFORT).count();
    assert!((1..=8).contains(&dear), "{given:?}");
}
