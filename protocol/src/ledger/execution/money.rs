//! How money goes into a wallet and out of it.

use super::{
    error::{Fault, Refusal, Stop},
    overlay::Overlay,
};
use crate::{
    address::Address,
    ledger::{
        Amount, Payment,
        state::{Account, Leaves},
    },
};

/// Adds to what a wallet has.
pub(super) fn credit<L: Leaves>(
    state: &mut Overlay<'_, L>,
    wallet: Address,
    amount: Amount,
) -> Result<(), Fault<L::Error>> {
    let mut account = state.get::<Account>(&wallet)?.unwrap_or_default();
    account.balance = account.balance.checked_add(amount).ok_or(Fault::Amount("balance"))?;
    state.put(&wallet, &account)
}

/// Takes amount and fee from the wallet that pays, if this is its next entry and it has as much.
///
/// The fee is what the rules say, never more, however much gas there was.
pub(super) fn charge<L: Leaves>(
    state: &mut Overlay<'_, L>,
    payment: &Payment,
    amount: Amount,
    fee: Amount,
) -> Result<(), Stop<L::Error>> {
    let wallet = payment.wallet;
    let mut account = state.get::<Account>(&wallet)?.unwrap_or_default();
    account.sequence = next(account.sequence, payment.sequence)?;
    let needed = amount.checked_add(fee).ok_or(Fault::Amount("payment"))?;
    let rest = account.balance.checked_sub(needed);
    account.balance = rest.ok_or(Refusal::Funds { wallet, balance: account.balance, needed })?;
    state.books.fees = state.books.fees.checked_add(fee).ok_or(Fault::Amount("fees"))?;
    Ok(state.put(&wallet, &account)?)
}

/// Returns the sequence number after `found`, if that is the one expected.
pub(super) fn next(expected: u64, found: u64) -> Result<u64, Refusal> {
    let refused = Refusal::Sequence { expected, found };
    if found != expected {
        return Err(refused);
    }
    found.checked_add(1).ok_or(refused)
}
