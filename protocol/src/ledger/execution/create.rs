//! Puts money into a packet, from which nobody can claim before it is opened.

use super::{calendar, deed::Deed, entry::Terms, error::Stop, money, overlay::Overlay};
use crate::ledger::{
    Amount, CreatePacket, EntryId,
    state::{Due, Leaves, Packet},
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    id: EntryId,
    body: &CreatePacket,
) -> Result<Deed, Stop<L::Error>> {
    let CreatePacket { payment, kind, amount, count, lifetime_ms, receive, members } = *body;
    let (expires_ms, second) = calendar::expiry(terms.time_ms, lifetime_ms)?;
    money::charge(state, &payment, amount, terms.rules.packet_fee(count))?;
    let packet = Packet {
        from: payment.wallet,
        receive,
        kind,
        amount,
        count,
        expires_ms,
        members,
        opening: None,
        left: count,
        waiting: 0,
        rest: amount,
        over: false,
        returned: Amount::ZERO,
        next: calendar::insert(state, second, Due::Packet(id))?,
    };
    state.put(&id, &packet)?;
    Ok(Deed::Created { packet: id })
}
