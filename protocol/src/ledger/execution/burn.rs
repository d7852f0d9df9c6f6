//! Ends units of the wallet whose key is the issuer's, within the limit of the day.

use super::{
    deed::Deed,
    entry::Terms,
    error::{Fault, Refusal, Stop},
    mint,
    overlay::Overlay,
};
use crate::{
    address::Address,
    ledger::{
        Burn,
        state::{Account, Leaves},
    },
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    body: &Burn,
) -> Result<Deed, Stop<L::Error>> {
    let Burn { issuer, sequence, amount, .. } = *body;
    mint::count(state, terms, issuer, sequence)?;
    let wallet = Address::from_bytes(issuer.0).map_err(Fault::Address)?;
    let mut account = state.get::<Account>(&wallet)?.unwrap_or_default();
    let balance = account.balance;
    let rest = balance.checked_sub(amount);
    account.balance = rest.ok_or(Refusal::Funds { wallet, balance, needed: amount })?;
    let books = &mut state.books;
    let most = terms.rules.limits.burn_day;
    books.burned_today = mint::within("burned in a day", books.burned_today, amount, most)?;
    books.supply = books.supply.checked_sub(amount).ok_or(Fault::Amount("supply"))?;
    state.put(&wallet, &account)?;
    Ok(Deed::Burned { amount })
}
