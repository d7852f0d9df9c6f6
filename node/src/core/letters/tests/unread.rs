//! What a device cannot read comes again, and two devices that never can read each other stop.

use super::{
    story::{befriend, say, state, texts},
    world::{At, World},
};

/// More messages than a chain of the ratchet keeps keys for.
const SKIPPED: usize = 50;
/// Longer than the window of notices, shorter than the time after which such devices try anew.
const A_WHILE_MS: u64 = 10 * 60 * 1_000;

/// Two friends whose devices have answered each other, and three super nodes.
fn friends() -> (World, At, At, Vec<String>) {
    let mut world = World::new(3);
    let (alice, bob) = (world.person(), world.person());
    befriend(&mut world, alice, bob);
    let said = vec!["from alice".to_owned(), "from bob".to_owned()];
    say(&mut world, alice, bob, &said[0]);
    world.settle();
    say(&mut world, bob, alice, &said[1]);
    world.settle();
    (world, alice, bob, said)
}

/// Alice writes while bob is away: the first half lies with the super nodes 0 and 1, the second with
/// 1 and 2. Bob comes while 2 is up alone, then alice goes, and 0 and 1 come back.
fn read_from_the_wrong_end(
    world: &mut World,
    alice: At,
    bob: At,
    said: &mut Vec<String>,
) -> Vec<String> {
    let mut ids = Vec::new();
    let mut write = |world: &mut World, half: &str| {
        for i in 0..SKIPPED {
            let text = format!("{half} {i}");
            ids.push(say(world, alice, bob, &text));
            said.push(text);
            world.pass(10);
        }
        world.settle();
    };
    world.kill(bob);
    world.kill(2);
    write(world, "old");
    world.kill(0);
    world.restart(2);
    write(world, "new");
    for id in &ids {
        assert_eq!(state(world, alice, id), (1, 1), "stored at two super nodes");
    }
    world.kill(1);
    world.kill(alice);
    world.restart(bob);
    world.sign_in(bob);
    world.restart(0);
    world.restart(1);
    world.settle();
    ids
}

#[test]
fn what_came_too_far_out_of_order_comes_again() {
    let (mut world, alice, bob, mut said) = friends();
    let ids = read_from_the_wrong_end(&mut world, alice, bob, &mut said);
    assert!(texts(&mut world, bob, alice).len() < said.len(), "the ratchet forgot keys");
    world.restart(alice);
    world.sign_in(alice);
    world.settle();
    assert_eq!(texts(&mut world, bob, alice), said);
    for id in &ids {
        assert_eq!(state(&mut world, alice, id), (3, 1), "delivered");
    }
}

#[test]
fn a_long_backlog_that_came_while_locked_is_opened_in_its_order() {
    let (mut world, alice, bob, mut said) = friends();
    world.kill(bob);
    for i in 0..3 * SKIPPED {
        said.push(format!("while away {i}"));
        say(&mut world, alice, bob, &said[2 + i]);
        world.pass(10);
    }
    world.settle();
    // Nobody is there to send anything again.
    world.kill(alice);
    world.restart(bob);
    world.sign_in(bob);
    assert_eq!(texts(&mut world, bob, alice), said);
}

#[test]
fn devices_that_never_read_each_other_stop_and_say_so() {
    let (mut world, alice, bob, _) = friends();
    world.lose_identity(bob);
    let lost = say(&mut world, alice, bob, "into the void");
    world.settle();
    assert_eq!(state(&mut world, alice, &lost), (1, 2), "failed");
    world.pass(A_WHILE_MS);
    let carried = world.carried();
    world.pass(A_WHILE_MS);
    assert_eq!(world.carried(), carried, "they go on and on");
}

#[test]
fn devices_that_never_read_each_others_mail_stop_talking_of_it() {
    let (mut world, alice, bob, _) = friends();
    world.lose_identity(bob);
    world.part(alice, bob);
    let lost = say(&mut world, alice, bob, "stored");
    world.settle();
    assert_eq!(state(&mut world, alice, &lost), (1, 1), "stored");
    world.pass(A_WHILE_MS);
    let carried = world.carried();
    world.pass(A_WHILE_MS);
    assert_eq!(world.carried(), carried, "they go on and on");
    world.meet(alice, bob);
    world.settle();
    assert_eq!(state(&mut world, alice, &lost), (1, 2), "failed after all");
}
