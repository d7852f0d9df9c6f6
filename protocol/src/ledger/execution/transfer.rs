//! Sends money, which waits for the payee.

use super::{
    calendar,
    deed::Deed,
    entry::Terms,
    error::{Refusal, Stop},
    money,
    overlay::Overlay,
};
use crate::{
    keys::ReceiveKey,
    ledger::{
        EntryId, Transfer,
        state::{self, Due, Leaves, TransferState},
    },
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    id: EntryId,
    body: &Transfer,
) -> Result<Deed, Stop<L::Error>> {
    let Terms { rules, time_ms, .. } = *terms;
    let (expires_ms, second) = calendar::expiry(time_ms, rules.lifetimes.transfer)?;
    money::charge(state, &body.payment, body.amount, rules.fees.transfer)?;
    let next = calendar::insert(state, second, Due::Transfer(id))?;
    let Transfer { payment, amount, payee } = *body;
    let from = payment.wallet;
    let waiting = TransferState::Waiting;
    let leaf = state::Transfer { from, payee, amount, expires_ms, state: waiting, next };
    state.put(&id, &leaf)?;
    Ok(Deed::Sent { transfer: id })
}

/// Returns a transfer that its payee can still take or send back.
pub(super) fn waiting<L: Leaves>(
    state: &Overlay<'_, L>,
    terms: &Terms<'_>,
    id: EntryId,
    receive: ReceiveKey,
) -> Result<state::Transfer, Stop<L::Error>> {
    let transfer = state.get::<state::Transfer>(&id)?.ok_or(Refusal::NoTransfer(id))?;
    if transfer.payee.receive != receive {
        return Err(Refusal::NotPayee { transfer: id, receive }.into());
    }
    let (expires_ms, time_ms) = (transfer.expires_ms, terms.time_ms);
    match transfer.state {
        TransferState::Waiting if time_ms < expires_ms => Ok(transfer),
        TransferState::Waiting | TransferState::Returned { .. } => {
            Err(Refusal::Expired { id, expires_ms, time_ms }.into())
        }
        _ => Err(Refusal::Settled(id).into()),
    }
}
