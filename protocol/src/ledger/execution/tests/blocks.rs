//! What a block costs and does besides its entries: beacons, draws in steps, fees, leaves touched.

use super::world::{World, fee_wallet, turns};
use crate::{
    draw::Shares,
    ledger::{
        Amount, PacketKind,
        execution::{Deed, Execution, execute},
        state::{Account, BlockBeacon, Books, Progress, WaitingHeight},
    },
    limits::{DRAW_CLAIM_STEPS, DRAW_PACKET_STEPS, DRAW_STEPS},
};

#[test]
fn fees_go_to_the_proposers_of_a_period_in_equal_parts_a_block() {
    let mut world = World::of_people(2);
    let fee = world.rules.fees.transfer.0;
    let sent: Vec<_> = (0..3).map(|_| world.transfer(0, 1, 1)).collect();
    world.block_of_valid(1, &sent);
    assert_eq!(turns(&world).iter().map(|turns| turns.1).collect::<Vec<_>>(), [1, 1]);
    world.block_of_valid(1, &[]);
    let (executed, _) = world.block_of_valid(2, &[]);
    let part = 3 * fee / 4;
    let of = fee_wallet;
    let mut expected = vec![(of(0), part), (of(1), 2 * part), (of(2), part)];
    expected.sort_unstable();
    let earned = executed.earned.iter().map(|deed| match deed {
        Deed::Earned { wallet, amount } => (*wallet, amount.0),
        other => panic!("{other:?}"),
    });
    let mut earned: Vec<_> = earned.collect();
    earned.sort_unstable();
    assert_eq!(earned, expected);
    assert_eq!(world.leaves.get::<Account>(&of(1)).unwrap().balance, Amount(2 * part));
    assert_eq!(turns(&world), []);
    let books = |world: &World| world.leaves.get::<Books>(&()).unwrap().fees.0;
    assert_eq!(books(&world), 3 * fee - 4 * part);
    // The next period is paid what the first could not divide, too.
    let sent = world.transfer(0, 1, 1);
    world.block_of_valid(3, &[sent]);
    for _ in 0..3 {
        world.block_of_valid(3, &[]);
    }
    let all = 3 * fee - 4 * part + fee;
    assert_eq!(books(&world), all % 4);
    assert_eq!(world.leaves.get::<Account>(&of(3)).unwrap().balance, Amount(all / 4 * 4));
}

#[test]
fn a_period_without_fees_pays_nobody() {
    let mut world = World::new(4);
    for _ in 0..9 {
        assert_eq!(world.block(&[]).earned, []);
    }
    assert_eq!(world.leaves.all::<Account>(), []);
}

#[test]
fn a_claim_touches_as_many_leaves_whatever_the_packet_holds() {
    for kind in [PacketKind::Ordinary, PacketKind::PasswordFortune] {
        let touched = |shares: u32, claimed: u16| {
            let mut world = World::of_people(1);
            let (id, members) = world.opened(0, kind, 1_000_000, shares, claimed + 1);
            let before: Vec<_> =
                (0..claimed).map(|person| world.claim(person, id, kind, &members)).collect();
            let last = world.claim(claimed, id, kind, &members);
            let context = world.context(world.turn());
            let mut execution = Execution::begin(&world.rules, &world.leaves, context).unwrap();
            for claim in &before {
                execution.apply(claim).unwrap().unwrap();
            }
            let written = {
                let with = [&before[..], std::slice::from_ref(&last)].concat();
                let count = |entries: &[_]| {
                    let executed = execute(&world.rules, &world.leaves, context, entries);
                    executed.unwrap().unwrap().changes.len()
                };
                count(&with) - count(&before)
            };
            world.leaves.reads.set(0);
            execution.apply(&last).unwrap().unwrap();
            (world.leaves.reads.get(), written)
        };
        let (reads, written) = touched(10, 5);
        assert_eq!(touched(1_000, 900), (reads, written), "{kind:?}");
        assert!(reads <= 4 && written <= 3, "{kind:?}: {reads} read, {written} written");
        // The first of its block begins the lists in which it waits.
        let (reads, written) = touched(1_000, 0);
        assert!(reads <= 6 && written <= 5, "{kind:?}: {reads} read, {written} written");
    }
}

#[test]
fn a_draw_waits_for_different_proposers() {
    let mut world = World::of_people(2);
    let kind = PacketKind::Fortune;
    let (id, members) = world.opened(0, kind, 1_000, 2, 2);
    let claim = world.claim(1, id, kind, &members);
    world.block_of_valid(0, &[claim]);
    for _ in 0..5 {
        let (executed, _) = world.block_of_valid(3, &[]);
        assert_eq!(executed.due, []);
    }
    assert_eq!(world.leaves.all::<BlockBeacon>().len(), 6, "all are kept, and the one that cut");
    let claim = world.claim(0, id, kind, &members);
    let (executed, _) = world.block_of_valid(2, &[claim]);
    assert_eq!(executed.due.len(), 1);
    let Progress { oldest, newest, .. } = world.leaves.get(&()).unwrap();
    assert_eq!((oldest, newest), (Some(world.height()), Some(world.height())));
    world.block(&[]);
    assert_eq!(world.leaves.all::<BlockBeacon>().len(), 2);
    world.settle(0);
}

#[test]
fn a_draw_waits_for_power_and_not_for_heads() {
    // Proposer 0 has 9 of 12, the others one each.
    let mut world = World::of_powers(&[9, 1, 1, 1]);
    let minted = world.mint(0, 100_000_000);
    world.block(&[minted]);
    let kind = PacketKind::Fortune;
    let (id, members) = world.opened(0, kind, 1_000, 3, 3);
    let claim = world.claim(1, id, kind, &members);
    world.block_of_valid(0, &[claim]);
    for by in [1, 2, 3] {
        assert_eq!(world.block_of_valid(by, &[]).0.due, [], "three of four may be faulty");
    }
    assert_eq!(world.block_of_valid(0, &[]).0.due.len(), 1);
    // Where the powers change, what was counted before is not counted on.
    let claim = world.claim(2, id, kind, &members);
    world.block_of_valid(0, &[claim]);
    assert_eq!(world.block_of_valid(1, &[]).0.due, []);
    world.change_powers(&[1, 1, 1, 1]);
    assert_eq!(world.block_of_valid(2, &[]).0.due, []);
    assert_eq!(world.block_of_valid(3, &[]).0.due.len(), 1);
}

#[test]
fn draws_that_are_too_much_for_one_block_go_on_in_the_next() {
    let mut world = World::of_people(1);
    let kind = PacketKind::Fortune;
    let many = DRAW_STEPS / 1_000 + 10;
    let one = super::world::members(1);
    let made: Vec<_> = (0..many).map(|_| world.create(0, kind, 1_000, 1_000)).collect();
    world.block(&made);
    let ids: Vec<_> = made.iter().map(|entry| entry.id()).collect();
    let opened: Vec<_> = ids.iter().map(|id| world.open(0, *id, kind, &one)).collect();
    world.block(&opened);
    let claims: Vec<_> = ids.iter().map(|id| world.claim(0, *id, kind, &one)).collect();
    world.block(&claims);
    world.block(&[]);
    let first = world.block(&[]).due.len();
    let each = 1_000 + DRAW_CLAIM_STEPS + DRAW_PACKET_STEPS;
    assert!(first < ids.len() && first as u32 == DRAW_STEPS / each, "{first}");
    let [WaitingHeight { seed, .. }] = world.leaves.all()[..] else { panic!("one waits") };
    assert!(seed.is_some(), "the seed is known and is kept");
    assert_eq!(first + world.block(&[]).due.len(), ids.len());
    assert!(ids.iter().all(|id| world.claimed(*id, 0).unwrap().paid.is_some()));
    assert_eq!(world.leaves.all::<Shares>().len(), ids.len(), "kept for the other claims");
    world.settle(200_000);
    assert_eq!(world.leaves.all::<Shares>(), []);
    assert_eq!(world.balance(0), 100_000_000 - u64::from(many) * world.rules.packet_fee(1_000).0);
}

#[test]
fn a_block_deals_no_more_claims_than_its_steps_allow() {
    const CLAIMS: u16 = 1_000;
    let mut world = World::of_people(1);
    let kind = PacketKind::Fortune;
    let all = super::world::members(CLAIMS);
    let made: Vec<_> = (0..5).map(|_| world.create(0, kind, 10_000, CLAIMS.into())).collect();
    world.block(&made);
    let ids: Vec<_> = made.iter().map(|entry| entry.id()).collect();
    let opened: Vec<_> = ids.iter().map(|id| world.open(0, *id, kind, &all)).collect();
    world.block(&opened);
    let people = || 0..CLAIMS;
    let claims = ids.iter().flat_map(|id| people().map(|by| (by, *id)));
    let claims: Vec<_> = claims.map(|(by, id)| world.claim(by, id, kind, &all)).collect();
    world.block(&claims);
    world.block(&[]);
    // Each writes two leaves: its own and its wallet's.
    let most = (DRAW_STEPS / DRAW_CLAIM_STEPS) as usize;
    let dealt: Vec<_> = (0..3).map(|_| world.block(&[]).due.len()).collect();
    assert!(dealt.iter().all(|dealt| *dealt <= most), "{dealt:?}");
    assert_eq!(dealt.iter().sum::<usize>(), claims.len());
}

#[test]
fn the_same_block_changes_the_same_leaves_wherever_it_is_executed() {
    let mut world = World::of_people(3);
    let (id, members) = world.opened(0, PacketKind::Fortune, 1_000, 3, 3);
    let mut entries = vec![world.transfer(0, 1, 7), world.transfer(1, 2, 8), world.mint(2, 9)];
    entries.extend((0..3).map(|by| world.claim(by, id, PacketKind::Fortune, &members)));
    let context = world.context(world.turn());
    // Another store, filled in another order, and entries read from their bytes.
    let other = super::world::Memory {
        leaves: world.leaves.leaves.clone().into_iter().rev().collect(),
        ..Default::default()
    };
    let read = entries.iter().map(|entry| {
        let bytes = entry.entry().to_bytes().unwrap();
        let entry = crate::ledger::Entry::from_bytes(&bytes).unwrap();
        entry.verify(super::world::CHAIN, &world.rules).unwrap()
    });
    let read: Vec<_> = read.collect();
    let here = execute(&world.rules, &world.leaves, context, &entries).unwrap().unwrap();
    let there = execute(&world.rules, &other, context, &read).unwrap().unwrap();
    assert_eq!(here, there);
    let hash = |executed: &super::super::Executed| {
        let mut hasher = blake3::Hasher::new();
        for (key, leaf) in &executed.changes {
            hasher.update(&key.0).update(leaf.as_deref().unwrap_or_default());
        }
        hasher.finalize().as_bytes().to_vec()
    };
    // What another build or machine comes to, too: the beacons, signatures and ids are fixed.
    crate::golden::check("ledger_changes", hash(&here));
}
