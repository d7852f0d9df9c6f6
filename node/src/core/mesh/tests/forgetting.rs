use super::{
    super::{
        bounds::FORGOTTEN_PER_STEP,
        rows::{MAILBOXES, TOTALS},
    },
    people::{envelope, person, put, token},
    world::{KEPT, World},
};
use crate::core::Input;
use magpie_protocol::mail::{Auth, PutAnswer};

#[test]
fn what_expired_is_forgotten_a_piece_at_a_time() {
    let (mut world, alice) = World::with_alice();
    let empty = TOTALS.get(&world.store, &()).unwrap();
    assert_eq!(world.core.wake_at(), None);
    let many = 2 * FORGOTTEN_PER_STEP as u64 + 5;
    for seed in 0..many {
        world.send(&alice, 0, seed);
    }
    let (_, knocked) = world.knock(&alice, 0, 10_000);
    assert!(matches!(knocked, PutAnswer::Stored(_)));
    assert_eq!(world.core.wake_at(), Some(world.now + KEPT));
    world.now += KEPT - 1;
    assert!(world.run(Input::Tick).is_empty());
    assert_eq!(world.rows_of(0x28) as u64, many + 1);
    world.now += 1;
    world.run(Input::Tick);
    assert_eq!(world.rows_of(0x28) as u64, many + 1 - FORGOTTEN_PER_STEP as u64);
    world.ticks();
    for tag in [0x26, 0x28, 0x29, 0x2a, 0x2b, 0x2c] {
        assert_eq!(world.rows_of(tag), 0, "{tag:x}");
    }
    // Every byte that was counted in was counted out.
    assert_eq!(TOTALS.get(&world.store, &()).unwrap(), empty);
    let at = (*alice.address().as_bytes(), alice.node(0));
    let row = MAILBOXES.get(&world.store, &at).unwrap().unwrap();
    assert_eq!((row.waiting, row.bytes, row.places, row.strangers, row.past), (0, 0, 0, 0, 0));
    assert_eq!(world.core.wake_at(), None);
}

#[test]
fn a_tombstone_stays_until_the_envelope_would_have_expired() {
    let (mut world, alice) = World::with_alice();
    let bytes = world.send(&alice, 0, 1);
    let (knock, _) = world.knock(&alice, 0, 2);
    let expiry = world.now + KEPT;
    world.ack(&alice, 0, &[&bytes, &knock], false);
    world.now += 1_000;
    let shorter = envelope(&person(100), alice.node(0), world.now + 5_000, 3, 0);
    world.put_one(put(alice.address(), Auth::Token(token(1)), &shorter));
    assert_eq!(world.core.wake_at(), Some(world.now + 5_000));
    world.now += 5_000;
    world.ticks();
    assert_eq!(world.waiting(&alice, 0).len(), 0);
    assert_eq!(world.rows_of(0x29), 2);
    assert_eq!(world.core.wake_at(), Some(expiry));
    world.now = expiry;
    world.ticks();
    assert_eq!((world.rows_of(0x29), world.rows_of(0x2a), world.rows_of(0x2c)), (0, 0, 0));
}
