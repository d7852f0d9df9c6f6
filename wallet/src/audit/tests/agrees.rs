//! What was done by the rules is found right.

use super::world::{Made, World, payee, receive};
use crate::audit::{Audit, Findings};
use magpie_protocol::{
    keys::ReceiveKey,
    ledger::{Amount, PacketKind},
};
use std::collections::BTreeMap;

/// Checks that findings say what the leaves at their height say.
pub(super) fn says_what_leaves_say(world: &World, made: &Made, findings: &Findings) {
    let height = findings.height;
    let mut found = BTreeMap::<ReceiveKey, (Amount, Option<u32>, u64, u64)>::new();
    for dealt in &findings.deals {
        for share in &dealt.shares {
            let got = (share.amount, share.slot, dealt.height, dealt.paid);
            assert_eq!(found.insert(share.claimer, got), None);
        }
    }
    let mut waiting = 0;
    for person in 0..made.people {
        let claim = world.claimed(height, made, receive(person));
        let paid = claim.and_then(|claim| claim.paid.map(|paid| (claim, paid)));
        let expected =
            paid.map(|(claim, paid)| (paid.amount, paid.slot, claim.height, paid.height));
        assert_eq!(found.remove(&receive(person)), expected, "person {person}");
        waiting += u32::from(claim.is_some_and(|claim| claim.paid.is_none()));
    }
    assert!(found.is_empty());
    assert_eq!(findings.waiting.iter().map(|waiting| waiting.claims).sum::<u32>(), waiting);
    let packet = world.leaf(height, made);
    assert_eq!((findings.rest, findings.returned), (packet.rest, packet.returned));
}

#[test]
fn a_fortune_packet_is_drawn_again() {
    let mut world = World::new(&[1; 4], 9);
    let made = world.packet(PacketKind::Fortune, 10_000, 6);
    let opened = world.height();
    assert_eq!(world.audit(opened, &made).map(|audit| matches!(audit, Audit::Agrees(_))), Ok(true));
    world.claims(&[3, 1], &made);
    world.claims(&[7, 0, 5], &made);
    let Ok(Audit::Waiting(findings)) = world.audit(world.height(), &made) else { panic!() };
    let waits: Vec<_> = findings.waiting.iter().map(|wait| (wait.height, wait.ready)).collect();
    assert_eq!(waits, [(opened + 1, None), (opened + 2, None)]);
    world.blocks(1);
    let Ok(Audit::Waiting(findings)) = world.audit(world.height(), &made) else { panic!() };
    assert_eq!((findings.deals.len(), findings.waiting.len()), (1, 1));
    says_what_leaves_say(&world, &made, &findings);
    world.blocks(1);
    // A claim that comes later is not counted under an earlier header.
    let height = world.height();
    world.claims(&[2], &made);
    world.blocks(5);
    let Ok(Audit::Agrees(findings)) = world.audit(height, &made) else { panic!() };
    says_what_leaves_say(&world, &made, &findings);
    let Ok(Audit::Agrees(findings)) = world.audit(world.height(), &made) else { panic!() };
    says_what_leaves_say(&world, &made, &findings);
    let cut = findings.cut.unwrap();
    assert_eq!((cut.beacon.height, cut.slots.iter().sum::<u64>()), (opened + 1, 10_000));
    assert_eq!(cut.beacon.proof, world.header(opened + 1).beacon);
    let [first, second, third] = &findings.deals[..] else { panic!("three heights") };
    let order: Vec<_> = second.shares.iter().map(|share| share.claimer).collect();
    assert_eq!(order, [receive(7), receive(0), receive(5)], "as they stand in the block");
    assert!(second.shares.iter().all(|share| share.wallet != payee(3).wallet));
    assert_eq!((first.height, first.paid), (opened + 1, opened + 3));
    let fold = third.fold.as_ref().unwrap();
    let folded: Vec<_> = fold.beacons.iter().map(|next| next.height).collect();
    assert_eq!((fold.ready, folded), (third.height + 2, vec![third.height + 1, third.height + 2]));
}

#[test]
fn every_kind_is_right_before_and_after_its_time() {
    let kinds = [
        PacketKind::Ordinary,
        PacketKind::Fortune,
        PacketKind::Exclusive,
        PacketKind::Password,
        PacketKind::PasswordFortune,
    ];
    for kind in kinds {
        for claims in 0..=3_u16 {
            let exclusive = kind == PacketKind::Exclusive;
            let count = if exclusive { 1 } else { 3 };
            let mut world = World::new(&[1; 4], 4);
            let made = world.packet(kind, 1_001, count);
            let claims: Vec<_> = (0..claims.min(if exclusive { 1 } else { 3 })).collect();
            world.claims(&claims, &made);
            world.blocks(3);
            let height = world.height();
            world.time_ms += 200_000;
            world.blocks(1);
            for height in [height, world.height()] {
                let Ok(Audit::Agrees(findings)) = world.audit(height, &made) else {
                    panic!("{kind:?}")
                };
                says_what_leaves_say(&world, &made, &findings);
            }
            let back = world.leaf(world.height(), &made).returned;
            assert_eq!(back == Amount::ZERO, claims.len() == count as usize, "{kind:?}");
        }
    }
}

#[test]
fn power_failed_rounds_and_a_new_set_decide_when() {
    let mut world = World::new(&[6, 1, 1, 4], 4);
    let made = world.packet(PacketKind::Fortune, 500, 4);
    world.claims(&[0, 1], &made);
    world.round = 2;
    world.blocks(1);
    world.change_powers(&[1, 5, 1, 1, 1]);
    world.round = 1;
    world.claims(&[3], &made);
    world.blocks(8);
    let Ok(Audit::Agrees(findings)) = world.audit(world.height(), &made) else { panic!() };
    says_what_leaves_say(&world, &made, &findings);
}

#[test]
fn a_packet_that_is_not_open_yet_is_nobodys() {
    let mut world = World::new(&[1], 2);
    let made = world.packet(PacketKind::Fortune, 500, 2);
    // Under the header before the one that opened it.
    let created = world.height() - 1;
    assert!(matches!(world.audit(created, &made), Ok(Audit::Agrees(_))));
}

#[test]
fn a_draw_may_come_late() {
    // As if blocks had been too full for it: all is the same but the height.
    let mut world = World::new(&[1; 4], 4);
    let made = world.packet(PacketKind::Fortune, 500, 3);
    world.claims(&[2, 1], &made);
    world.claims(&[3], &made);
    world.blocks(30);
    let mut evidence = world.evidence(world.height(), &made);
    world.fill(&mut evidence, &made);
    let Ok(Audit::Agrees(soon)) = crate::audit::audit(&evidence) else { panic!() };
    for claim in evidence.claims.values_mut().flatten() {
        claim.paid.as_mut().unwrap().height = 25;
    }
    world.fill(&mut evidence, &made);
    let Ok(Audit::Agrees(late)) = crate::audit::audit(&evidence) else { panic!() };
    for (soon, late) in soon.deals.iter().zip(&late.deals) {
        assert_eq!((&soon.shares, &soon.fold, late.paid), (&late.shares, &late.fold, 25));
    }
}
