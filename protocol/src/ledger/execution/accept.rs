//! Takes a transfer: the money goes to the wallet that the transfer names.

use super::{deed::Deed, entry::Terms, error::Stop, money, overlay::Overlay, transfer};
use crate::ledger::{
    Accept,
    state::{Leaves, TransferState},
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    body: &Accept,
) -> Result<Deed, Stop<L::Error>> {
    let id = body.transfer;
    let mut leaf = transfer::waiting(state, terms, id, body.receive)?;
    leaf.state = TransferState::Accepted { height: terms.height };
    state.put(&id, &leaf)?;
    money::credit(state, leaf.payee.wallet, leaf.amount)?;
    Ok(Deed::Accepted { transfer: id })
}
