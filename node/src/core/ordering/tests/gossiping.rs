//! Headers in gossip.

use super::{
    super::gossip::HEIGHTS_BEHIND,
    world::{STRANGER, World},
};
use crate::{
    core::net::{Fault, Verdict},
    ledger::store::{self, KeptHeader},
};
use magpie_protocol::{bounded::List, codec::encode, ledger::exchange::DecidedHeader};
use proptest::prelude::*;

/// The header of a height as a node decided it.
fn decided(world: &World, at: usize, height: u64) -> DecidedHeader {
    let kept = store::header(&world.places[at].store, height).unwrap().unwrap();
    let KeptHeader { header, certificate } = kept;
    DecidedHeader { header, certificate }
}

/// A world in which node 3 has not heard of the newest height that the others decided.
fn behind(seed: u64) -> (World, DecidedHeader) {
    let mut world = World::new(4, seed);
    world.pass(25_000);
    world.kill(3);
    let height = world.height(0);
    world.until(60_000, |world| world.height(0) > height && world.height(1) > height);
    world.start(3);
    world.until(100, |world| world.places[3].core.orderer.is_some());
    assert_eq!(world.height(3), height);
    let newest = decided(&world, 0, height + 1);
    (world, newest)
}

#[test]
fn a_header_is_said_once_or_twice_and_every_super_node_hears_of_it() {
    let mut world = World::new(4, 41);
    world.pass(60_000);
    let height = world.height(0) as usize;
    assert!(height > 3);
    assert!((height..=4 * height).contains(&world.said), "{} of {height}", world.said);
    assert_eq!(world.faults, []);
}

#[test]
fn a_certified_header_that_is_new_is_passed_on_once() {
    let (mut world, newest) = behind(42);
    let bytes = encode(&newest).unwrap();
    assert_eq!(world.show(3, STRANGER, &bytes), Verdict::Accept);
    assert_eq!(world.show(3, STRANGER, &bytes), Verdict::Ignore);
    // With another certificate it tells nothing new.
    let other = decided(&world, 1, newest.header.height);
    let other = encode(&other).unwrap();
    assert_eq!(world.show(3, STRANGER, &other), Verdict::Ignore);
    assert_eq!(world.faults, []);
}

#[test]
fn a_forged_header_is_rejected_and_an_old_or_foreign_one_ignored() {
    let (mut world, newest) = behind(43);
    let mut forged = newest.clone();
    forged.header.time_ms += 1;
    let mut weak = newest.clone();
    let few = newest.certificate.signatures.iter().take(2).copied().collect();
    weak.certificate.signatures = List::new(few).unwrap();
    let mut foreign = newest.clone();
    foreign.header.validators.0 = [7; 32];
    let mut late = newest.clone();
    late.header.time_ms = world.now - 121_000;
    let mut early = newest.clone();
    early.header.time_ms = world.now + 61_000;
    let old = decided(&world, 3, world.height(3) - HEIGHTS_BEHIND.min(world.height(3) - 1));
    for (header, verdict) in [
        (&forged, Verdict::Reject),
        (&weak, Verdict::Reject),
        (&foreign, Verdict::Ignore),
        (&late, Verdict::Ignore),
        (&early, Verdict::Ignore),
        (&newest, Verdict::Accept),
    ] {
        assert_eq!(world.show(3, STRANGER, &encode(header).unwrap()), verdict, "{header:?}");
    }
    world.pass(60_000);
    assert_eq!(world.show(3, STRANGER, &encode(&old).unwrap()), Verdict::Ignore);
    assert_eq!(world.show(3, STRANGER, &[2, 9]), Verdict::Ignore);
    assert_eq!(world.show(3, STRANGER, &[]), Verdict::Reject);
    // The verdict itself counts the fault.
    assert_eq!(world.faults.iter().filter(|(_, _, fault)| *fault != Fault::Forged).count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_changed_bit_is_passed_on(bits in prop::collection::vec(any::<prop::sample::Index>(), 64)) {
        let (mut world, newest) = behind(44);
        let bytes = encode(&newest).unwrap();
        for bit in bits {
            let mut bytes = bytes.clone();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(world.show(3, STRANGER, &bytes), Verdict::Accept);
        }
    }
}
