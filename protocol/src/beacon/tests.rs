//! The RFC's vectors, ours, what is refused, and when a fold is ready.

use super::{ecvrf::*, *};
use crate::{
    codec::{Format, decode, encode},
    golden,
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::ValidatorsHash,
};
use proptest::prelude::*;

/// RFC 9381, appendix B.3, examples 16 to 18: secret, public, alpha, pi, beta.
const RFC: [[&str; 5]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f\
         26f8a57ccaed74ee1b190bed1f479d97\
         27d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
        "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff\
         66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593\
         3bf0864a62558b3ed7f2fea45c92a465\
         301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
        "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb\
         5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf80\
         96bb474e53895c362d8628ee9f9ea3c0\
         e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
        "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45\
         2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
    ],
];

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes([seed; 32])
}

fn input() -> Input {
    Input { chain: NetworkId([1; 32]), height: 300, previous: Beacon([2; 64]) }
}

#[test]
fn the_vectors_of_the_rfc_hold() {
    for [sk, pk, alpha, pi, beta] in RFC {
        let mut bytes = [0; 32];
        hex::decode_to_slice(sk, &mut bytes).unwrap();
        let secret = SecretKey::from_bytes(bytes);
        let alpha = hex::decode(alpha).unwrap();
        let (beacon, proof) = prove_alpha(&secret, &alpha).unwrap();
        assert_eq!(secret.public().to_string(), pk);
        assert_eq!(proof.to_string(), pi);
        assert_eq!(beacon.to_string(), beta);
        let public = pk.parse().unwrap();
        assert_eq!(verify_alpha(&public, &alpha, &pi.parse().unwrap()), Ok(beacon));
    }
}

#[test]
fn golden_input_proof_and_beacon() {
    golden::check("beacon_input", input().alpha().unwrap());
    assert_eq!(decode::<Input>(&encode(&input()).unwrap()), Ok(input()));
    let longest = Input { height: u64::MAX, ..input() };
    assert_eq!(encode(&longest).unwrap().len(), Input::LIMIT);
    let (beacon, proof) = prove(&secret(7), &input()).unwrap();
    golden::check("beacon_proof", proof.0.to_vec());
    golden::check("beacon", beacon.0.to_vec());
}

#[test]
fn a_proof_holds_for_its_key_and_every_part_of_its_input_alone() {
    let (beacon, proof) = prove(&secret(7), &input()).unwrap();
    let public = secret(7).public();
    assert_eq!(verify(&public, &input(), &proof), Ok(beacon));
    assert_eq!(prove(&secret(7), &input()), Ok((beacon, proof)), "proving again changes nothing");
    assert_eq!(proof.output(), Ok(beacon), "which needs neither key nor input");
    let other = secret(8).public();
    assert_eq!(verify(&other, &input(), &proof), Err(BeaconError::Proof(other)));
    for moved in [
        Input { chain: NetworkId([3; 32]), ..input() },
        Input { height: 301, ..input() },
        Input { previous: Beacon::GENESIS, ..input() },
    ] {
        assert_eq!(verify(&public, &moved, &proof), Err(BeaconError::Proof(public)));
        assert_ne!(prove(&secret(7), &moved).unwrap().0, beacon);
    }
}

#[test]
fn a_garbled_proof_is_refused_at_every_bit() {
    let (_, proof) = prove(&secret(7), &input()).unwrap();
    for bit in 0..640 {
        let mut garbled = proof;
        garbled.0[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&secret(7).public(), &input(), &garbled).is_err(), "bit {bit}");
    }
}

#[test]
fn a_second_spelling_of_a_proof_is_refused() {
    // s + q is the same scalar, which the library would reduce.
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let (_, mut proof) = prove(&secret(7), &input()).unwrap();
    let mut carry = 0;
    for (byte, add) in proof.0[48..].iter_mut().zip(order.unwrap()) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(verify(&secret(7).public(), &input(), &proof), Err(BeaconError::Malformed));
    assert_eq!(proof.output(), Err(BeaconError::Malformed));
}

#[test]
fn weak_mixed_and_non_canonical_keys_are_refused() {
    let (_, proof) = prove(&secret(7), &input()).unwrap();
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut unreduced = [0xff; 32];
    (unreduced[0], unreduced[31]) = (0xee, 0x7f);
    // The key of seed 7 plus the point of order two: (x, y) + (0, -1) = (-x, -y).
    let mut mixed = secret(7).public().0;
    let modulus = prime();
    let mut borrow = 0_i16;
    let sign = mixed[31] & 0x80;
    mixed[31] &= 0x7f;
    for (byte, p) in mixed.iter_mut().zip(modulus) {
        let diff = i16::from(p) - i16::from(*byte) - borrow;
        *byte = diff.rem_euclid(256) as u8;
        borrow = i16::from(diff < 0);
    }
    mixed[31] |= sign ^ 0x80;
    assert!(ed25519_dalek::VerifyingKey::from_bytes(&mixed).is_ok_and(|key| !key.is_weak()));
    for bad in [[0; 32], identity, unreduced, mixed, [0xff; 32], [2; 32]] {
        let bad = BeaconKey(bad);
        assert_eq!(bad.check(), Err(BeaconError::Key(bad)));
        assert_eq!(verify(&bad, &input(), &proof), Err(BeaconError::Key(bad)));
    }
    assert_eq!(secret(7).public().check(), Ok(()));
}

/// The field's prime, 2^255 - 19, lowest byte first.
fn prime() -> [u8; 32] {
    let mut prime = [0xff; 32];
    (prime[0], prime[31]) = (0xed, 0x7f);
    prime
}

#[test]
fn a_secret_is_not_shown_and_beacons_are_hex_in_json() {
    assert_eq!(format!("{:?}", secret(7)), "SecretKey(..)");
    let (beacon, proof) = prove(&secret(7), &input()).unwrap();
    let json = serde_json::to_string(&(beacon, proof)).unwrap();
    assert_eq!(json, format!("[\"{beacon}\",\"{proof}\"]"));
    assert_eq!(serde_json::from_str::<(Beacon, Proof)>(&json).unwrap(), (beacon, proof));
    for bad in ["", "ab", &"zz".repeat(64), &"ab".repeat(65)] {
        assert!(bad.parse::<Beacon>().is_err() && bad.parse::<Proof>().is_err());
    }
}

/// The beacons of the heights after 10, proposed by these with their power, of one set.
fn weighed(total: u64, proposers: &[(u8, u64)]) -> Vec<Contribution> {
    (11..)
        .zip(proposers)
        .map(|(height, (proposer, power))| Contribution {
            height,
            proposer: ConsensusKey([*proposer; 32]),
            power: *power,
            total,
            validators: ValidatorsHash([1; 32]),
            beacon: Beacon([u8::try_from(height).unwrap(); 64]),
        })
        .collect()
}

/// The same of so many validators with one vote each.
fn after_ten(validators: u64, proposers: &[u8]) -> Vec<Contribution> {
    weighed(validators, &proposers.iter().map(|proposer| (*proposer, 1)).collect::<Vec<_>>())
}

fn ready(validators: u64, proposers: &[u8]) -> Option<u64> {
    fold(10, after_ten(validators, proposers)).unwrap().map(|folded| folded.ready)
}

#[test]
fn a_fold_is_ready_with_one_proposer_more_than_may_be_faulty() {
    for few in 1..=3 {
        assert_eq!(ready(few, &[]), None);
        assert_eq!(ready(few, &[1]), Some(11));
    }
    for some in 4..=6 {
        assert_eq!(ready(some, &[1]), None);
        assert_eq!(ready(some, &[1, 2]), Some(12));
        assert_eq!(ready(some, &[1, 1, 1]), None);
        assert_eq!(ready(some, &[1, 1, 1, 2, 3]), Some(14));
    }
    assert_eq!(ready(7, &[1, 2, 1, 2, 3]), Some(15));
}

#[test]
fn heads_without_power_do_not_make_a_fold() {
    let ready = |total, proposers: &[(u8, u64)]| {
        fold(10, weighed(total, proposers)).unwrap().map(|folded| folded.ready)
    };
    // Three of four have 3 of 12: they may all be faulty. The fourth may not.
    assert_eq!(ready(12, &[(1, 1), (2, 1), (3, 1)]), None);
    assert_eq!(ready(12, &[(1, 1), (2, 1), (3, 1), (4, 9)]), Some(14));
    assert_eq!(ready(12, &[(4, 9), (1, 1)]), Some(11));
    // A third exactly is more than may be faulty; the largest powers do not overflow.
    assert_eq!(ready(12, &[(1, 4)]), Some(11));
    assert_eq!(ready(13, &[(1, 4)]), None);
    assert_eq!(ready(u64::MAX, &[(1, u64::MAX)]), Some(11));
}

#[test]
fn power_of_another_set_does_not_count() {
    let other = ValidatorsHash([2; 32]);
    // A set that shrinks does not leave a fold waiting.
    let mut beacons = after_ten(4, &[1, 1, 1]);
    (beacons[2].total, beacons[2].validators) = (1, other);
    assert_eq!(fold(10, beacons).unwrap().unwrap().ready, 13);
    // Power counted in thousands before is nothing in a set that counts in ones.
    let mut beacons = weighed(4_000, &[(1, 1_000), (2, 1), (2, 1), (1, 1), (3, 1)]);
    for changed in &mut beacons[1..] {
        (changed.total, changed.validators) = (4, other);
    }
    assert_eq!(fold(10, beacons[..3].to_vec()).unwrap(), None);
    let folded = fold(10, beacons.clone()).unwrap().unwrap();
    assert_eq!(folded.ready, 14, "who comes again counts again");
    golden::check("beacon_fold_of_two_sets", folded.seed.0.to_vec());
    // And the seed is made of all that came, each once.
    let two = fold(10, after_ten(4, &[1, 2])).unwrap().unwrap();
    assert_eq!(folded.seed, two.seed);
    beacons[0].beacon.0[0] ^= 1;
    assert_ne!(fold(10, beacons).unwrap().unwrap().seed, folded.seed);
}

#[test]
fn a_set_that_comes_back_begins_to_count_anew() {
    let mut beacons = after_ten(4, &[1, 2, 3, 1]);
    beacons[1].validators = ValidatorsHash([2; 32]);
    // What the first had before the second came is not counted on.
    assert_eq!(fold(10, beacons[..3].to_vec()).unwrap(), None);
    let folded = fold(10, beacons.clone()).unwrap().unwrap();
    assert_eq!(folded.ready, 14);
    // The seed is made of all that came, each once.
    assert_eq!(folded.seed, super::fold::seed(10, &beacons[..3]));
}

#[test]
fn a_fold_does_not_wait_for_ever() {
    let [one] = after_ten(4, &[1])[..] else { unreachable!() };
    let alone =
        |heights: u64| (11..=10 + heights).map(move |height| Contribution { height, ..one });
    assert_eq!(fold(10, alone(1_023)).unwrap(), None);
    let folded = fold(10, alone(1_100)).unwrap().unwrap();
    assert_eq!(folded.ready, 1_034);
    let first = after_ten(1, &[1]);
    assert_eq!(folded.seed, fold(10, first).unwrap().unwrap().seed, "it is made of what there is");
}

#[test]
fn golden_fold_and_what_it_depends_on() {
    let beacons = after_ten(4, &[1, 1, 2, 3]);
    let seed = |beacons: &[Contribution]| {
        fold(10, beacons.iter().copied()).unwrap().map(|folded| folded.seed)
    };
    let known = seed(&beacons);
    golden::check("beacon_fold", known.unwrap().0.to_vec());
    assert_eq!(seed(&beacons[..3]), known, "what follows a ready fold is not looked at");
    for at in [0, 2] {
        let mut other = beacons.clone();
        other[at].beacon.0[63] ^= 1;
        assert_ne!(seed(&other), known);
        let mut other = beacons.clone();
        other[at].proposer.0[0] ^= 0x80;
        assert_ne!(seed(&other), known);
    }
    let mut later = beacons;
    later.iter_mut().for_each(|contribution| contribution.height += 1);
    assert_ne!(fold(11, later).unwrap().map(|folded| folded.seed), known);
}

#[test]
fn a_gap_and_the_end_of_heights_are_named() {
    let gap = |beacons: Vec<Contribution>, height| fold(height, beacons).unwrap_err();
    let mut beacons = after_ten(10, &[1, 2, 3]);
    assert_eq!(gap(beacons.clone(), 9), FoldError::Gap { expected: 10, found: 11 });
    beacons.remove(1);
    assert_eq!(gap(beacons.clone(), 10), FoldError::Gap { expected: 12, found: 13 });
    assert_eq!(gap(beacons, u64::MAX), FoldError::LastHeight(u64::MAX));
}

proptest! {
    #[test]
    fn random_keys_and_proofs_never_panic_nor_hold(
        key: [u8; 32], a: [u8; 32], b: [u8; 32], c: [u8; 16]
    ) {
        let mut proof = [0; 80];
        proof[..32].copy_from_slice(&a);
        proof[32..64].copy_from_slice(&b);
        proof[64..].copy_from_slice(&c);
        prop_assert!(verify(&BeaconKey(key), &input(), &Proof(proof)).is_err());
        prop_assert!(verify(&secret(7).public(), &input(), &Proof(proof)).is_err());
    }

    #[test]
    fn random_bytes_are_an_input_only_in_its_one_spelling(
        bytes in proptest::collection::vec(any::<u8>(), 0..120)
    ) {
        if let Ok(input) = decode::<Input>(&bytes) {
            prop_assert_eq!(encode(&input).unwrap(), bytes);
        }
    }

    #[test]
    fn what_one_proves_everybody_verifies(secret: [u8; 32], chain: [u8; 32], height: u64) {
        let secret = SecretKey::from_bytes(secret);
        let input = Input { chain: NetworkId(chain), height, previous: Beacon::GENESIS };
        let (beacon, proof) = prove(&secret, &input).unwrap();
        prop_assert_eq!(verify(&secret.public(), &input, &proof), Ok(beacon));
    }
}
