//! What strangers, and friends that were blocked, cannot bring about.

use super::{
    story::{befriend, say, state, texts},
    world::World,
};
use serde_json::json;

#[test]
fn nobody_takes_a_friends_node_by_naming_it_in_a_list() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    say(&mut world, alice, bob, "one");
    world.settle();
    world.meet_impostor(alice, bob);
    // Nothing but the connection is left, and alice takes from it what comes from a friend alone.
    for super_node in 0..3 {
        world.kill(super_node);
    }
    let two = say(&mut world, bob, alice, "two");
    world.pass(5_000);
    assert_eq!(texts(&mut world, alice, bob), ["one", "two"]);
    assert_eq!(state(&mut world, bob, &two), (3, 1), "delivered");
    let three = say(&mut world, alice, bob, "three");
    world.pass(5_000);
    assert_eq!(state(&mut world, alice, &three), (3, 1), "delivered");
}

#[test]
fn what_was_refused_once_is_not_delivered_by_its_second_copy() {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    world.kill(bob);
    let id = say(&mut world, alice, bob, "nobody hears this");
    world.settle();
    assert_eq!(state(&mut world, alice, &id), (1, 1), "stored");
    world.kill(alice);
    for super_node in 0..3 {
        world.kill(super_node);
    }
    world.restart(bob);
    world.sign_in(bob);
    let who = json!({"nodeId": world.address(alice)});
    world.call(bob, "contact", "onBlack", who.clone()).unwrap();
    for super_node in 0..3 {
        world.restart(super_node);
    }
    world.settle();
    world.call(bob, "contact", "deleteBlack", who).unwrap();
    world.settle();
    world.restart(alice);
    world.sign_in(alice);
    world.settle();
    world.meet(alice, bob);
    world.settle();
    assert!(texts(&mut world, bob, alice).is_empty(), "it came while alice was blocked");
    assert_ne!(state(&mut world, alice, &id).0, 3, "and bob does not have it");
}
