//! Says who may claim from a packet, once.

use super::{
    deed::Deed,
    entry::Terms,
    error::{Refusal, Stop},
    overlay::Overlay,
};
use crate::ledger::{
    OpenPacket,
    state::{Leaves, Opening, Packet},
};

pub(super) fn apply<L: Leaves>(
    state: &mut Overlay<'_, L>,
    terms: &Terms<'_>,
    body: &OpenPacket,
) -> Result<Deed, Stop<L::Error>> {
    let OpenPacket { packet: id, receive, members, count, word } = *body;
    let mut packet = state.get::<Packet>(&id)?.ok_or(Refusal::NoPacket(id))?;
    if packet.receive != receive {
        return Err(Refusal::NotCreator { packet: id, receive }.into());
    }
    if packet.opening.is_some() {
        return Err(Refusal::Open(id).into());
    }
    let (expires_ms, time_ms) = (packet.expires_ms, terms.time_ms);
    if time_ms >= expires_ms {
        return Err(Refusal::Expired { id, expires_ms, time_ms }.into());
    }
    let kind = packet.kind;
    if !body.suits(kind) {
        return Err(Refusal::Opening { packet: id, kind }.into());
    }
    if packet.members.is_some_and(|members| members != body.head()) {
        return Err(Refusal::Members(id).into());
    }
    packet.opening = Some(Opening { height: terms.height, members, count, word });
    state.put(&id, &packet)?;
    state.progress.opened |= kind.is_drawn();
    Ok(Deed::Opened { packet: id })
}
