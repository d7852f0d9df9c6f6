//! The draw again: the cut, then the claims of each height.

use super::{
    Contradiction, Cut, Dealt, Evidence, Findings, Fold, ProvenBeacon, Share, Waiting,
    leaves::Heights, order::in_block,
};
use magpie_protocol::{
    beacon::fold,
    draw::{Deal, Shares, Taken, deal},
    keys::ReceiveKey,
    ledger::{
        Amount,
        state::{Claim, Paid},
    },
};
use std::collections::BTreeMap;

/// Beacons by height.
type Proven = BTreeMap<u64, ProvenBeacon>;

/// Cuts and deals again, and compares.
pub(super) fn recompute(
    evidence: &Evidence,
    heights: &Heights,
    proven: &Proven,
) -> Result<Findings, Contradiction> {
    let mut findings = Findings::of(evidence);
    let mut taken = Taken::none(evidence.packet.count)?;
    let cut = cut(evidence, proven)?;
    for (height, claims) in heights {
        let folded = fold_of(*height, proven)?;
        let ready = folded.as_ref().map(|folded| folded.ready);
        let Some(paid) = claims.values().find_map(|claim| claim.paid) else {
            let claims = u32::try_from(claims.len()).unwrap_or(u32::MAX);
            findings.waiting.push(Waiting { height: *height, claims, ready });
            continue;
        };
        let early = Contradiction::Early { height: *height, paid: paid.height, ready };
        let (Some((_, shares)), Some(fold)) = (&cut, folded) else { return Err(early) };
        if fold.ready > paid.height {
            return Err(early);
        }
        let claimers: Vec<_> = claims.keys().copied().collect();
        let id = evidence.id.as_bytes();
        let dealt = deal(&fold.seed, id, shares, &taken, &claimers)?;
        let shares = compare(&dealt, claims)?;
        taken = dealt.taken;
        findings.deals.push(Dealt { height: *height, paid: paid.height, fold: Some(fold), shares });
    }
    findings.cut = cut.map(|(cut, _)| cut);
    Ok(findings)
}

/// Cuts the packet by the first beacon after its opening, if that is there.
fn cut(evidence: &Evidence, proven: &Proven) -> Result<Option<(Cut, Shares)>, Contradiction> {
    let packet = &evidence.packet;
    let height = packet.opening.and_then(|opening| opening.height.checked_add(1));
    let Some(beacon) = height.and_then(|height| proven.get(&height)) else { return Ok(None) };
    let id = evidence.id.as_bytes();
    let shares = Shares::draw(&beacon.output, id, packet.amount.0, packet.count)?;
    Ok(Some((Cut { beacon: *beacon, slots: shares.amounts().to_vec() }, shares)))
}

/// Folds the beacons after a height, if there are enough.
fn fold_of(height: u64, proven: &Proven) -> Result<Option<Fold>, Contradiction> {
    let first = height.saturating_add(1);
    let after = || (first..=u64::MAX).map_while(|height| proven.get(&height));
    let Some(folded) = fold(height, after().map(ProvenBeacon::contribution))? else {
        return Ok(None);
    };
    let beacons = after().take_while(|next| next.height <= folded.ready).copied().collect();
    Ok(Some(Fold { ready: folded.ready, seed: folded.seed, beacons }))
}

/// Compares what each claim draws with what it got, and returns it as it stands in the block.
fn compare(
    dealt: &Deal,
    claims: &BTreeMap<ReceiveKey, Claim>,
) -> Result<Vec<Share>, Contradiction> {
    let mut shares = BTreeMap::new();
    for drawn in &dealt.drawn {
        let (claimer, expected) = (drawn.claimer, Amount(drawn.amount));
        let Some(Claim { wallet, paid: Some(paid), .. }) = claims.get(&claimer) else { continue };
        let Paid { amount: found, slot, .. } = *paid;
        if slot != Some(drawn.slot) {
            let expected = Some(drawn.slot);
            return Err(Contradiction::Slot { claimer, expected, found: slot });
        }
        if found != expected {
            return Err(Contradiction::Amount { claimer, expected, found });
        }
        shares.insert(claimer, Share { claimer, wallet: *wallet, slot, amount: found });
    }
    Ok(in_block(claims).iter().filter_map(|claimer| shares.get(claimer).copied()).collect())
}

impl Findings {
    /// Returns findings of a packet of which nothing is recomputed yet.
    pub(super) const fn of(evidence: &Evidence) -> Self {
        Self {
            packet: evidence.id,
            height: evidence.at.height,
            cut: None,
            deals: Vec::new(),
            waiting: Vec::new(),
            rest: evidence.packet.rest,
            returned: evidence.packet.returned,
        }
    }
}
