//! Time: who is too late by a millisecond, and what many expiries at once do.

use super::world::World;
use crate::ledger::{
    Amount, CreatePacket, Instruction, PacketKind,
    execution::{Deed, Refusal, pending},
    state::{Calendar, DueSecond, Transfer},
};

const START: u64 = 100_000_000;

#[test]
fn a_claim_at_the_expiry_is_too_late_and_one_before_it_is_not() {
    let mut world = World::of_people(2);
    let kind = PacketKind::Ordinary;
    let (id, members) = world.opened(0, kind, 1_000, 2, 2);
    let claim = world.claim(1, id, kind, &members);
    let expires_ms = world.packet(id).expires_ms;
    world.time_ms = expires_ms;
    let over = Refusal::Expired { id, expires_ms, time_ms: expires_ms };
    assert_eq!(world.refusal(&claim), over);
    world.time_ms = expires_ms - 1;
    assert_eq!(world.check(&claim), Ok(()));
    world.block(&[claim]);
    assert_eq!(world.balance(1), START + 500);
}

#[test]
fn a_packet_expires_under_a_claim_or_an_opening_of_the_same_block() {
    let mut world = World::of_people(2);
    let kind = PacketKind::Ordinary;
    let (id, members) = world.opened(0, kind, 1_000, 2, 2);
    let closed = world.create(0, kind, 1_000, 2);
    world.block(std::slice::from_ref(&closed));
    let claim = world.claim(1, id, kind, &members);
    let opening = world.open(0, closed.id(), kind, &members);
    world.time_ms += 200_000;
    for late in [claim, opening] {
        assert!(matches!(world.refusal(&late), Refusal::Expired { .. }));
    }
    assert_eq!(world.block(&[]).due.len(), 2);
    assert_eq!(world.packet(id).returned, Amount(1_000));
    // Nothing comes back twice.
    assert_eq!(world.settle(1_000_000), []);
    assert_eq!(world.balance(0), START - 2 * world.rules.packet_fee(2).0);
}

#[test]
fn a_transfer_at_the_expiry_is_neither_accepted_nor_declined() {
    let mut world = World::of_people(2);
    let sent = world.transfer(0, 1, 1_000);
    let id = sent.id();
    world.block(&[sent]);
    let expires_ms = world.leaves.get::<Transfer>(&id).unwrap().expires_ms;
    for time_ms in [expires_ms, expires_ms + 900] {
        world.time_ms = time_ms;
        let over = Refusal::Expired { id, expires_ms, time_ms };
        assert_eq!(world.refusal(&world.accept(1, id)), over);
        assert_eq!(world.refusal(&world.decline(1, id)), over);
    }
    world.time_ms = expires_ms - 1;
    let accepted = world.accept(1, id);
    assert_eq!(world.check(&accepted), Ok(()));
    world.block(&[accepted]);
}

#[test]
fn nothing_goes_back_before_its_time() {
    let mut world = World::of_people(2);
    world.time_ms += 137;
    let sent = world.transfer(0, 1, 1_000);
    let id = sent.id();
    world.block(&[sent]);
    let expires_ms = world.leaves.get::<Transfer>(&id).unwrap().expires_ms;
    assert_ne!(expires_ms % 1_000, 0);
    let due = pending(&world.leaves).unwrap().expiry_ms.unwrap();
    assert!((expires_ms..expires_ms + 1_000).contains(&due));
    world.time_ms = due - 1;
    assert_eq!(world.block(&[]).due, []);
    world.time_ms = due;
    assert_eq!(world.block(&[]).due, [Deed::Returned { transfer: id }]);
    assert_eq!(pending(&world.leaves).unwrap().expiry_ms, None);
}

#[test]
fn many_expiries_are_spread_over_blocks_and_none_is_lost() {
    let mut world = World::of_people(2);
    let kind = PacketKind::Ordinary;
    let sent: Vec<_> = (0..7).map(|_| world.transfer(0, 1, 1_000)).collect();
    let made: Vec<_> = (0..3).map(|_| world.create(0, kind, 1_000, 1)).collect();
    world.block(&sent);
    world.block(&made);
    let fees = 7 * world.rules.fees.transfer.0 + 3 * world.rules.packet_fee(1).0;
    let accepted = world.accept(1, sent[3].id());
    world.block(&[accepted]);
    world.time_ms += 500_000;
    let counts: Vec<_> = (0..4).map(|_| world.block(&[]).due.len()).collect();
    assert_eq!(counts, [3, 3, 3, 0], "one was accepted and is passed over");
    assert_eq!(world.balance(0), START - fees - 1_000);
    assert_eq!(world.leaves.all::<DueSecond>(), []);
    assert_eq!(world.leaves.all::<Calendar>(), [], "the calendar is empty again");
}

#[test]
fn the_calendar_leads_to_the_earliest_over_any_gap() {
    let mut world = World::of_people(1);
    world.rules.lifetimes.packet = 100 * 365 * 86_400_000;
    let lifetimes = [1, 999, 1_000, 63_000, 64_000, 4_096_000, 300_000_000, 2_000_000_000_000];
    let mut ids = Vec::new();
    for (at, lifetime_ms) in lifetimes.into_iter().enumerate().rev() {
        let entry = world.create(0, PacketKind::Ordinary, 100 + at as u64, 1);
        let Instruction::CreatePacket(body) = entry.instruction().clone() else { unreachable!() };
        let entry = world.signed(CreatePacket { lifetime_ms, ..*body }, 0);
        ids.push((entry.id(), 100 + at as u64));
        world.block(&[entry]);
    }
    ids.reverse();
    let mut told = Vec::new();
    while let Some(due) = pending(&world.leaves).unwrap().expiry_ms {
        world.time_ms = world.time_ms.max(due);
        told.extend(world.block(&[]).due);
    }
    // Two of those made last were over while the others were still made.
    assert_eq!([ids[1].0, ids[2].0].map(|id| world.packet(id).rest), [Amount::ZERO; 2]);
    let refunded = |(packet, amount)| Deed::Refunded { packet, amount: Amount(amount) };
    let order = ids[..1].iter().chain(&ids[3..]);
    assert_eq!(told, order.map(|id| refunded(*id)).collect::<Vec<_>>());
    assert_eq!(world.leaves.all::<Calendar>(), []);
}

#[test]
fn what_no_calendar_has_is_refused() {
    let mut world = World::of_people(1);
    for time_ms in [1_000 * Calendar::SECONDS - 50_000, u64::MAX - 70_000] {
        world.time_ms = time_ms;
        let sent = world.transfer(0, 1, 1);
        assert!(matches!(world.refusal(&sent), Refusal::TooFar(_)));
    }
    for time_ms in [1_000 * Calendar::SECONDS - 90_000, u64::MAX - 70_000] {
        let mut world = World::of_people(1);
        world.time_ms = time_ms;
        let packet = world.create(0, PacketKind::Ordinary, 1, 1);
        assert!(matches!(world.refusal(&packet), Refusal::TooFar(_)));
    }
}
