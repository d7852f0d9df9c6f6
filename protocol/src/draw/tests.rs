//! Sums, bounds, fairness over the slots, and the bytes of one draw.

use super::*;
use crate::{
    beacon::{Beacon, Seed},
    codec::{decode, encode},
    golden,
    keys::ReceiveKey,
    limits::PACKET_SHARES,
};
use proptest::prelude::*;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

const PACKET: [u8; 32] = [9; 32];

fn shares(beacon: u8, total: u64, count: u32) -> Shares {
    Shares::draw(&Beacon([beacon; 64]), &PACKET, total, count).unwrap()
}

fn claimers(keys: impl IntoIterator<Item = u8>) -> Vec<ReceiveKey> {
    keys.into_iter().map(|key| ReceiveKey([key; 32])).collect()
}

fn words(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    numbers.into_iter().flat_map(u64::to_be_bytes).collect()
}

#[test]
fn golden_shares() {
    let cut = shares(7, 10_000, 10);
    golden::check("draw_shares", words(cut.amounts().iter().copied()));
    let most = shares(7, u64::MAX, PACKET_SHARES);
    golden::check("draw_shares_most", words(most.amounts().iter().copied()));
    assert_eq!(shares(7, 1, 1).amounts(), [1]);
    assert_eq!(shares(7, u64::MAX, 1).amounts(), [u64::MAX]);
    assert_eq!(shares(7, 1_000, 1_000).amounts(), [1; 1_000]);
}

#[test]
fn golden_deal() {
    let cut = shares(7, 10_000, 10);
    let none = Taken::none(10).unwrap();
    let first = deal(&Seed([1; 32]), &PACKET, &cut, &none, &claimers([3, 1, 2])).unwrap();
    let second = deal(&Seed([2; 32]), &PACKET, &cut, &first.taken, &claimers(4..=10)).unwrap();
    let slots = first.drawn.iter().chain(&second.drawn);
    golden::check("draw_slots", words(slots.map(|drawn| u64::from(drawn.slot))));
    golden::check("draw_taken", encode(&first.taken).unwrap());
    assert_eq!(second.taken.left(10), Ok(vec![]));
}

#[test]
fn packets_that_cannot_be_cut_are_named() {
    let cut = |total, count| Shares::draw(&Beacon([7; 64]), &PACKET, total, count);
    assert_eq!(cut(10, 0), Err(DrawError::Count(0)));
    assert_eq!(cut(u64::MAX, 1_001), Err(DrawError::Count(1_001)));
    assert_eq!(cut(9, 10), Err(DrawError::Total { total: 9, count: 10 }));
    assert_eq!(cut(0, 1), Err(DrawError::Total { total: 0, count: 1 }));
    assert_eq!(Taken::none(0), Err(DrawError::Count(0)));
    assert_eq!(Taken::none(1_001), Err(DrawError::Count(1_001)));
}

#[test]
fn claims_that_cannot_be_drawn_are_named() {
    let cut = shares(7, 100, 3);
    let none = Taken::none(3).unwrap();
    let drawn = |taken: &Taken, keys: &[u8]| {
        deal(&Seed([1; 32]), &PACKET, &cut, taken, &claimers(keys.iter().copied()))
    };
    assert_eq!(drawn(&none, &[1, 2, 3, 4]), Err(DrawError::Left { claims: 4, left: 3 }));
    assert_eq!(drawn(&none, &[1, 2, 1]), Err(DrawError::Twice(ReceiveKey([1; 32]))));
    let two = drawn(&none, &[1, 2]).unwrap().taken;
    assert_eq!(drawn(&two, &[3, 4]), Err(DrawError::Left { claims: 2, left: 1 }));
    assert_eq!(drawn(&Taken::none(9).unwrap(), &[1]), Err(DrawError::Taken(3)));
    // A slot that a packet of three does not have.
    let beyond = decode::<Taken>(&[1, 1, 0b1000]).unwrap();
    assert_eq!(drawn(&beyond, &[1]), Err(DrawError::Taken(3)));
    assert!(drawn(&none, &[]).unwrap().drawn.is_empty());
}

#[test]
fn a_draw_depends_on_beacon_packet_seed_and_claimer() {
    let cut = shares(7, 1 << 40, 100);
    assert_ne!(shares(8, 1 << 40, 100), cut);
    assert_ne!(Shares::draw(&Beacon([7; 64]), &[8; 32], 1 << 40, 100).unwrap(), cut);
    let none = Taken::none(100).unwrap();
    let slots = |seed: u8, packet: [u8; 32], keys: std::ops::Range<u8>| {
        let dealt = deal(&Seed([seed; 32]), &packet, &cut, &none, &claimers(keys)).unwrap();
        dealt.drawn.iter().map(|drawn| drawn.slot).collect::<Vec<_>>()
    };
    let known = slots(1, PACKET, 0..50);
    assert_ne!(slots(2, PACKET, 0..50), known);
    assert_ne!(slots(1, [8; 32], 0..50), known);
    assert_ne!(slots(1, PACKET, 50..100), known);
}

/// Many packets of `count` shares of 1,000 units on average, all claimed at one height or one
/// claim a height: for each place in the order of claiming, the mean, the standard deviation and how
/// often it was best.
fn luck(count: u32, packets: u64, at_once: bool) -> Vec<(f64, f64, u64)> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut sums = vec![(0, 0, 0); count as usize];
    for _ in 0..packets {
        let (mut beacon, mut seed) = ([0; 64], [0; 32]);
        rng.fill_bytes(&mut beacon);
        let cut = Shares::draw(&Beacon(beacon), &PACKET, 1_000 * u64::from(count), count).unwrap();
        let mut taken = Taken::none(count).unwrap();
        let mut amounts = Vec::new();
        let keys = claimers((0..count).map(|key| u8::try_from(key).unwrap()));
        for keys in keys.chunks(if at_once { keys.len() } else { 1 }) {
            rng.fill_bytes(&mut seed);
            let dealt = deal(&Seed(seed), &PACKET, &cut, &taken, keys).unwrap();
            amounts.extend(dealt.drawn.iter().map(|drawn| drawn.amount));
            taken = dealt.taken;
        }
        let best = *amounts.iter().max().unwrap();
        for ((sum, squares, wins), amount) in sums.iter_mut().zip(amounts) {
            *sum += amount;
            *squares += amount * amount;
            *wins += u64::from(amount == best);
        }
    }
    let of = |(sum, squares, wins): (u64, u64, u64)| {
        let mean = sum as f64 / packets as f64;
        (mean, (squares as f64 / packets as f64 - mean * mean).sqrt(), wins)
    };
    sums.into_iter().map(of).collect()
}

#[test]
fn luck_is_equal_whenever_one_claims() {
    // Each slot has the same mean, so dealing in the order of slots would not show there. But the
    // last slots spread by a third more and are best far more often than the ones before.
    let (count, packets) = (10, 20_000);
    let fair = packets as f64 / f64::from(count);
    for at_once in [true, false] {
        let luck = luck(count, packets, at_once);
        for (place, (mean, _, wins)) in luck.iter().enumerate() {
            assert!((970.0..1_030.0).contains(mean), "place {place}: mean {mean}");
            let share = *wins as f64 / fair;
            assert!((0.9..1.1).contains(&share), "place {place}: best {wins} times");
        }
        let ((_, first, _), (_, last, _)) = (luck[0], luck[9]);
        assert!((0.95..1.05).contains(&(last / first)), "spread {first} first, {last} last");
    }
}

#[test]
fn shares_differ_as_a_double_average_does() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let (mut below, mut most) = (0, 0);
    for _ in 0..1_000 {
        let mut beacon = [0; 64];
        rng.fill_bytes(&mut beacon);
        let first = Shares::draw(&Beacon(beacon), &PACKET, 10_000, 10).unwrap().amounts()[0];
        assert!((1..2_000).contains(&first));
        below += u32::from(first < 1_000);
        most = most.max(first);
    }
    assert!((250..1_000).contains(&below), "{below} of 1,000 first shares under the average");
    assert!(most > 1_500, "the best first share of 1,000 packets is {most}");
}

proptest! {
    #[test]
    fn shares_are_exact_and_nobody_gets_nothing(
        beacon: [u8; 32], packet: [u8; 32], total: u64, count in 1..=PACKET_SHARES
    ) {
        let beacon = Beacon(beacon.repeat(2).try_into().unwrap());
        let total = total.max(u64::from(count));
        for total in [total, u64::from(count) + total % 5_000] {
            let cut = Shares::draw(&beacon, &packet, total, count).unwrap();
            prop_assert_eq!(cut.count(), count);
            let sum = cut.amounts().iter().try_fold(0_u64, |sum, share| sum.checked_add(*share));
            prop_assert_eq!(sum, Some(total));
            prop_assert!(cut.amounts().iter().all(|share| *share >= 1));
            prop_assert_eq!(&Shares::draw(&beacon, &packet, total, count).unwrap(), &cut);
        }
    }

    #[test]
    fn every_share_is_dealt_once_in_whatever_order_claimers_are_named(
        seeds: [[u8; 32]; 2], keys in proptest::collection::btree_set(any::<[u8; 32]>(), 1..80),
        first: prop::sample::Index, spare in 0_u32..20
    ) {
        let keys: Vec<_> = keys.into_iter().map(ReceiveKey).collect();
        let count = u32::try_from(keys.len()).unwrap() + spare;
        let cut = shares(7, 1_000_000, count);
        let (early, late) = keys.split_at(first.index(keys.len()));
        let mut taken = Taken::none(count).unwrap();
        let mut slots = Vec::new();
        for (seed, claimers) in seeds.iter().zip([early, late]) {
            let dealt = deal(&Seed(*seed), &PACKET, &cut, &taken, claimers).unwrap();
            let mut turned = claimers.to_vec();
            turned.reverse();
            prop_assert_eq!(&deal(&Seed(*seed), &PACKET, &cut, &taken, &turned).unwrap(), &dealt);
            for drawn in &dealt.drawn {
                prop_assert_eq!(cut.amounts()[drawn.slot as usize], drawn.amount);
                slots.push(drawn.slot);
            }
            taken = dealt.taken;
        }
        let left = taken.left(count).unwrap();
        prop_assert_eq!(u32::try_from(left.len()).unwrap(), spare);
        slots.extend(left);
        slots.sort_unstable();
        prop_assert_eq!(slots, (0..count).collect::<Vec<_>>());
        prop_assert_eq!(decode::<Taken>(&encode(&taken).unwrap()).unwrap(), taken);
    }

    #[test]
    fn random_bytes_are_taken_slots_only_in_their_one_spelling(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), count: u32
    ) {
        if let Ok(taken) = decode::<Taken>(&bytes) {
            let _ = taken.left(count % 2_000);
            prop_assert_eq!(encode(&taken).unwrap(), bytes);
        }
    }
}
