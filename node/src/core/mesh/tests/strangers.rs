use super::{
    super::bounds::{ARRIVALS_IDLE, STRANGERS_PAST, STRANGERS_POOL},
    people::{envelope, person, put, token},
    world::{EFFORT, KEPT, World},
};
use magpie_protocol::mail::{Auth, PutAnswer, Refusal};

fn stored(answer: &PutAnswer) -> bool {
    matches!(answer, PutAnswer::Stored(_))
}

#[test]
fn a_stranger_pays_with_a_stamp_for_this_envelope_and_mailbox() {
    let (mut world, alice) = World::with_alice();
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let rows = world.rows();
    let wanted = PutAnswer::Refused(Refusal::StampWanted { effort: EFFORT });
    let lazy = world.stamp(alice.node(0), &bytes, EFFORT - 1);
    let account = alice.address();
    assert_eq!(world.put_one(put(account, Auth::Stamp(lazy), &bytes)), wanted);
    let elsewhere = world.stamp(alice.node(1), &bytes, 16);
    assert_eq!(world.put_one(put(account, Auth::Stamp(elsewhere), &bytes)), wanted);
    let large = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 6_000);
    let stamp = world.stamp(alice.node(0), &large, EFFORT);
    let answer = world.put_one(put(account, Auth::Stamp(stamp), &large));
    assert_eq!(answer, PutAnswer::Refused(Refusal::TooLarge));
    assert_eq!(world.rows(), rows);
    let stamp = world.stamp(alice.node(0), &bytes, EFFORT);
    assert!(stored(&world.put_one(put(account, Auth::Stamp(stamp), &bytes))));
    assert_eq!(world.waiting(&alice, 0), [bytes]);
}

#[test]
fn the_effort_rises_with_strangers_and_a_retry_of_what_is_stored_is_not_asked_for_more() {
    let (mut world, alice) = World::with_alice();
    let (bytes, first) = world.knock(&alice, 0, 1);
    for _ in 0..ARRIVALS_IDLE {
        world.core.mesh.strangers.note(world.now);
    }
    let (_, refused) = world.knock(&alice, 0, 2);
    let wanted = Refusal::StampWanted { effort: EFFORT + 1 };
    assert_eq!(refused, PutAnswer::Refused(wanted));
    let stamp = world.stamp(alice.node(0), &bytes, EFFORT);
    assert_eq!(world.put_one(put(alice.address(), Auth::Stamp(stamp), &bytes)), first);
}

#[test]
fn the_pool_is_small_oldest_out_first_and_apart_from_mail_with_a_token() {
    let (mut world, alice) = World::with_alice();
    let friend = world.send(&alice, 0, 1_000);
    let mut knocks = Vec::new();
    for seed in 0..u64::from(STRANGERS_POOL) {
        let (bytes, answer) = world.knock(&alice, 0, seed);
        assert!(stored(&answer), "{answer:?}");
        knocks.push(bytes);
    }
    assert_eq!(world.waiting(&alice, 0).len(), knocks.len() + 1);
    let (newest, answer) = world.knock(&alice, 0, 500);
    assert!(stored(&answer));
    let waiting = world.waiting(&alice, 0);
    assert_eq!(waiting.len(), knocks.len() + 1);
    assert!(waiting.contains(&friend) && waiting.contains(&newest));
    assert!(!waiting.contains(&knocks[0]) && waiting.contains(&knocks[1]));
    // Its stamp bought one stay: shown again it pushes nobody out.
    let (again, answer) = world.knock(&alice, 0, 0);
    assert_eq!((again, answer), (knocks[0].clone(), PutAnswer::Refused(Refusal::OverQuota)));
    assert_eq!(world.waiting(&alice, 0), waiting);
    // What is read makes room.
    world.ack(&alice, 0, &[&knocks[1]], false);
    let (_, answer) = world.knock(&alice, 0, 501);
    assert!(stored(&answer));
    assert!(world.waiting(&alice, 0).contains(&knocks[2]));
    // The other device has a pool of its own.
    assert_eq!(world.waiting(&alice, 1).len(), 0);
}

#[test]
fn what_left_the_pool_is_remembered_so_far_and_no_further() {
    let (mut world, alice) = World::with_alice();
    let all = u64::from(STRANGERS_POOL + STRANGERS_PAST) + 20;
    for seed in 0..all {
        // Time between them: the effort does not rise.
        world.now += 20_000;
        let bytes = envelope(&person(100), alice.node(0), super::people::START + KEPT, seed, 0);
        let stamp = world.stamp(alice.node(0), &bytes, EFFORT);
        let answer = world.put_one(put(alice.address(), Auth::Stamp(stamp), &bytes));
        assert!(stored(&answer), "{seed}: {answer:?}");
    }
    let kept = (STRANGERS_POOL + STRANGERS_PAST) as usize;
    assert_eq!((world.rows_of(0x2b), world.rows_of(0x2c)), (64, STRANGERS_PAST as usize));
    assert_eq!((world.rows_of(0x28), world.rows_of(0x29), world.rows_of(0x2a)), (64, kept, kept));
    // Mail with a token still comes in.
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 9_999, 0);
    assert!(stored(&world.put_one(put(alice.address(), Auth::Token(token(1)), &bytes))));
}
