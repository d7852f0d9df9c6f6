//! What the leaves of a packet say by themselves.

use super::{Contradiction, Evidence, order};
use magpie_protocol::{
    keys::ReceiveKey,
    ledger::{
        Amount,
        state::{Claim, Paid},
    },
    limits::PACKET_SHARES,
};
use std::collections::BTreeMap;

/// Claims by the heights of their blocks.
pub(super) type Heights = BTreeMap<u64, BTreeMap<ReceiveKey, Claim>>;

/// Checks that packet and claims fit one another, and returns the claims by height.
pub(super) fn check_claims(evidence: &Evidence) -> Result<Heights, Contradiction> {
    let packet = &evidence.packet;
    let heights = evidence.claims_by_height();
    let claims = || heights.values().flatten();
    let found = u32::try_from(claims().count()).unwrap_or(u32::MAX);
    let counted = packet.count.saturating_sub(packet.left);
    if found != counted {
        return Err(Contradiction::Claims { counted, found });
    }
    for (claimer, claim) in claims() {
        check_claim(evidence, *claimer, claim)?;
    }
    let unpaid = claims().filter(|(_, claim)| claim.paid.is_none()).count();
    let found = u32::try_from(unpaid).unwrap_or(u32::MAX);
    if found != packet.waiting {
        return Err(Contradiction::Waiting { counted: packet.waiting, found });
    }
    let paid = claims().filter_map(|(_, claim)| claim.paid).map(|paid| paid.amount);
    let found = Amount::checked_sum(paid.chain([packet.rest, packet.returned]));
    if found != Some(packet.amount) {
        return Err(Contradiction::Sum { expected: packet.amount, found });
    }
    if packet.kind.is_drawn() {
        order::check(&heights)?;
    }
    Ok(heights)
}

/// Checks what the packet's leaf says alone, and for whom it was opened.
pub(super) fn check_packet(evidence: &Evidence) -> Result<(), Contradiction> {
    let Evidence { packet, at, members, .. } = evidence;
    let wrong = |rule| Err(Contradiction::Packet(rule));
    if !(1..=PACKET_SHARES).contains(&packet.count) {
        return wrong("no packet has so many shares");
    }
    if packet.left > packet.count {
        return wrong("more shares are left than there were");
    }
    let over = packet.over && packet.waiting == 0;
    if over && packet.rest > Amount::ZERO {
        return wrong("it is over, and what is left did not go back");
    }
    if packet.returned > Amount::ZERO && !over {
        return wrong("something went back before it was over");
    }
    if packet.over && at.time_ms < packet.expires_ms {
        return wrong("it was ended before its time");
    }
    let Some(opening) = packet.opening else {
        let untouched = packet.left == packet.count && packet.waiting == 0;
        return if untouched { Ok(()) } else { wrong("claims without an opening") };
    };
    if opening.height > at.height {
        return wrong("it was opened later than now");
    }
    if (opening.members, opening.count) != (members.root(), members.count()) {
        return Err(Contradiction::Members);
    }
    Ok(())
}

/// Checks where a claim stands, whom it pays and when.
fn check_claim(
    evidence: &Evidence,
    claimer: ReceiveKey,
    claim: &Claim,
) -> Result<(), Contradiction> {
    let Evidence { packet, wallets, .. } = evidence;
    let Claim { wallet, height, paid, before } = *claim;
    if !wallets.get(&claimer).is_some_and(|own| own.contains(&wallet)) {
        return Err(Contradiction::Wallet(claimer));
    }
    let wrong = |rule| Err(Contradiction::Claim { claimer, height, rule });
    if packet.opening.is_none_or(|opening| height < opening.height) {
        return wrong("the packet was not open");
    }
    if packet.kind.is_drawn() {
        return match paid {
            Some(Paid { height: paid, .. }) if paid <= height => wrong("it was paid before a draw"),
            Some(Paid { slot: None, .. }) => wrong("it was paid without a slot"),
            _ => Ok(()),
        };
    }
    match paid {
        Some(Paid { slot: None, height: at, .. }) if at == height && before.is_none() => Ok(()),
        _ => wrong("an equal share is paid at once and not drawn"),
    }
}

/// Checks, once headers are there, that no claim came when the packet's time was over.
pub(super) fn check_times(evidence: &Evidence, heights: &Heights) -> Result<(), Contradiction> {
    let expires_ms = evidence.packet.expires_ms;
    for (height, claims) in heights {
        let late = evidence.headers.get(height).is_none_or(|own| own.time_ms >= expires_ms);
        if let (true, Some(claimer)) = (late, claims.keys().next()) {
            let rule = "the packet's time was over";
            return Err(Contradiction::Claim { claimer: *claimer, height: *height, rule });
        }
    }
    Ok(())
}
