//! Packets of every kind, from their creation to the last unit.

use super::world::{KINDS, World, members, payee, wallet};
use crate::{
    draw::{Shares, Taken},
    ledger::{
        Amount, CreatePacket, EntryId, Instruction, Members, OpenPacket, PacketKind,
        execution::{Deed, Refusal, pending},
        state::{BlockBeacon, Packet, Paid, WaitingHeight, WaitingPacket},
    },
};

const START: u64 = 100_000_000;

#[test]
fn an_ordinary_packet_pays_equal_shares_and_the_rest_to_the_last() {
    let mut world = World::of_people(3);
    let fee = world.rules.packet_fee(3).0;
    let kind = PacketKind::Ordinary;
    let (id, members) = world.opened(0, kind, 1_000, 3, 3);
    assert_eq!(world.balance(0), START - 1_000 - fee);
    for (person, share) in [(1, 333), (2, 333), (0, 334)] {
        let claim = world.claim(person, id, kind, &members);
        let executed = world.block(&[claim]);
        let (claimer, amount) = (payee(person).receive, Amount(share));
        assert_eq!(executed.entries, [Deed::Paid { packet: id, claimer, amount }]);
        let paid = Some(Paid { amount, slot: None, height: world.height() });
        assert_eq!(world.claimed(id, person).unwrap().paid, paid);
    }
    assert_eq!(world.balance(1), START + 333);
    assert_eq!(world.balance(0), START - 1_000 - fee + 334);
    let Packet { left, rest, .. } = world.packet(id);
    assert_eq!((left, rest), (0, Amount::ZERO));
    assert_eq!(world.settle(200_000), [], "nothing is left to give back");
}

#[test]
fn an_exclusive_packet_is_for_one() {
    let mut world = World::of_people(3);
    let kind = PacketKind::Exclusive;
    let created = world.create(0, kind, 1_000, 1);
    let id = created.id();
    world.block(&[created]);
    // Opened for more than one it would be exclusive to nobody.
    let opening = world.open(0, id, kind, &members(3));
    assert_eq!(world.refusal(&opening), Refusal::Opening { packet: id, kind });
    let one = Members::new(&[payee(2)]).unwrap();
    let opening = world.open(0, id, kind, &one);
    world.block(&[opening]);
    let path = one.path(&payee(2)).unwrap();
    let stolen = crate::ledger::ClaimPacket { packet: id, payee: payee(1), path, word: None };
    let stolen = world.signed(stolen, 3);
    let receive = payee(1).receive;
    assert_eq!(world.refusal(&stolen), Refusal::NotMember { packet: id, receive });
    let claim = world.claim(2, id, kind, &one);
    world.block(&[claim]);
    assert_eq!(world.balance(2), START + 1_000);
}

#[test]
fn a_word_is_asked_of_the_kinds_that_have_one_and_of_no_other() {
    let mut world = World::of_people(3);
    for kind in KINDS {
        let created = world.create(0, kind, 1_000, 1);
        let id = created.id();
        world.block(&[created]);
        let of = if kind == PacketKind::Exclusive { members(1) } else { members(3) };
        let other = if kind.has_word() { PacketKind::Ordinary } else { PacketKind::Password };
        let opening = world.open(0, id, other, &of);
        assert_eq!(world.refusal(&opening), Refusal::Opening { packet: id, kind });
        let opening = world.open(0, id, kind, &of);
        world.block(&[opening]);
        let claim = world.claim(0, id, other, &of);
        assert_eq!(world.refusal(&claim), Refusal::Word(id));
        let claim = world.claim(0, id, kind, &of);
        world.block(&[claim]);
        assert!(world.claimed(id, 0).is_some());
    }
}

#[test]
fn a_fortune_claim_takes_a_slot_and_is_drawn_when_its_seed_is_folded() {
    let mut world = World::of_people(4);
    let kind = PacketKind::Fortune;
    let (id, members) = world.opened(0, kind, 1_000, 3, 4);
    let claims = [1, 2].map(|person| world.claim(person, id, kind, &members));
    let executed = world.block(&claims);
    let height = world.height();
    let claimer = payee(1).receive;
    assert_eq!(executed.entries[0], Deed::Waits { packet: id, claimer });
    let Packet { left, waiting, rest, .. } = world.packet(id);
    assert_eq!((left, waiting, rest), (1, 2, Amount(1_000)), "a slot is taken, and no money");
    assert_eq!(world.claimed(id, 1).unwrap().paid, None);
    assert!(pending(&world.leaves).unwrap().draws);
    assert_eq!(world.block(&[]).due, [], "one proposer of four is not enough");
    let drawn = world.block(&[]).due;
    assert_eq!(drawn.len(), 2, "h + f + 1");
    assert_eq!(world.height(), height + 2);
    let paid = [1, 2].map(|person| world.claimed(id, person).unwrap().paid.unwrap());
    assert_ne!(paid[0].slot, paid[1].slot);
    assert!(paid.iter().all(|paid| paid.height == height + 2 && paid.amount.0 > 0));
    let Packet { left, waiting, rest, .. } = world.packet(id);
    assert_eq!((left, waiting), (1, 0));
    assert_eq!(rest.0, 1_000 - paid[0].amount.0 - paid[1].amount.0);
    assert_eq!(world.balance(1), START + paid[0].amount.0);
    // The last share is drawn too, and is the rest.
    let claim = world.claim(3, id, kind, &members);
    world.block(&[claim]);
    world.block(&[]);
    world.block(&[]);
    let last = world.claimed(id, 3).unwrap().paid.unwrap().amount;
    assert_eq!(last, rest);
    assert_eq!(world.packet(id).rest, Amount::ZERO);
}

#[test]
fn a_draw_leaves_no_leaf_of_its_own() {
    let mut world = World::of_people(4);
    let kind = PacketKind::PasswordFortune;
    let (id, members) = world.opened(0, kind, 1_000, 2, 4);
    for person in [1, 2] {
        let claim = world.claim(person, id, kind, &members);
        world.block(&[claim]);
    }
    world.block(&[]);
    assert_eq!(world.leaves.all::<Shares>().len(), 1);
    world.block(&[]);
    assert_eq!(world.leaves.all::<Shares>(), []);
    assert_eq!(world.leaves.all::<Taken>(), []);
    assert_eq!(world.leaves.all::<WaitingHeight>(), []);
    assert_eq!(world.leaves.all::<WaitingPacket>(), []);
    world.block(&[]);
    let kept = world.leaves.all::<BlockBeacon>();
    assert!(matches!(&kept[..], [BlockBeacon { cuts: true, .. }]), "the one that cut: {kept:?}");
}

#[test]
fn a_single_validator_draws_at_the_next_height() {
    let mut world = World::new(1);
    let minted = world.mint(0, START);
    world.block(&[minted]);
    let (id, members) = world.opened(0, PacketKind::Fortune, 1_000, 1, 1);
    let claim = world.claim(0, id, PacketKind::Fortune, &members);
    world.block(&[claim]);
    world.block(&[]);
    assert_eq!(world.claimed(id, 0).unwrap().paid.unwrap().amount, Amount(1_000));
}

#[test]
fn a_packet_is_opened_once_by_its_creator_and_claimed_after_that() {
    let mut world = World::of_people(3);
    let kind = PacketKind::Ordinary;
    let created = world.create(0, kind, 1_000, 2);
    let id = created.id();
    let (all, fewer) = (members(3), members(2));
    let opening = world.open(0, id, kind, &all);
    assert_eq!(world.refusal(&opening), Refusal::NoPacket(id));
    let early = world.claim(1, id, kind, &all);
    assert_eq!(world.refusal(&early), Refusal::NoPacket(id));
    world.block(&[created]);
    assert_eq!(world.refusal(&early), Refusal::NotOpen(id));
    let stranger = world.open(1, id, kind, &all);
    let receive = payee(1).receive;
    assert_eq!(world.refusal(&stranger), Refusal::NotCreator { packet: id, receive });
    // Open and claim may stand in one block.
    world.block(&[opening.clone(), early]);
    assert_eq!(world.refusal(&opening), Refusal::Open(id));
    let narrowed = world.open(0, id, kind, &fewer);
    assert_eq!(world.refusal(&narrowed), Refusal::Open(id));
}

#[test]
fn what_nobody_claims_comes_back_to_the_unit() {
    for kind in KINDS {
        let mut world = World::of_people(4);
        let count = if kind == PacketKind::Exclusive { 1 } else { 3 };
        let fee = world.rules.packet_fee(count).0;
        let of = if kind == PacketKind::Exclusive { 1 } else { 4 };
        // One that is never opened, one that nobody claims, and one that is claimed from.
        let closed = world.create(0, kind, 1_000, count);
        world.block(std::slice::from_ref(&closed));
        let (open, _) = world.opened(0, kind, 1_000, count, of);
        let (claimed, members) = world.opened(0, kind, 1_000, count, of);
        let claim = world.claim(0, claimed, kind, &members);
        world.block(&[claim]);
        world.settle(200_000);
        let returned = |id: EntryId| world.packet(id).returned.0;
        assert_eq!((returned(closed.id()), returned(open)), (1_000, 1_000));
        let paid = world.claimed(claimed, 0).unwrap().paid.unwrap().amount.0;
        assert_eq!(returned(claimed), 1_000 - paid, "{kind:?}");
        assert_eq!(world.balance(0), START - 3 * fee);
        assert_eq!(wallet(0), world.packet(open).from);
    }
}

#[test]
fn a_draw_that_waits_when_the_time_is_over_is_drawn_before_the_rest_goes_back() {
    let mut world = World::of_people(4);
    let kind = PacketKind::Fortune;
    let (id, members) = world.opened(0, kind, 1_000, 3, 4);
    world.time_ms = world.packet(id).expires_ms - 1;
    let claim = world.claim(1, id, kind, &members);
    world.block(&[claim]);
    world.time_ms += 5_000;
    assert_eq!(world.block(&[]).due, [], "over, but the draw is not due");
    let Packet { over, rest, returned, .. } = world.packet(id);
    assert_eq!((over, rest, returned), (true, Amount(1_000), Amount::ZERO));
    let due = world.block(&[]).due;
    let paid = world.claimed(id, 1).unwrap().paid.unwrap().amount;
    let claimer = payee(1).receive;
    let back = Amount(1_000 - paid.0);
    let expected = [
        Deed::Paid { packet: id, claimer, amount: paid },
        Deed::Refunded { packet: id, amount: back },
    ];
    assert_eq!(due, expected);
    assert_eq!(world.packet(id).returned, back);
    assert_eq!(world.leaves.all::<Shares>(), []);
}

#[test]
fn a_packet_made_for_some_is_opened_for_nobody_else() {
    let mut world = World::of_people(3);
    for kind in KINDS {
        let count = if kind == PacketKind::Exclusive { 1 } else { 2 };
        let created = world.create(0, kind, 1_000, count);
        let Instruction::CreatePacket(body) = created.instruction() else { unreachable!() };
        let people =
            |people: &[u16]| Members::new(&people.iter().map(|p| payee(*p)).collect::<Vec<_>>());
        let (own, other) = match kind {
            PacketKind::Exclusive => (people(&[1]).unwrap(), people(&[2]).unwrap()),
            _ => (people(&[0, 1]).unwrap(), people(&[0, 1, 2]).unwrap()),
        };
        let created = world.signed(CreatePacket { members: Some(own.head()), ..**body }, 0);
        let id = created.id();
        world.block(&[created]);
        let stolen = world.open(0, id, kind, &other);
        assert_eq!(world.refusal(&stolen), Refusal::Members(id));
        // The same root with another number is other members too.
        let Instruction::OpenPacket(body) = world.open(0, id, kind, &own).instruction().clone()
        else {
            unreachable!()
        };
        if kind != PacketKind::Exclusive {
            let more = world.signed(OpenPacket { count: body.count + 1, ..*body }, 1);
            assert_eq!(world.refusal(&more), Refusal::Members(id));
        }
        let opening = world.open(0, id, kind, &own);
        world.block(&[opening]);
        let claim = world.claim(1, id, kind, &own);
        world.block(&[claim]);
    }
}

#[test]
fn a_packet_whose_last_draw_leaves_nothing_tells_of_no_refund() {
    let mut world = World::of_people(2);
    let kind = PacketKind::Fortune;
    let (id, members) = world.opened(0, kind, 1_000, 2, 2);
    world.time_ms = world.packet(id).expires_ms - 1;
    let claims = [0, 1].map(|person| world.claim(person, id, kind, &members));
    world.block(&claims);
    world.time_ms += 5_000;
    assert_eq!(world.block(&[]).due, []);
    assert!(world.packet(id).over);
    let due = world.block(&[]).due;
    assert_eq!(due.len(), 2);
    assert!(due.iter().all(|deed| matches!(deed, Deed::Paid { .. })), "{due:?}");
    let Packet { rest, returned, .. } = world.packet(id);
    assert_eq!((rest, returned), (Amount::ZERO, Amount::ZERO));
    assert_eq!(world.leaves.all::<Shares>(), []);
    assert_eq!(world.leaves.all::<Taken>(), []);
}
