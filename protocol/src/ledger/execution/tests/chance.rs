//! Random operations of many people over many blocks, checked against what anybody can recompute.

use super::world::{ISSUER, KINDS, World, members, payee, receive, wallet};
use crate::{
    address::Address,
    beacon::{Contribution, fold},
    draw::{Shares, Taken, deal},
    keys::ReceiveKey,
    ledger::{
        Amount, EntryId, Members, PacketKind, ValidatorsHash, VerifiedEntry,
        execution::Deed,
        state::{
            Account, BlockBeacon, Books, Calendar, Claim, DueSecond, Packet, Paid, Transfer,
            TransferState, WaitingHeight, WaitingPacket,
        },
    },
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: u16 = 8;

#[derive(Debug, Clone)]
enum Op {
    Transfer { from: u16, to: u16, amount: u64 },
    Accept { by: u16, which: prop::sample::Index },
    Decline { by: u16, which: prop::sample::Index },
    Create { from: u16, kind: usize, amount: u64, count: u32 },
    Open { from: u16, which: prop::sample::Index, as_kind: usize },
    Claim { by: u16, which: prop::sample::Index, as_kind: usize },
    ClaimAll { which: prop::sample::Index },
    Mint { to: u16, amount: u64 },
    Burn { amount: u64 },
    Again { which: prop::sample::Index },
}

fn op() -> impl Strategy<Value = Op> {
    let person = || 0..PEOPLE;
    let which = any::<prop::sample::Index>;
    // A kind of 5 stands for the packet's own.
    let kind = || prop_oneof![5 => Just(5_usize), 1 => 0..5_usize];
    prop_oneof![
        4 => (person(), person(), prop_oneof![3 => 1_u64..9_000_000, 1 => 1_u64..60_000_000])
            .prop_map(|(from, to, amount)| Op::Transfer { from, to, amount }),
        4 => (person(), which()).prop_map(|(by, which)| Op::Accept { by, which }),
        2 => (person(), which()).prop_map(|(by, which)| Op::Decline { by, which }),
        4 => (person(), 0..5_usize, 1_u64..9_000_000, 1_u32..8)
            .prop_map(|(from, kind, amount, count)| Op::Create { from, kind, amount, count }),
        6 => (person(), which(), kind())
            .prop_map(|(from, which, as_kind)| Op::Open { from, which, as_kind }),
        6 => (person(), which(), kind())
            .prop_map(|(by, which, as_kind)| Op::Claim { by, which, as_kind }),
        3 => which().prop_map(|which| Op::ClaimAll { which }),
        1 => (person(), 1_u64..2_000_000_000).prop_map(|(to, amount)| Op::Mint { to, amount }),
        1 => (1_u64..2_000_000).prop_map(|amount| Op::Burn { amount }),
        1 => which().prop_map(|which| Op::Again { which }),
    ]
}

/// One block: who proposes it, how long after the one before, and what is tried in it.
type Turn = (u16, u64, Vec<Op>);

fn turn() -> impl Strategy<Value = Turn> {
    let wait = prop_oneof![6 => 1_u64..3_000, 1 => 20_000_u64..50_000];
    (0..4_u16, wait, prop::collection::vec(op(), 0..9))
}

/// What is made in the course of a test.
#[derive(Default)]
struct Made {
    transfers: Vec<(EntryId, u16)>,
    packets: Vec<(EntryId, u16, PacketKind)>,
    entries: Vec<VerifiedEntry>,
}

fn of(kind: PacketKind) -> Members {
    members(if kind == PacketKind::Exclusive { 1 } else { PEOPLE - 1 })
}

/// One of the last few: older ones are mostly settled.
fn recent<T>(made: &[T], which: prop::sample::Index) -> &T {
    let last = &made[made.len().saturating_sub(6)..];
    &last[which.index(last.len())]
}

impl Made {
    /// Signs what an operation asks for; often the rules refuse it.
    fn sign(&mut self, world: &mut World, op: &Op) -> Vec<VerifiedEntry> {
        let entries = match *op {
            Op::Transfer { from, to, amount } => {
                let entry = world.transfer(from, to, amount);
                self.transfers.push((entry.id(), to));
                vec![entry]
            }
            Op::Accept { by, which } | Op::Decline { by, which } => {
                if self.transfers.is_empty() {
                    return Vec::new();
                }
                let (id, to) = *recent(&self.transfers, which);
                // Mostly the payee.
                let by = if by < 2 { by } else { to };
                let accept = matches!(op, Op::Accept { .. });
                vec![if accept { world.accept(by, id) } else { world.decline(by, id) }]
            }
            Op::Create { from, kind, amount, count } => {
                let kind = KINDS[kind];
                let count = if kind == PacketKind::Exclusive { 1 } else { count };
                let entry = world.create(from, kind, amount.max(count.into()), count);
                self.packets.push((entry.id(), from, kind));
                vec![entry]
            }
            Op::Open { from, which, as_kind } => {
                if self.packets.is_empty() {
                    return Vec::new();
                }
                let (id, creator, kind) = *recent(&self.packets, which);
                let from = if from < 1 { from } else { creator };
                let kind = KINDS.get(as_kind).copied().unwrap_or(kind);
                vec![world.open(from, id, kind, &of(kind))]
            }
            Op::Claim { by, which, as_kind } => {
                if self.packets.is_empty() {
                    return Vec::new();
                }
                let (id, _, kind) = *recent(&self.packets, which);
                let kind = KINDS.get(as_kind).copied().unwrap_or(kind);
                vec![world.claim(by, id, kind, &of(kind))]
            }
            Op::ClaimAll { which } => {
                if self.packets.is_empty() {
                    return Vec::new();
                }
                let (id, _, kind) = *recent(&self.packets, which);
                let all = of(kind);
                (0..PEOPLE).rev().map(|by| world.claim(by, id, kind, &all)).collect()
            }
            Op::Mint { to, amount } => vec![world.mint(to, amount)],
            Op::Burn { amount } => vec![world.burn(amount)],
            Op::Again { which } => {
                if self.entries.is_empty() {
                    return Vec::new();
                }
                vec![self.entries[which.index(self.entries.len())].clone()]
            }
        };
        self.entries.extend(entries.iter().cloned());
        entries
    }
}

/// All that a run told, in order.
#[derive(Default)]
struct Told {
    due: Vec<Deed>,
    entries: Vec<(u64, Deed)>,
    earned: Vec<Deed>,
    fees: u64,
    burned: u64,
    minted: BTreeMap<Address, u64>,
}

impl Told {
    fn take(&mut self, world: &World, executed: super::super::Executed) {
        let height = world.height();
        for deed in &executed.entries {
            match deed {
                Deed::Minted { wallet, amount } => {
                    *self.minted.entry(*wallet).or_default() += amount.0;
                }
                Deed::Burned { amount } => self.burned += amount.0,
                Deed::Sent { .. } => self.fees += world.rules.fees.transfer.0,
                Deed::Created { packet } => {
                    self.fees += world.rules.packet_fee(world.packet(*packet).count).0;
                }
                _ => {}
            }
            self.entries.push((height, *deed));
        }
        self.due.extend(executed.due);
        self.earned.extend(executed.earned);
    }
}

fn run(turns: &[Turn]) -> (World, Made, Told) {
    let mut world = World::of_people(PEOPLE);
    let mut told = Told::default();
    for person in 0..PEOPLE {
        told.minted.insert(wallet(person), 100_000_000);
    }
    let mut made = Made::default();
    // Some for the issuer, whose wallet is the treasury.
    let treasury = world.mint(ISSUER / 2, 5_000_000);
    let executed = world.block(&[treasury]);
    told.take(&world, executed);
    for (by, wait, ops) in turns {
        world.time_ms += wait - 1;
        let entries: Vec<_> = ops.iter().flat_map(|op| made.sign(&mut world, op)).collect();
        let (executed, _) = world.block_of_valid(*by, &entries);
        told.take(&world, executed);
    }
    world.time_ms += 200_000;
    for _ in 0..200 {
        let executed = world.block(&[]);
        let idle = executed.due.is_empty();
        told.take(&world, executed);
        let pending = crate::ledger::execution::pending(&world.leaves).unwrap();
        if idle && !pending.draws && pending.expiry_ms.is_none() {
            return (world, made, told);
        }
    }
    panic!("it never settles")
}

/// What every wallet has to have, from the transfers, packets and claims that the state keeps.
fn expected(world: &World, made: &Made, told: &Told) -> BTreeMap<Address, i128> {
    let mut have = BTreeMap::<Address, i128>::new();
    let mut give = |wallet: Address, amount: i128| *have.entry(wallet).or_default() += amount;
    for (wallet, amount) in &told.minted {
        give(*wallet, i128::from(*amount));
    }
    give(wallet(ISSUER / 2), -i128::from(told.burned));
    for (id, _) in &made.transfers {
        let Some(leaf) = world.leaves.get::<Transfer>(id) else { continue };
        give(leaf.from, -i128::from(world.rules.fees.transfer.0));
        if let TransferState::Accepted { .. } = leaf.state {
            give(leaf.from, -i128::from(leaf.amount.0));
            give(leaf.payee.wallet, i128::from(leaf.amount.0));
        }
    }
    for (id, _, _) in &made.packets {
        let Some(leaf) = world.leaves.get::<Packet>(id) else { continue };
        give(leaf.from, -i128::from(world.rules.packet_fee(leaf.count).0));
        for person in 0..PEOPLE {
            let Some(claim) = world.claimed(*id, person) else { continue };
            let paid = i128::from(claim.paid.expect("all is settled").amount.0);
            give(claim.wallet, paid);
            give(leaf.from, -paid);
        }
    }
    for deed in &told.earned {
        let Deed::Earned { wallet, amount } = deed else { panic!("{deed:?}") };
        give(*wallet, i128::from(amount.0));
    }
    have
}

/// Draws again what the headers and the claims of one packet say.
fn drawn_again(world: &World, told: &Told, id: EntryId) -> BTreeMap<ReceiveKey, (u64, u32)> {
    let packet = world.packet(id);
    let opened = packet.opening.unwrap().height;
    let first = world.headers[opened as usize].1;
    let shares = Shares::draw(&first, id.as_bytes(), packet.amount.0, packet.count).unwrap();
    let mut claims = BTreeMap::<u64, Vec<ReceiveKey>>::new();
    for (height, deed) in &told.entries {
        if let Deed::Waits { packet, claimer } = deed
            && *packet == id
        {
            claims.entry(*height).or_default().push(*claimer);
        }
    }
    let mut taken = Taken::none(packet.count).unwrap();
    let mut got = BTreeMap::new();
    for (height, claimers) in claims {
        let after = world.headers.iter().zip(1..).skip(height as usize);
        let after = after.map(|((proposer, beacon), height)| Contribution {
            height,
            proposer: *proposer,
            power: 1,
            total: world.validators.into(),
            validators: ValidatorsHash([0; 32]),
            beacon: *beacon,
        });
        let seed = fold(height, after).unwrap().unwrap().seed;
        let deal = deal(&seed, id.as_bytes(), &shares, &taken, &claimers).unwrap();
        got.extend(deal.drawn.iter().map(|drawn| (drawn.claimer, (drawn.amount, drawn.slot))));
        taken = deal.taken;
    }
    got
}

fn check(world: &World, made: &Made, told: &Told) -> Result<(), TestCaseError> {
    // All that was in between is back or paid.
    let books: Books = world.leaves.get(&()).unwrap();
    prop_assert_eq!((books.transfers, books.packets), (Amount::ZERO, Amount::ZERO));
    let earned: u64 = told
        .earned
        .iter()
        .map(|deed| match deed {
            Deed::Earned { amount, .. } => amount.0,
            _ => 0,
        })
        .sum();
    prop_assert_eq!(books.fees.0, told.fees - earned);
    let have = expected(world, made, told);
    for (wallet, balance) in &have {
        let account = world.leaves.get::<Account>(wallet).unwrap_or_default();
        prop_assert_eq!(i128::from(account.balance.0), *balance);
    }
    // Nobody got two shares of one packet, and no packet paid more than it had.
    let mut paid = BTreeSet::new();
    let entries = told.entries.iter().map(|(_, deed)| deed);
    for deed in told.due.iter().chain(entries) {
        if let Deed::Paid { packet, claimer, .. } = deed {
            prop_assert!(paid.insert((*packet, *claimer)), "{} twice", claimer);
        }
    }
    for (id, _, kind) in &made.packets {
        let Some(packet) = world.leaves.get::<Packet>(id) else { continue };
        let claims = (0..PEOPLE).filter_map(|person| Some((person, world.claimed(*id, person)?)));
        let claims: Vec<(u16, Claim)> = claims.collect();
        let sum: u64 = claims.iter().map(|(_, claim)| claim.paid.unwrap().amount.0).sum();
        prop_assert_eq!(sum + packet.returned.0, packet.amount.0, "every unit is somewhere");
        prop_assert_eq!(claims.len() as u32 + packet.left, packet.count);
        if kind.is_drawn() && !claims.is_empty() {
            let again = drawn_again(world, told, *id);
            prop_assert_eq!(again.len(), claims.len());
            for (person, claim) in claims {
                let (amount, slot) = again[&receive(person)];
                let Paid { amount: was, slot: of, .. } = claim.paid.unwrap();
                prop_assert_eq!((was.0, of), (amount, Some(slot)));
                prop_assert_eq!(claim.wallet, payee(person).wallet);
            }
        }
    }
    // Nothing is left of what waited, but for the beacons that cut.
    prop_assert!(world.leaves.all::<WaitingHeight>().is_empty());
    prop_assert!(world.leaves.all::<WaitingPacket>().is_empty());
    prop_assert!(world.leaves.all::<Shares>().is_empty());
    prop_assert!(world.leaves.all::<Taken>().is_empty());
    prop_assert!(world.leaves.all::<DueSecond>().is_empty());
    prop_assert!(world.leaves.all::<Calendar>().is_empty());
    prop_assert!(world.leaves.all::<BlockBeacon>().iter().all(|beacon| beacon.cuts));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_people_try_no_unit_is_lost_or_made(turns in prop::collection::vec(turn(), 1..24)) {
        let (world, made, told) = run(&turns);
        check(&world, &made, &told)?;
        // Another process comes to the same bytes.
        let (again, _, _) = run(&turns);
        prop_assert_eq!(&world.leaves.leaves, &again.leaves.leaves);
    }
}

/// The property above is worth something only if what it tries is often done.
#[test]
fn a_long_run_does_everything() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let turns = prop::collection::vec(turn(), 120..121).new_tree(&mut runner).unwrap().current();
    let (world, made, told) = run(&turns);
    check(&world, &made, &told).unwrap();
    let deeds: Vec<_> =
        told.entries.iter().map(|(_, deed)| *deed).chain(told.due.iter().copied()).collect();
    let did = |what: &dyn Fn(&Deed) -> bool| deeds.iter().filter(|each| what(each)).count();
    assert!(did(&|deed| matches!(deed, Deed::Accepted { .. })) > 2);
    assert!(did(&|deed| matches!(deed, Deed::Declined { .. })) > 0);
    assert!(did(&|deed| matches!(deed, Deed::Returned { .. })) > 2);
    assert!(did(&|deed| matches!(deed, Deed::Refunded { .. })) > 2);
    assert!(did(&|deed| matches!(deed, Deed::Waits { .. })) > 5);
    assert!(did(&|deed| matches!(deed, Deed::Paid { .. })) > 10);
    assert!(did(&|deed| matches!(deed, Deed::Minted { .. })) > 2);
    assert!(did(&|deed| matches!(deed, Deed::Burned { .. })) > 0);
    assert!(told.earned.len() > 10);
}
