//! What a set of validators could sign against the rules, each found.

use super::world::{Made, World, payee, payees, receive};
use crate::audit::{Audit, Contradiction, Evidence, audit};
use magpie_protocol::{
    beacon::{Input, SecretKey, Seed, fold, prove},
    draw::{Deal, Shares, Taken, deal},
    keys::ReceiveKey,
    ledger::{
        Amount, PacketKind,
        state::{Claim, Paid},
    },
};

fn world(kind: PacketKind) -> (World, Made, Evidence) {
    let mut world = World::new(&[1; 4], 8);
    let made = world.packet(kind, 1_000_003, 7);
    world.claims(&[3, 1, 6], &made);
    world.claims(&[7, 0], &made);
    world.blocks(3);
    let mut evidence = world.evidence(world.height(), &made);
    world.fill(&mut evidence, &made);
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))));
    (world, made, evidence)
}

fn fortune() -> (World, Made, Evidence) {
    world(PacketKind::Fortune)
}

fn claim(evidence: &mut Evidence, person: u16) -> &mut Claim {
    evidence.claims.get_mut(&receive(person)).unwrap().as_mut().unwrap()
}

fn paid(evidence: &mut Evidence, person: u16) -> &mut Paid {
    claim(evidence, person).paid.as_mut().unwrap()
}

/// Writes what a deal gives into the leaves, and what is left into the packet's.
fn write(evidence: &mut Evidence, deals: &[Deal]) {
    for drawn in deals.iter().flat_map(|deal| &deal.drawn) {
        let paid = evidence.claims.get_mut(&drawn.claimer).unwrap().as_mut().unwrap();
        let paid = paid.paid.as_mut().unwrap();
        (paid.amount, paid.slot) = (Amount(drawn.amount), Some(drawn.slot));
    }
    let claims = evidence.claims.values().flatten();
    let out: u64 = claims.map(|claim| claim.paid.unwrap().amount.0).sum();
    evidence.packet.rest = Amount(evidence.packet.amount.0 - out);
}

/// Deals again, with each seed and the cut as the liar likes them.
fn dealt(evidence: &Evidence, shares: &Shares, seed: impl Fn(u64) -> Seed) -> Vec<Deal> {
    let mut taken = Taken::none(evidence.packet.count).unwrap();
    let mut deals = Vec::new();
    for (height, claims) in evidence.claims_by_height() {
        let claimers: Vec<_> = claims.keys().copied().collect();
        let id = evidence.id.as_bytes();
        let next = deal(&seed(height), id, shares, &taken, &claimers).unwrap();
        taken = next.taken.clone();
        deals.push(next);
    }
    deals
}

fn cut_at(evidence: &Evidence, height: u64) -> Shares {
    let beacon = evidence.headers[&height].beacon.output().unwrap();
    let packet = evidence.packet;
    Shares::draw(&beacon, evidence.id.as_bytes(), packet.amount.0, packet.count).unwrap()
}

fn seed_of(evidence: &Evidence, height: u64) -> Seed {
    let proven = crate::audit::beacons::prove(evidence).unwrap();
    let after = (height + 1..).map_while(|height| proven.get(&height));
    let after = after.map(crate::audit::ProvenBeacon::contribution);
    fold(height, after).unwrap().unwrap().seed
}

fn opened(evidence: &Evidence) -> u64 {
    evidence.packet.opening.unwrap().height
}

#[test]
fn two_shares_that_are_swapped() {
    let (_, _, mut evidence) = fortune();
    let (a, b) = (*paid(&mut evidence, 3), *paid(&mut evidence, 1));
    (*paid(&mut evidence, 3), *paid(&mut evidence, 1)) = (b, a);
    assert!(matches!(audit(&evidence), Err(Contradiction::Slot { .. })));
    // The amounts alone.
    (*paid(&mut evidence, 3), *paid(&mut evidence, 1)) =
        (Paid { amount: b.amount, ..a }, Paid { amount: a.amount, ..b });
    assert!(matches!(audit(&evidence), Err(Contradiction::Amount { .. })));
    // Across heights.
    let (_, _, mut evidence) = fortune();
    let (a, b) = (*paid(&mut evidence, 6), *paid(&mut evidence, 0));
    *paid(&mut evidence, 6) = Paid { height: a.height, ..b };
    *paid(&mut evidence, 0) = Paid { height: b.height, ..a };
    assert!(matches!(audit(&evidence), Err(Contradiction::Slot { .. })));
}

#[test]
fn one_unit_more_to_another() {
    for kind in [PacketKind::Fortune, PacketKind::Ordinary] {
        let (_, _, mut evidence) = world(kind);
        paid(&mut evidence, 3).amount.0 += 1;
        assert!(matches!(audit(&evidence), Err(Contradiction::Sum { .. })));
        paid(&mut evidence, 0).amount.0 -= 1;
        assert!(matches!(audit(&evidence), Err(Contradiction::Amount { .. })));
        paid(&mut evidence, 0).amount.0 += 1;
        evidence.packet.rest.0 -= 1;
        let found = audit(&evidence);
        assert!(
            matches!(found, Err(Contradiction::Amount { claimer, .. }) if claimer == receive(3))
        );
    }
}

#[test]
fn another_seed() {
    let (_, _, mut evidence) = fortune();
    let cut = cut_at(&evidence, opened(&evidence) + 1);
    let honest = dealt(&evidence, &cut, |height| seed_of(&evidence, height));
    write(&mut evidence, &honest);
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))), "the liar deals well");
    let lies = [
        dealt(&evidence, &cut, |_| Seed([7; 32])),
        // The seed of the height before.
        dealt(&evidence, &cut, |height| seed_of(&evidence, height - 1)),
    ];
    for lie in lies {
        write(&mut evidence, &lie);
        assert!(matches!(audit(&evidence), Err(Contradiction::Slot { .. })));
    }
}

#[test]
fn another_cut() {
    let (_, _, mut evidence) = fortune();
    let cut = cut_at(&evidence, opened(&evidence) + 2);
    let lie = dealt(&evidence, &cut, |height| seed_of(&evidence, height));
    write(&mut evidence, &lie);
    assert!(matches!(audit(&evidence), Err(Contradiction::Amount { .. })));
}

#[test]
fn another_order_in_one_height() {
    let (_, _, mut evidence) = fortune();
    let cut = cut_at(&evidence, opened(&evidence) + 1);
    // Dealt one by one as they stand in the block, not by their keys.
    let (mut taken, mut lie) = (Taken::none(7).unwrap(), Vec::new());
    for person in [6, 1, 3, 0, 7] {
        let height = claim(&mut evidence, person).height;
        let seed = seed_of(&evidence, height);
        let next = deal(&seed, evidence.id.as_bytes(), &cut, &taken, &[receive(person)]).unwrap();
        taken = next.taken.clone();
        lie.push(next);
    }
    write(&mut evidence, &lie);
    assert!(matches!(audit(&evidence), Err(Contradiction::Slot { .. })));
    // Lists that are none: the first twice, one without a way, a circle, a claim of elsewhere.
    let (_, _, honest) = fortune();
    for (person, before) in
        [(1, None), (6, Some(3)), (3, Some(6)), (3, Some(1)), (0, Some(1)), (6, Some(6))]
    {
        let mut evidence = honest.clone();
        claim(&mut evidence, person).before = before.map(receive);
        let height = claim(&mut evidence, person).height;
        assert_eq!(audit(&evidence), Err(Contradiction::Order(height)), "{person} {before:?}");
    }
}

#[test]
fn a_claim_that_is_dropped_or_made_up() {
    for kind in [PacketKind::Fortune, PacketKind::Password] {
        let (_, _, honest) = world(kind);
        let mut evidence = honest.clone();
        evidence.claims.insert(receive(6), None);
        for person in [2, 4, 5] {
            evidence.claims.insert(receive(person), None);
        }
        let dropped = Contradiction::Claims { counted: 5, found: 4 };
        assert_eq!(audit(&evidence), Err(dropped));
        // The packet forgets it too, and keeps or gives back the money.
        evidence.packet.left += 1;
        assert!(matches!(audit(&evidence), Err(Contradiction::Sum { .. })));
        let mut evidence = honest.clone();
        let own = *claim(&mut evidence, 1);
        evidence.claims.insert(receive(2), Some(Claim { wallet: payee(2).wallet, ..own }));
        let more = Contradiction::Claims { counted: 5, found: 6 };
        assert_eq!(audit(&evidence), Err(more));
    }
    // Dropped well: the sum is right, the list is mended, and the others are dealt as if.
    let (_, _, mut evidence) = fortune();
    let amount = paid(&mut evidence, 1).amount;
    evidence.claims.insert(receive(1), None);
    claim(&mut evidence, 6).before = Some(receive(3));
    (evidence.packet.left, evidence.packet.rest.0) = (3, evidence.packet.rest.0 + amount.0);
    assert!(matches!(audit(&evidence), Err(Contradiction::Slot { .. })));
}

#[test]
fn a_claim_paid_to_another_wallet() {
    let (_, _, mut evidence) = fortune();
    claim(&mut evidence, 3).wallet = payee(4).wallet;
    assert_eq!(audit(&evidence), Err(Contradiction::Wallet(receive(3))));
}

#[test]
fn members_that_the_card_does_not_name() {
    let (world, made, _) = fortune();
    let (packet, at) = (world.leaf(world.height(), &made), world.header(world.height()));
    let evidence = Evidence::new(made.id, packet, at, &payees(7)).unwrap();
    assert_eq!(audit(&evidence), Err(Contradiction::Members));
}

#[test]
fn draws_out_of_turn() {
    let (_, _, honest) = fortune();
    let opened = opened(&honest);
    let mut evidence = honest.clone();
    paid(&mut evidence, 1).height += 1;
    assert_eq!(audit(&evidence), Err(Contradiction::Turn(opened + 1)));
    let mut evidence = honest.clone();
    for person in [3, 1, 6] {
        paid(&mut evidence, person).height += 2;
    }
    assert_eq!(audit(&evidence), Err(Contradiction::Turn(opened + 2)));
    let mut evidence = honest.clone();
    for person in [3, 1, 6] {
        paid(&mut evidence, person).height -= 1;
    }
    let early =
        Contradiction::Early { height: opened + 1, paid: opened + 2, ready: Some(opened + 3) };
    assert_eq!(audit(&evidence), Err(early));
    // One height waits, and the next is dealt.
    let mut evidence = honest.clone();
    for person in [3, 1, 6] {
        evidence.packet.rest.0 += paid(&mut evidence, person).amount.0;
        claim(&mut evidence, person).paid = None;
    }
    evidence.packet.waiting = 3;
    assert_eq!(audit(&evidence), Err(Contradiction::Turn(opened + 2)));
    evidence.packet.waiting = 2;
    assert_eq!(audit(&evidence), Err(Contradiction::Waiting { counted: 2, found: 3 }));
}

#[test]
fn claims_at_other_heights() {
    let (_, _, honest) = fortune();
    let opened = opened(&honest);
    let mut evidence = honest.clone();
    claim(&mut evidence, 3).height = opened - 1;
    assert!(matches!(audit(&evidence), Err(Contradiction::Claim { .. })));
    let mut evidence = honest.clone();
    let paid_at = paid(&mut evidence, 3).height;
    claim(&mut evidence, 3).height = paid_at;
    assert!(matches!(audit(&evidence), Err(Contradiction::Claim { .. })));
    let mut evidence = honest.clone();
    evidence.packet.expires_ms = evidence.headers[&(opened + 2)].time_ms;
    assert!(
        matches!(audit(&evidence), Err(Contradiction::Claim { height, .. }) if height == opened + 2)
    );
    let (_, _, mut equal) = world(PacketKind::Ordinary);
    paid(&mut equal, 3).height += 1;
    assert!(matches!(audit(&equal), Err(Contradiction::Claim { .. })));
    paid(&mut equal, 3).height -= 1;
    paid(&mut equal, 3).slot = Some(0);
    assert!(matches!(audit(&equal), Err(Contradiction::Claim { .. })));
}

#[test]
fn money_that_went_back_too_soon_or_not_at_all() {
    let (mut world, made, honest) = fortune();
    let mut evidence = honest.clone();
    let rest = std::mem::take(&mut evidence.packet.rest);
    evidence.packet.returned = rest;
    assert!(matches!(audit(&evidence), Err(Contradiction::Packet(_))));
    evidence.packet.over = true;
    assert!(matches!(audit(&evidence), Err(Contradiction::Packet(_))), "before its time");
    world.time_ms += 200_000;
    world.blocks(1);
    let mut evidence = world.evidence(world.height(), &made);
    world.fill(&mut evidence, &made);
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))));
    evidence.packet.rest = std::mem::take(&mut evidence.packet.returned);
    assert!(matches!(audit(&evidence), Err(Contradiction::Packet(_))));
    evidence.packet.rest = Amount(1);
    assert!(matches!(audit(&evidence), Err(Contradiction::Packet(_))));
    evidence.packet.rest = Amount::ZERO;
    assert!(matches!(audit(&evidence), Err(Contradiction::Sum { .. })));
}

#[test]
fn an_equal_packet_keeps_what_does_not_divide() {
    let mut world = World::new(&[1; 4], 3);
    let made = world.packet(PacketKind::Ordinary, 1_002, 4 - 1);
    world.claims(&[0], &made);
    let made = world.packet(PacketKind::Ordinary, 1_001, 3);
    world.claims(&[0], &made);
    world.claims(&[1, 2], &made);
    let mut honest = world.evidence(world.height(), &made);
    world.fill(&mut honest, &made);
    assert!(matches!(audit(&honest), Ok(Audit::Agrees(_))));
    let amounts: Vec<_> = (0..3).map(|person| paid(&mut honest, person).amount.0).collect();
    assert_eq!(amounts, [333, 333, 335]);
    // The other of the last block may be the last as well, but not one of an earlier block.
    let mut evidence = honest.clone();
    (paid(&mut evidence, 1).amount.0, paid(&mut evidence, 2).amount.0) = (335, 333);
    assert!(matches!(audit(&evidence), Ok(Audit::Agrees(_))));
    (paid(&mut evidence, 0).amount.0, paid(&mut evidence, 1).amount.0) = (335, 333);
    assert!(matches!(audit(&evidence), Err(Contradiction::Amount { .. })));
    paid(&mut evidence, 0).amount.0 = 333;
    evidence.packet.rest = Amount(2);
    assert!(matches!(audit(&evidence), Err(Contradiction::Amount { .. })));
}

#[test]
fn beacons_of_others() {
    let (world, _, honest) = fortune();
    let opened = opened(&honest);
    // A beacon that its key did not make for this height.
    let mut evidence = honest.clone();
    let height = opened + 2;
    let chain = honest.at.chain;
    let previous = world.header(height - 1).beacon.output().unwrap();
    let input = Input { chain, height, previous };
    let (_, forged) = prove(&SecretKey::from_bytes([99; 32]), &input).unwrap();
    evidence.headers.get_mut(&height).unwrap().beacon = forged;
    assert!(matches!(audit(&evidence), Err(Contradiction::Beacon { .. })));
    // One whose turn it was not, with a proof of its own that holds.
    let mut evidence = honest.clone();
    let header = evidence.headers.get_mut(&height).unwrap();
    let other = world.sets[0].proposer(height, header.round + 1).unwrap();
    header.proposer = other.key;
    let number = (0..4).find(|n| SecretKey::from_bytes([n + 1; 32]).public() == other.beacon);
    let secret = SecretKey::from_bytes([number.unwrap() + 1; 32]);
    header.beacon = prove(&secret, &input).unwrap().1;
    let proposer = header.proposer;
    assert_eq!(audit(&evidence), Err(Contradiction::Proposer { height, proposer }));
    // After a failed round it is its turn, and the draw is another one.
    evidence.headers.get_mut(&height).unwrap().round = 1;
    let later = evidence.headers.range(height + 1..).map(|(height, _)| *height).collect::<Vec<_>>();
    assert!(
        matches!(audit(&evidence), Err(Contradiction::Beacon { height, .. }) if height == later[0])
    );
}

#[test]
fn a_stranger_in_the_order_of_keys_decides_nothing() {
    // The keys of the people are in no order of their numbers, or these tests would prove little.
    let keys: Vec<ReceiveKey> = (0..8).map(receive).collect();
    assert!(!keys.is_sorted());
}
