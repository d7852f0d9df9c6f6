//! Transfers, mints and burns.

use super::world::{ISSUER, World, issuer, list, payee, rules, wallet};
use crate::{
    ledger::{
        Amount, EntryError, EntryId, Instruction, Notarize, Rules, TimeError,
        execution::{Deed, Refusal},
        state::{Account, Books, Transfer, TransferState},
    },
    limits::DAY_MS,
};

const START: u64 = 100_000_000;

/// Where the issuer's own wallet stands among the people.
const TREASURY: u16 = ISSUER / 2;

#[test]
fn a_transfer_waits_for_the_payee_and_then_is_the_payees() {
    let mut world = World::of_people(2);
    let fee = world.rules.fees.transfer.0;
    let sent = world.transfer(0, 1, 5_000);
    let executed = world.block(std::slice::from_ref(&sent));
    let transfer = sent.id();
    assert_eq!(executed.entries, [Deed::Sent { transfer }]);
    assert_eq!((world.balance(0), world.balance(1)), (START - 5_000 - fee, START));
    let leaf: Transfer = world.leaves.get(&transfer).unwrap();
    assert_eq!((leaf.from, leaf.payee, leaf.amount), (wallet(0), payee(1), Amount(5_000)));
    assert_eq!(leaf.state, TransferState::Waiting);
    let accepted = world.accept(1, transfer);
    assert_eq!(world.check(&accepted), Ok(()));
    assert_eq!(world.block(&[accepted]).entries, [Deed::Accepted { transfer }]);
    assert_eq!((world.balance(0), world.balance(1)), (START - 5_000 - fee, START + 5_000));
    let leaf: Transfer = world.leaves.get(&transfer).unwrap();
    assert_eq!(leaf.state, TransferState::Accepted { height: 3 });
    // What was taken stays taken when its time is over.
    assert_eq!(world.settle(100_000), []);
    assert_eq!(world.balance(1), START + 5_000);
}

#[test]
fn a_transfer_that_is_declined_or_forgotten_comes_back_without_the_fee() {
    let mut world = World::of_people(2);
    let fee = world.rules.fees.transfer.0;
    let (one, two) = (world.transfer(0, 1, 5_000), world.transfer(0, 1, 7_000));
    world.block(&[one.clone(), two.clone()]);
    let declined = world.decline(1, one.id());
    assert_eq!(world.block(&[declined]).entries, [Deed::Declined { transfer: one.id() }]);
    assert_eq!(world.balance(0), START - 7_000 - 2 * fee);
    assert_eq!(world.settle(100_000), [Deed::Returned { transfer: two.id() }]);
    assert_eq!((world.balance(0), world.balance(1)), (START - 2 * fee, START));
    let state = |id| world.leaves.get::<Transfer>(&id).unwrap().state;
    assert_eq!(state(one.id()), TransferState::Declined { height: 3 });
    assert_eq!(state(two.id()), TransferState::Returned { height: 4 });
}

#[test]
fn a_wallet_pays_with_what_it_has_for_amount_and_fee() {
    let mut world = World::of_people(1);
    let fee = world.rules.fees.transfer.0;
    let more = world.transfer(0, 1, START - fee + 1);
    let (balance, needed) = (Amount(START), Amount(START + 1));
    assert_eq!(world.refusal(&more), Refusal::Funds { wallet: wallet(0), balance, needed });
    world.block(&[]);
    let all = world.transfer(0, 1, START - fee);
    world.block(&[all]);
    assert_eq!(world.balance(0), 0);
    let stranger = world.transfer(7, 1, 1);
    let (balance, needed) = (Amount::ZERO, Amount(1 + fee));
    assert_eq!(world.refusal(&stranger), Refusal::Funds { wallet: wallet(7), balance, needed });
}

#[test]
fn who_pays_is_charged_the_fee_and_not_the_gas() {
    let mut world = World::of_people(1);
    let sent = world.transfer(0, 1, 1);
    assert!(sent.instruction().payment().unwrap().gas > world.rules.fees.transfer);
    world.block(&[sent]);
    assert_eq!(world.balance(0), START - 1 - world.rules.fees.transfer.0);
}

#[test]
fn a_transfer_of_a_block_can_be_accepted_in_the_same_block() {
    let mut world = World::of_people(2);
    let sent = world.transfer(0, 1, 5_000);
    let accepted = world.accept(1, sent.id());
    assert_eq!(world.invalid(&[accepted.clone(), sent.clone()]).0, 0);
    world.block(&[sent, accepted]);
    assert_eq!(world.balance(1), START + 5_000);
}

#[test]
fn an_issuer_mints_within_a_day_and_in_total() {
    let mut world = World::new(1);
    let day = world.rules.limits.mint_day.0;
    let all = world.mint(0, day);
    let deed = Deed::Minted { wallet: wallet(0), amount: Amount(day) };
    assert_eq!(world.block(&[all]).entries, [deed]);
    let more = world.mint(0, 1);
    let (what, amount, left) = ("minted in a day", Amount(1), Amount::ZERO);
    assert_eq!(world.refusal(&more), Refusal::Issue { what, amount, left });
    for _ in 0..3 {
        world.time_ms += DAY_MS;
        world.block(&[]);
        let next = world.mint(0, day);
        world.block(&[next]);
    }
    world.time_ms += DAY_MS;
    world.block(&[]);
    let over = world.mint(0, 1);
    let what = "minted in total";
    assert_eq!(world.refusal(&over), Refusal::Issue { what, amount, left });
    let books: Books = world.leaves.get(&()).unwrap();
    assert_eq!((books.supply, books.minted), (Amount(4 * day), Amount(4 * day)));
}

#[test]
fn an_issuer_burns_what_its_wallet_has_within_a_day() {
    let mut world = World::new(1);
    let minted = world.mint(TREASURY, 3_000_000);
    world.block(&[minted]);
    let most = world.rules.limits.burn_day.0;
    let over = world.burn(most + 1);
    let (what, amount, left) = ("burned in a day", Amount(most + 1), Amount(most));
    assert_eq!(world.refusal(&over), Refusal::Issue { what, amount, left });
    world.block(&[]);
    let burned = world.burn(most);
    assert_eq!(world.block(&[burned]).entries, [Deed::Burned { amount: Amount(most) }]);
    let books: Books = world.leaves.get(&()).unwrap();
    assert_eq!((books.supply, books.minted), (Amount(3_000_000 - most), Amount(3_000_000)));
    assert_eq!(world.balance(TREASURY), 3_000_000 - most);
    let more = world.burn(1);
    assert!(matches!(world.refusal(&more), Refusal::Issue { .. }));
    world.time_ms += 2 * DAY_MS;
    world.block(&[]);
    for _ in 0..2 {
        let burned = world.burn(most);
        world.block(&[burned]);
        world.time_ms += DAY_MS;
        world.block(&[]);
    }
    let empty = world.burn(1);
    let wallet = wallet(TREASURY);
    let (balance, needed) = (Amount::ZERO, Amount(1));
    assert_eq!(world.refusal(&empty), Refusal::Funds { wallet, balance, needed });
}

#[test]
fn who_is_no_issuer_makes_nothing() {
    let mut world = World::of_people(1);
    let Instruction::Mint(mut body) = world.mint(0, 1).instruction().clone() else {
        unreachable!()
    };
    body.issuer = crate::keys::IssuerKey(*wallet(0).as_bytes());
    let forged = world.signed(*body, 0);
    assert_eq!(world.refusal(&forged), Refusal::NotIssuer(body.issuer));
    assert_ne!(body.issuer, issuer());
}

#[test]
fn what_this_build_does_not_execute_is_refused_by_rule() {
    let mut world = World::of_people(1);
    let digest = Notarize { payment: world.payment(0), digest: [1; 32] };
    world.rules = Rules { kinds: list(Instruction::KINDS.to_vec()), ..rules() };
    let signed = world.signed(digest, 0);
    assert_eq!(world.refusal(&signed), Refusal::NotExecuted("notarized digest"));
    // Verified under other rules than those of the block.
    world.rules = rules();
    let disabled = EntryError::Disabled("notarized digest");
    assert_eq!(world.refusal(&signed), Refusal::Entry(disabled));
}

#[test]
fn an_entry_stands_in_blocks_of_its_time_alone() {
    let mut world = World::of_people(1);
    let sent = world.transfer(0, 1, 1);
    let until = sent.instruction().valid_until_ms().unwrap();
    world.time_ms = until;
    let late = TimeError::Late { valid_until_ms: until, time_ms: until };
    assert_eq!(world.refusal(&sent), Refusal::Time(late));
    world.time_ms = until - 1;
    assert_eq!(world.check(&sent), Ok(()));
    world.time_ms = until - world.rules.lifetimes.entry - 1;
    assert!(matches!(world.check(&sent), Err(Refusal::Time(TimeError::Ahead { .. }))));
}

#[test]
fn what_never_was_cannot_be_taken() {
    let world = World::of_people(1);
    let none = EntryId([9; 32]);
    assert_eq!(world.refusal(&world.accept(0, none)), Refusal::NoTransfer(none));
    assert_eq!(world.refusal(&world.decline(0, none)), Refusal::NoTransfer(none));
    assert_eq!(world.leaves.get::<Transfer>(&none), None);
    assert_eq!(world.leaves.get::<Account>(&wallet(9)), None);
}
