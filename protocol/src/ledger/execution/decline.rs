//! Sends a transfer back to who paid; the fee is spent.

use super::{deed::Deed, entry::Terms, error::Stop, money, overlay::Overlay, transfer};
use crate::ledger::{
    Decline,
    state::{Leaves, TransferState},
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    body: &Decline,
) -> Result<Deed, Stop<L::Error>> {
    let id = body.transfer;
    let mut leaf = transfer::waiting(state, terms, id, body.receive)?;
    leaf.state = TransferState::Declined { height: terms.height };
    state.put(&id, &leaf)?;
    money::credit(state, leaf.from, leaf.amount)?;
    Ok(Deed::Declined { transfer: id })
}
