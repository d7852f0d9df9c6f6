//! Which rules of money are sound.

use super::fixtures::rules;
use crate::{
    bounded::List,
    codec::{decode, encode},
    golden,
    ledger::{Amount, Rules, RulesError},
    limits::DAY_MS,
};
use proptest::prelude::*;

const CENTURY: u64 = 100 * 365 * DAY_MS;

#[test]
fn golden_rules_are_sound() {
    let bytes = golden::check("ledger_rules", encode(&Rules::usual()).unwrap());
    assert_eq!(decode::<Rules>(&bytes).unwrap().check(), Ok(()));
    assert_eq!(rules().check(), Ok(()));
}

#[test]
fn kinds_are_known_and_in_order() {
    let of = |kinds: &[u16]| Rules { kinds: List::new(kinds.to_vec()).unwrap(), ..rules() }.check();
    assert_eq!(of(&[]), Ok(()));
    assert_eq!(of(&[2, 1]), Err(RulesError::KindOrder));
    assert_eq!(of(&[1, 1]), Err(RulesError::KindOrder));
    assert_eq!(of(&[1, 16]), Err(RulesError::Kind(16)));
    assert_eq!(of(&[0, 1]), Err(RulesError::Kind(0)));
}

#[test]
fn numbers_that_do_not_work_are_named() {
    type Change = fn(&mut Rules);
    let changes: &[(&str, Change)] = &[
        ("the most shares of a packet", |r| r.limits.packet_shares = 0),
        ("the most shares of a packet", |r| r.limits.packet_shares = 1_001),
        ("the most of a transfer", |r| r.limits.transfer = Amount(0)),
        ("the least of a transfer", |r| r.limits.transfer_least = Amount(0)),
        ("the least of a transfer", |r| r.limits.transfer_least.0 = r.limits.transfer.0 + 1),
        ("the least of a share", |r| r.limits.share_least = Amount(0)),
        ("the most of a share", |r| {
            (r.limits.share_least, r.limits.share_most) = (Amount(2), Amount(1));
        }),
        ("the most of a packet", |r| r.limits.packet = Amount(999)),
        ("the most of a packet", |r| r.limits.share_least.0 = r.limits.packet.0 / 999),
        ("what is minted in a day", |r| r.limits.mint_total = Amount(1)),
        ("the life of a signed entry", |r| r.lifetimes.entry = 999),
        ("the life of a transfer", |r| r.lifetimes.transfer = 0),
        ("the life of a packet", |r| r.lifetimes.packet = u64::MAX),
        ("the life of a name", |r| r.lifetimes.name = 1),
        ("the most age of a commitment", |r| r.lifetimes.commitment_most = 0),
        ("the least age of a commitment", |r| r.lifetimes.commitment_least = u64::MAX),
        ("the block interval", |r| r.pace.interval_ms = 0),
        ("the heartbeat", |r| r.pace.heartbeat_ms = 1),
        ("the drift ahead", |r| r.pace.ahead_ms = 0),
        ("the drift behind", |r| r.pace.behind_ms = u64::MAX),
        ("the entries of a block", |r| r.pace.entries = 4_097),
        ("the bytes of a block", |r| r.pace.bytes = 1),
        ("the expiries of a block", |r| r.pace.expiries = 0),
        ("the blocks that share a fee", |r| r.pace.fee_blocks = 0),
        ("the heights of a new beacon key", |r| r.pace.beacon_key_heights = 0),
        ("the heights of a validator's vote", |r| r.pace.vote_heights = 0),
        ("the heights of evidence", |r| r.pace.evidence_heights = 0),
        ("the life of a signed entry", |r| r.lifetimes.entry = DAY_MS + 1),
        ("the life of a transfer", |r| r.lifetimes.transfer = CENTURY + 1),
        ("the life of a packet", |r| r.lifetimes.packet = CENTURY + 1),
        ("the life of a name", |r| r.lifetimes.name = CENTURY + 1),
        ("the most age of a commitment", |r| r.lifetimes.commitment_most = CENTURY + 1),
        ("the least age of a commitment", |r| {
            r.lifetimes.commitment_least = r.lifetimes.commitment_most + 1;
        }),
        ("what is minted in a day", |r| r.limits.mint_day.0 = r.limits.mint_total.0 + 1),
        ("the block interval", |r| r.pace.interval_ms = 60_001),
        ("the heartbeat", |r| r.pace.heartbeat_ms = 600_001),
        ("the drift ahead", |r| r.pace.ahead_ms = 60_001),
        ("the drift behind", |r| r.pace.behind_ms = 600_001),
        ("the bytes of a block", |r| r.pace.bytes = (1 << 20) + 1),
        ("the expiries of a block", |r| r.pace.expiries = r.pace.entries - 1),
        ("the expiries of a block", |r| r.pace.expiries = 100_001),
        ("the blocks that share a fee", |r| r.pace.fee_blocks = 100_001),
        ("the heights of a new beacon key", |r| r.pace.beacon_key_heights = 1_000_001),
        ("the heights of a validator's vote", |r| r.pace.vote_heights = 10_000_001),
        ("the heights of evidence", |r| r.pace.evidence_heights = 10_000_001),
    ];
    for (name, change) in changes {
        let mut rules = rules();
        change(&mut rules);
        match rules.check() {
            Err(RulesError::Range { what, .. }) => assert_eq!(what, *name),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn fees_that_have_no_sum_with_what_they_are_for_are_refused() {
    let mut rules = rules();
    rules.limits.transfer = Amount(u64::MAX);
    assert_eq!(rules.check(), Err(RulesError::Overflow("transfer")));
    let mut rules = self::rules();
    rules.fees.packet_share = Amount(u64::MAX / 2);
    assert_eq!(rules.check(), Err(RulesError::Overflow("packet")));
    assert_eq!(rules.packet_fee(1_000), Amount(u64::MAX));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(rules) = decode::<Rules>(&bytes) {
            let _ = rules.check();
            prop_assert_eq!(encode(&rules).unwrap(), bytes);
        }
    }

    #[test]
    fn changed_bytes_never_panic(at: prop::sample::Index, byte: u8) {
        let mut bytes = encode(&Rules::usual()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(rules) = decode::<Rules>(&bytes) {
            let _ = rules.check();
            prop_assert_eq!(encode(&rules).unwrap(), bytes);
        }
    }
}
