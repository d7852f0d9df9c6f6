//! Makes units, within the limits of the day and in total.

use super::{
    deed::Deed,
    entry::Terms,
    error::{Refusal, Stop},
    money,
    overlay::Overlay,
};
use crate::{
    keys::IssuerKey,
    ledger::{
        Amount, Mint,
        state::{Issuer, Leaves},
    },
    limits::DAY_MS,
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    body: &Mint,
) -> Result<Deed, Stop<L::Error>> {
    let Mint { issuer, sequence, wallet, amount, .. } = *body;
    count(state, terms, issuer, sequence)?;
    let limits = &terms.rules.limits;
    let books = &mut state.books;
    let today = within("minted in a day", books.minted_today, amount, limits.mint_day)?;
    let minted = within("minted in total", books.minted, amount, limits.mint_total)?;
    books.supply = within("supply", books.supply, amount, Amount(u64::MAX))?;
    (books.minted_today, books.minted) = (today, minted);
    money::credit(state, wallet, amount)?;
    Ok(Deed::Minted { wallet, amount })
}

/// Checks that this is an issuer's next entry, counts it, and starts the day's sums anew if it is
/// the first on its day.
pub(super) fn count<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    key: IssuerKey,
    sequence: u64,
) -> Result<(), Stop<L::Error>> {
    let mut issuer = state.get::<Issuer>(&key)?.ok_or(Refusal::NotIssuer(key))?;
    issuer.sequence = money::next(issuer.sequence, sequence)?;
    state.put(&key, &issuer)?;
    let day = terms.time_ms / DAY_MS;
    let books = &mut state.books;
    if books.day != day {
        books.day = day;
        (books.minted_today, books.burned_today) = (Amount::ZERO, Amount::ZERO);
    }
    Ok(())
}

/// Returns the sum of what there was and `amount`, if the limit has room.
pub(super) fn within(
    what: &'static str,
    before: Amount,
    amount: Amount,
    most: Amount,
) -> Result<Amount, Refusal> {
    let sum = before.checked_add(amount).filter(|sum| *sum <= most);
    let left = most.checked_sub(before).unwrap_or_default();
    sum.ok_or(Refusal::Issue { what, amount, left })
}
