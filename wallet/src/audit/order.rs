//! In which order claims stand, and in which they are dealt.

use super::{Contradiction, leaves::Heights};
use magpie_protocol::{keys::ReceiveKey, ledger::state::Claim};
use std::collections::BTreeMap;

/// Checks that the claims of each height are one list, dealt together, lower heights first.
pub(super) fn check(heights: &Heights) -> Result<(), Contradiction> {
    // The height of the last deal, or nothing once some wait.
    let mut last = Some(0);
    for (height, claims) in heights {
        if in_block(claims).len() != claims.len() {
            return Err(Contradiction::Order(*height));
        }
        let mut paid = claims.values().map(|claim| claim.paid.map(|paid| paid.height));
        let first = paid.next().flatten();
        let out_of_turn = first.is_some_and(|first| last.is_none_or(|last| first < last));
        if out_of_turn || paid.any(|paid| paid != first) {
            return Err(Contradiction::Turn(*height));
        }
        last = first;
    }
    Ok(())
}

/// Returns the claimers of one height as they stand in its block, as far as they are a list.
pub(super) fn in_block(claims: &BTreeMap<ReceiveKey, Claim>) -> Vec<ReceiveKey> {
    let after: BTreeMap<_, _> =
        claims.iter().map(|(claimer, claim)| (claim.before, *claimer)).collect();
    let mut order = Vec::with_capacity(claims.len());
    let mut last = None;
    // Where two name the same one before, or one that is not there, the list ends early. It does end:
    // each claimer names but one before it, and so comes once.
    while let Some(next) = after.get(&last) {
        order.push(*next);
        last = Some(*next);
    }
    order
}
