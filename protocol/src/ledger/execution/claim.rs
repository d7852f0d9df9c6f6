//! Takes a share of a packet: at once if the shares are equal, else by a draw that waits.

use super::{
    deed::Deed,
    draws,
    entry::Terms,
    error::{Fault, Refusal, Stop},
    money,
    overlay::Overlay,
};
use crate::ledger::{
    Amount, ClaimPacket,
    state::{Claim, Leaves, Packet, Paid},
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    body: &ClaimPacket,
) -> Result<Deed, Stop<L::Error>> {
    let (id, receive, wallet) = (body.packet, body.payee.receive, body.payee.wallet);
    let Terms { height, time_ms, .. } = *terms;
    let mut packet = state.get::<Packet>(&id)?.ok_or(Refusal::NoPacket(id))?;
    let opening = packet.opening.ok_or(Refusal::NotOpen(id))?;
    let expires_ms = packet.expires_ms;
    if time_ms >= expires_ms {
        return Err(Refusal::Expired { id, expires_ms, time_ms }.into());
    }
    if state.get::<Claim>(&(id, receive))?.is_some() {
        return Err(Refusal::Claimed { packet: id, receive }.into());
    }
    if !body.is_of_member(opening.count, opening.members) {
        return Err(Refusal::NotMember { packet: id, receive }.into());
    }
    if !body.answers(opening.word) {
        return Err(Refusal::Word(id).into());
    }
    let share = equal_share(&packet);
    packet.left = packet.left.checked_sub(1).ok_or(Refusal::Empty(id))?;
    let mut claim = Claim { wallet, height, paid: None, before: None };
    if packet.kind.is_drawn() {
        packet.waiting = packet.waiting.checked_add(1).ok_or(Fault::Amount("waiting claims"))?;
        claim.before = draws::wait(state, height, id, receive)?;
        state.put(&(id, receive), &claim)?;
        state.put(&id, &packet)?;
        return Ok(Deed::Waits { packet: id, claimer: receive });
    }
    packet.rest = packet.rest.checked_sub(share).ok_or(Fault::Amount("packet"))?;
    claim.paid = Some(Paid { amount: share, slot: None, height });
    state.put(&(id, receive), &claim)?;
    state.put(&id, &packet)?;
    money::credit(state, wallet, share)?;
    Ok(Deed::Paid { packet: id, claimer: receive, amount: share })
}

/// Returns the next share of a packet that is divided equally: the last one gets what does not
/// divide.
fn equal_share(packet: &Packet) -> Amount {
    match packet.left {
        1 => packet.rest,
        _ => Amount(packet.amount.0 / u64::from(packet.count.max(1))),
    }
}
