//! An audit asks for what it needs, and for no more.

use super::world::{Made, World, payees, receive};
use crate::audit::{Audit, Beyond, Contradiction, Evidence, EvidenceError, Needs, audit};
use magpie_protocol::{
    beacon::BeaconError,
    ids::NetworkId,
    keys::ReceiveKey,
    ledger::{PacketKind, state::Claim},
    limits::{AUDIT_FOLD_HEIGHTS, AUDIT_HEADERS},
};

fn world() -> (World, Made) {
    let mut world = World::new(&[1; 4], 5);
    let made = world.packet(PacketKind::Fortune, 10_000, 4);
    world.blocks(20);
    world.claims(&[3, 1], &made);
    world.blocks(20);
    (world, made)
}

#[test]
fn first_claims_then_headers_then_who_voted() {
    let (world, made) = world();
    let mut evidence = world.evidence(world.height(), &made);
    let needs = evidence.needs().unwrap();
    assert_eq!((needs.claims.len(), needs.headers.len(), needs.validators.len()), (5, 0, 0));
    assert_eq!(audit(&evidence), Ok(Audit::Needs(needs)));
    for person in [3, 1] {
        let claim = world.claimed(world.height(), &made, receive(person));
        evidence.add_claim(receive(person), claim).unwrap();
    }
    // All that the packet counts are there: nobody else can have claimed.
    let needs = evidence.needs().unwrap();
    let opened = world.leaf(1 + 2, &made).opening.unwrap().height;
    let claimed = opened + 21;
    assert_eq!(needs.claims, []);
    assert_eq!(needs.headers, [opened, opened + 1, claimed, claimed + 1, claimed + 2]);
    assert_eq!(needs.validators, [world.sets[0].hash()], "of the packet's own header");
    world.give(&mut evidence, &made, &needs);
    assert_eq!(evidence.needs(), Ok(Needs::default()));
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))));
}

#[test]
fn of_a_late_draw_only_the_fold_is_fetched() {
    let (world, made) = world();
    let mut evidence = world.evidence(world.height(), &made);
    let needs = evidence.needs().unwrap();
    world.give(&mut evidence, &made, &needs);
    let most = world.height();
    for claim in evidence.claims.values_mut().flatten() {
        claim.paid.as_mut().unwrap().height = most;
    }
    // Once around for headers and the set: the first step holds the whole fold.
    let needs = evidence.needs().unwrap();
    assert!(needs.headers.len() as u64 <= 3 + AUDIT_FOLD_HEIGHTS);
    world.give(&mut evidence, &made, &needs);
    assert_eq!(evidence.needs(), Ok(Needs::default()));
}

#[test]
fn what_is_no_evidence_is_not_taken() {
    let (world, made) = world();
    let mut evidence = world.evidence(world.height() - 1, &made);
    let stranger = ReceiveKey([9; 32]);
    assert_eq!(evidence.add_claim(stranger, None), Err(EvidenceError::Stranger(stranger)));
    let above = world.header(world.height());
    assert_eq!(evidence.add_header(above), Err(EvidenceError::Height(world.height())));
    let mut foreign = world.header(5);
    foreign.chain = NetworkId([1; 32]);
    assert_eq!(evidence.add_header(foreign), Err(EvidenceError::Chain(5)));
    let mut second = world.header(5);
    evidence.add_header(second.clone()).unwrap();
    evidence.add_header(second.clone()).unwrap();
    second.round += 4;
    assert_eq!(evidence.add_header(second), Err(EvidenceError::Height(5)));
    assert!(Evidence::new(made.id, world.leaf(9, &made), world.header(9), &[]).is_err());
}

#[test]
fn headers_are_bounded() {
    let (world, made) = world();
    let mut evidence = world.evidence(world.height(), &made);
    evidence.at.height = u64::MAX;
    let header = world.header(1);
    for height in 1..=AUDIT_HEADERS as u64 {
        let mut header = header.clone();
        header.height = height;
        evidence.headers.insert(height, header);
    }
    let mut one = header.clone();
    one.height = AUDIT_HEADERS as u64 + 5;
    assert_eq!(evidence.add_header(one), Err(EvidenceError::Headers));
    // One claim at a height of its own each, far apart, with a fold that never ends.
    let mut evidence = world.evidence(world.height(), &made);
    evidence.at.height = u64::MAX;
    for at in 0..2_000_u64 {
        let mut key = [0xee; 32];
        key[..8].copy_from_slice(&at.to_be_bytes());
        let claim = Claim {
            wallet: payees(1)[0].wallet,
            height: 10_000 * (at + 1),
            paid: None,
            before: None,
        };
        evidence.claims.insert(ReceiveKey(key), Some(claim));
    }
    assert_eq!(evidence.needs(), Err(Beyond));
}

#[test]
fn headers_side_by_side_are_all_proven() {
    let (world, made) = world();
    let mut evidence = world.evidence(world.height(), &made);
    world.fill(&mut evidence, &made);
    for height in 1..world.height() {
        evidence.add_header(world.header(height)).unwrap();
    }
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))));
    // A proof of another height, which only the header before it, or the first's place, shows to be wrong.
    let forged = world.header(6).beacon;
    for height in [1, 8] {
        let mut evidence = evidence.clone();
        evidence.headers.get_mut(&height).unwrap().beacon = forged;
        let wrong = audit(&evidence).unwrap_err();
        assert!(matches!(
            wrong,
            Contradiction::Beacon { height: at, error: BeaconError::Proof(_) } if at == height
        ));
    }
}
