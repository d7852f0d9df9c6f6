//! Money that comes from nowhere is noticed: each bug is planted here, and has to be caught.

use super::world::{Broken, Memory, World, wallet};
use crate::ledger::{
    Amount, EntryId, PacketKind,
    execution::{Execution, Fault, fees, money, overlay::Overlay},
    state::{Account, Books, FeeTurns, Leaf, Packet, Progress, Transfer, TransferState},
};

/// Ends a block in which a rule did something wrong.
fn after(
    world: &World,
    bug: impl FnOnce(&mut Overlay<'_, Memory>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let context = world.context(world.turn());
    let mut execution = Execution::begin(&world.rules, &world.leaves, context).unwrap();
    bug(&mut execution.state)?;
    execution.finish().map(|_| ())
}

fn busy() -> (World, EntryId, EntryId) {
    let mut world = World::of_people(3);
    let sent = world.transfer(0, 1, 1_000);
    world.block(std::slice::from_ref(&sent));
    let (packet, members) = world.opened(0, PacketKind::Ordinary, 1_000, 3, 3);
    let claim = world.claim(1, packet, PacketKind::Ordinary, &members);
    let later = world.transfer(0, 2, 2_000);
    world.block(&[claim, later]);
    (world, sent.id(), packet)
}

#[test]
fn an_honest_block_adds_up() {
    assert_eq!(after(&busy().0, |_| Ok(())), Ok(()));
}

#[test]
fn money_given_without_being_taken_stops_the_node() {
    let (world, transfer, packet) = busy();
    let caught = |bug: &dyn Fn(&mut Overlay<'_, Memory>) -> Result<(), Broken>| {
        let fault = after(&world, bug).unwrap_err();
        assert!(matches!(fault, Fault::Conservation(_)), "{fault}");
    };
    // A wallet gets a unit from nobody, or loses one.
    caught(&|state| money::credit(state, wallet(2), Amount(1)));
    caught(&|state| {
        let account: Account = state.need(&wallet(0))?;
        let balance = Amount(account.balance.0 - 1);
        state.put(&wallet(0), &Account { balance, ..account })
    });
    // A transfer is paid out and still waits; or ends, and nobody is paid.
    caught(&|state| money::credit(state, wallet(1), Amount(1_000)));
    caught(&|state| {
        let leaf: Transfer = state.need(&transfer)?;
        state.put(&transfer, &Transfer { state: TransferState::Accepted { height: 5 }, ..leaf })
    });
    // A share is taken out and paid twice; a packet goes and its rest with it.
    caught(&|state| {
        let leaf: Packet = state.need(&packet)?;
        state.put(&packet, &Packet { rest: Amount(leaf.rest.0 - 333), ..leaf })?;
        money::credit(state, wallet(2), Amount(666))
    });
    caught(&|state| state.remove::<Packet>(&packet));
    // A fee is counted and not charged; paid and still there; the supply grows by itself.
    caught(&|state| {
        state.books.fees.0 += 1;
        Ok(())
    });
    caught(&|state| {
        let before = state.books.fees;
        let mut told = Vec::new();
        let rules = super::world::rules();
        fees::settle(state, &rules, 4, super::world::fee_wallet(0), &mut told)?;
        state.books.fees = before;
        Ok(())
    });
    caught(&|state| {
        state.books.supply.0 += 1;
        Ok(())
    });
}

#[test]
fn sums_that_cannot_be_are_faults_and_no_panics() {
    let (world, transfer, _) = busy();
    let fault = |bug: &dyn Fn(&mut Overlay<'_, Memory>) -> Result<(), Broken>| {
        let fault = after(&world, bug).unwrap_err();
        assert!(matches!(fault, Fault::Amount(_)), "{fault}");
    };
    fault(&|state| money::credit(state, wallet(0), Amount(u64::MAX)));
    fault(&|state| money::credit(state, wallet(9), Amount(u64::MAX)));
    fault(&|state| {
        let leaf: Transfer = state.need(&transfer)?;
        state.put(&transfer, &Transfer { amount: Amount(u64::MAX), ..leaf })
    });
    fault(&|state| {
        state.books.transfers = Amount::ZERO;
        state.remove::<Transfer>(&transfer)
    });
    // Sums that overflow together do not balance either.
    let overflow = after(&world, |state| {
        state.books.fees = Amount(u64::MAX);
        Ok(())
    });
    assert!(matches!(overflow, Err(Fault::Conservation(_))));
}

#[test]
fn the_recount_notices_what_the_sums_do_not() {
    let (world, transfer, packet) = busy();
    world.leaves.recount().unwrap();
    fn changed<T: Leaf>(world: &World, id: &T::Id, change: impl FnOnce(&mut T)) -> Memory {
        let mut leaves = world.leaves.clone();
        let mut leaf = leaves.get::<T>(id).unwrap();
        change(&mut leaf);
        leaves.leaves.insert(T::key(id), leaf.to_leaf().unwrap());
        leaves
    }
    let tampered = [
        changed(&world, &wallet(1), |account: &mut Account| account.balance.0 += 1),
        changed(&world, &transfer, |transfer: &mut Transfer| transfer.amount.0 -= 1),
        changed(&world, &packet, |packet: &mut Packet| packet.rest.0 += 1),
        changed(&world, &(), |books: &mut Books| books.supply.0 += 1),
        changed(&world, &(), |books: &mut Books| books.fees.0 -= 1),
    ];
    for leaves in tampered {
        leaves.recount().unwrap_err();
    }
}

#[test]
fn a_broken_store_is_a_fault_and_no_refusal() {
    let (world, _, _) = busy();
    let begin = |world: &World, leaves: &Memory| {
        let context = world.context(world.turn());
        Execution::begin(&world.rules, leaves, context).map(|_| ()).unwrap_err()
    };
    for key in [Books::key(&()), Progress::key(&())] {
        let mut leaves = world.leaves.clone();
        leaves.leaves.remove(&key);
        assert!(matches!(begin(&world, &leaves), Fault::Missing(_)));
        leaves.leaves.insert(key, vec![0xff; 40]);
        assert!(matches!(begin(&world, &leaves), Fault::Leaf(_)));
    }
    let mut broken = world.clone();
    broken.leaves.leaves.remove(&FeeTurns::key(&()));
    let fault = after(&broken, |_| Ok(())).unwrap_err();
    assert_eq!(fault, Fault::Missing("turns"));
    // An account whose bytes are spoiled is no account without money.
    let mut broken = world;
    broken.leaves.leaves.insert(Account::key(&wallet(0)), vec![1, 1, 9]);
    let fault = after(&broken, |state| money::credit(state, wallet(0), Amount(1))).unwrap_err();
    assert!(matches!(fault, Fault::Leaf(_)));
}
