//! Equal shares again.

use super::{Contradiction, Dealt, Evidence, Findings, Share, leaves::Heights};
use magpie_protocol::ledger::Amount;

/// Divides again, and compares.
///
/// The last claim gets what does not divide. Leaves tell the height of the last claim, not its place
/// in the block: of the claims of that height, exactly one got it.
pub(super) fn recompute(evidence: &Evidence, heights: &Heights) -> Result<Findings, Contradiction> {
    let packet = &evidence.packet;
    let mut findings = Findings::of(evidence);
    let units = packet.amount.0.checked_div(packet.count.into()).unwrap_or_default();
    let others = u64::from(packet.count.saturating_sub(1));
    let equal = Amount(units);
    // `others` times a part of the amount is no more than the amount.
    let last = Amount(packet.amount.0.saturating_sub(units.saturating_mul(others)));
    // Who may get it: the claims of the newest height, once nothing is left.
    let newest = heights.last_key_value().filter(|_| packet.left == 0);
    let mut missing = newest.and_then(|(_, claims)| claims.keys().next()).filter(|_| last != equal);
    for (height, claims) in heights {
        let mut shares = Vec::with_capacity(claims.len());
        for (claimer, claim) in claims {
            let found = claim.paid.map_or(Amount::ZERO, |paid| paid.amount);
            let (claimer, wallet, slot) = (*claimer, claim.wallet, None);
            let of_newest = newest.is_some_and(|(newest, _)| newest == height);
            if missing.is_some() && of_newest && found == last {
                missing = None;
            } else if found != equal {
                return Err(Contradiction::Amount { claimer, expected: equal, found });
            }
            shares.push(Share { claimer, wallet, slot, amount: found });
        }
        findings.deals.push(Dealt { height: *height, paid: *height, fold: None, shares });
    }
    match missing {
        Some(claimer) => {
            Err(Contradiction::Amount { claimer: *claimer, expected: last, found: equal })
        }
        None => Ok(findings),
    }
}
