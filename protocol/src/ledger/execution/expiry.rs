//! Expiry: what nobody took goes back to who paid, with nobody online.

use super::{calendar, deed::Deed, entry::Terms, error::Fault, money, overlay::Overlay};
use crate::{
    draw::{Shares, Taken},
    ledger::{
        Amount, EntryId,
        state::{Due, DueSecond, Leaves, Packet, Transfer, TransferState},
    },
};

/// Gives back what is due by the block's time, the earliest first, as far as the block's bounds go;
/// the rest is for the next.
pub(super) fn settle<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    told: &mut Vec<Deed>,
) -> Result<(), Fault<L::Error>> {
    let pace = &terms.rules.pace;
    let mut most = pace.expiries;
    // Most of what is due was taken long ago and is passed over. A block makes fewer than it can
    // pass, so that these never hold up the others.
    for _ in 0..pace.entries.saturating_add(pace.expiries) {
        let Some(second) = calendar::first(state)? else { break };
        if most == 0 || second.saturating_mul(1_000) > terms.time_ms {
            break;
        }
        let (acted, next) = match state.need::<DueSecond>(&second)?.last {
            Due::Transfer(id) => transfer(state, terms.height, id, told)?,
            Due::Packet(id) => packet(state, id, told)?,
        };
        calendar::advance(state, second, next)?;
        most = most.saturating_sub(u32::from(acted));
    }
    Ok(())
}

/// Returns a transfer that still waits. Tells whether there was something to do, and what is next.
fn transfer<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
    id: EntryId,
    told: &mut Vec<Deed>,
) -> Result<(bool, Option<Due>), Fault<L::Error>> {
    let mut transfer = state.need::<Transfer>(&id)?;
    if transfer.state != TransferState::Waiting {
        return Ok((false, transfer.next));
    }
    transfer.state = TransferState::Returned { height };
    state.put(&id, &transfer)?;
    money::credit(state, transfer.from, transfer.amount)?;
    told.push(Deed::Returned { transfer: id });
    Ok((true, transfer.next))
}

/// Ends a packet: what is left goes back now, or after the last of its draws. Tells the same.
fn packet<L: Leaves>(
    state: &mut Overlay<'_, L>,
    id: EntryId,
    told: &mut Vec<Deed>,
) -> Result<(bool, Option<Due>), Fault<L::Error>> {
    let mut packet = state.need::<Packet>(&id)?;
    let next = packet.next;
    if packet.rest == Amount::ZERO {
        return Ok((false, next));
    }
    packet.over = true;
    if packet.waiting == 0 {
        refund(state, id, packet, told)?;
    } else {
        state.put(&id, &packet)?;
    }
    Ok((true, next))
}

/// Gives what is left in a packet back to who put it in, if there is something.
pub(super) fn refund<L: Leaves>(
    state: &mut Overlay<'_, L>,
    id: EntryId,
    mut packet: Packet,
    told: &mut Vec<Deed>,
) -> Result<(), Fault<L::Error>> {
    let amount = packet.rest;
    let some = amount != Amount::ZERO;
    (packet.rest, packet.returned) = (Amount::ZERO, amount);
    state.put(&id, &packet)?;
    if some {
        money::credit(state, packet.from, amount)?;
    }
    if state.get::<Shares>(&id)?.is_some() {
        state.remove::<Shares>(&id)?;
        state.remove::<Taken>(&id)?;
    }
    if some {
        told.push(Deed::Refunded { packet: id, amount });
    }
    Ok(())
}
