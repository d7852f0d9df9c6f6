//! Draws: claims wait at their height until its seed is folded, then get a share each.

use super::{
    deed::Deed,
    error::{Fault, Stop},
    expiry, money,
    overlay::Overlay,
};
use crate::{
    beacon::{Contribution, Seed, fold},
    draw::{Shares, Taken, deal},
    keys::ReceiveKey,
    ledger::{
        Amount, EntryId,
        state::{BlockBeacon, Claim, Leaves, Packet, Paid, WaitingHeight, WaitingPacket},
    },
    limits::{DRAW_CLAIM_STEPS, DRAW_PACKET_STEPS, DRAW_STEPS, FOLD_HEIGHTS},
};
use std::collections::BTreeMap;

/// Lets a claim wait for the draw of this height, and returns the one before it from its packet.
pub(super) fn wait<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
    packet: EntryId,
    receive: ReceiveKey,
) -> Result<Option<ReceiveKey>, Stop<L::Error>> {
    let of = (height, packet);
    if let Some(WaitingPacket { last, claims, before }) = state.get(&of)? {
        let claims = claims.checked_add(1).ok_or(Fault::Amount("waiting claims"))?;
        state.put(&of, &WaitingPacket { last: receive, claims, before })?;
        return Ok(Some(last));
    }
    let Some(waiting) = state.get::<WaitingHeight>(&height)? else {
        return Ok(first_at(state, height, packet, receive)?);
    };
    state.put(&height, &WaitingHeight { last: packet, ..waiting })?;
    let before = Some(waiting.last);
    state.put(&of, &WaitingPacket { last: receive, claims: 1, before })?;
    Ok(None)
}

/// Begins a height's list with its first claim, after the newest height that has one.
fn first_at<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
    packet: EntryId,
    receive: ReceiveKey,
) -> Result<Option<ReceiveKey>, Fault<L::Error>> {
    state.put(&height, &WaitingHeight { last: packet, seed: None, next: None })?;
    let alone = WaitingPacket { last: receive, claims: 1, before: None };
    state.put(&(height, packet), &alone)?;
    match state.progress.newest {
        None => state.progress.oldest = Some(height),
        Some(newest) => {
            let before = state.need::<WaitingHeight>(&newest)?;
            state.put(&newest, &WaitingHeight { next: Some(height), ..before })?;
        }
    }
    state.progress.newest = Some(height);
    Ok(None)
}

/// Keeps the beacon of the block at `height` if a draw will need it.
pub(super) fn keep_beacon<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
    beacon: &BlockBeacon,
) -> Result<(), Fault<L::Error>> {
    if beacon.cuts || state.progress.oldest.is_some() {
        state.put(&height, beacon)?;
    }
    Ok(())
}

/// Draws what is due at the begin of the block at `height`, oldest heights first, as far as the
/// block's steps go; the rest is for the next.
pub(super) fn settle<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
    told: &mut Vec<Deed>,
) -> Result<(), Fault<L::Error>> {
    let mut steps = DRAW_STEPS;
    while let Some(oldest) = state.progress.oldest {
        let mut waiting = state.need::<WaitingHeight>(&oldest)?;
        let known = match waiting.seed {
            None => seed_of(state, oldest, height)?,
            known => known,
        };
        let Some(seed) = known else { break };
        loop {
            let of = (oldest, waiting.last);
            let claims = state.need::<WaitingPacket>(&of)?;
            let Some(left) = draw(state, height, &seed, steps, waiting.last, &claims, told)? else {
                waiting.seed = Some(seed);
                return state.put(&oldest, &waiting);
            };
            steps = left;
            state.remove::<WaitingPacket>(&of)?;
            let Some(before) = claims.before else { break };
            waiting.last = before;
        }
        state.remove::<WaitingHeight>(&oldest)?;
        state.progress.oldest = waiting.next;
        if waiting.next.is_none() {
            state.progress.newest = None;
        }
    }
    Ok(())
}

/// Returns the seed for the claims of `height`, if the blocks up to `now` fold to one.
fn seed_of<L: Leaves>(
    state: &Overlay<'_, L>,
    height: u64,
    now: u64,
) -> Result<Option<Seed>, Fault<L::Error>> {
    let mut broken = None;
    let after = height.saturating_add(1)..=now;
    let contributions = after.map_while(|height| match state.need::<BlockBeacon>(&height) {
        Ok(BlockBeacon { proposer, power, total, validators, beacon, .. }) => {
            Some(Contribution { height, proposer, power, total, validators, beacon })
        }
        Err(fault) => {
            broken = Some(fault);
            None
        }
    });
    let folded = fold(height, contributions)?;
    broken.map_or(Ok(folded.map(|folded| folded.seed)), Err)
}

/// Deals one packet's claims of one height, and returns the steps left; nothing, and does nothing,
/// if there are too few.
fn draw<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
    seed: &Seed,
    steps: u32,
    id: EntryId,
    waiting: &WaitingPacket,
    told: &mut Vec<Deed>,
) -> Result<Option<u32>, Fault<L::Error>> {
    let mut packet = state.need::<Packet>(&id)?;
    let shares = state.get::<Shares>(&id)?;
    let cuts = if shares.is_none() { packet.count } else { 0 };
    let cost = waiting.claims.saturating_mul(DRAW_CLAIM_STEPS);
    let cost = cost.saturating_add(cuts).saturating_add(DRAW_PACKET_STEPS);
    let Some(steps) = steps.checked_sub(cost) else { return Ok(None) };
    let (shares, taken) = match shares {
        Some(shares) => (shares, state.need::<Taken>(&id)?),
        None => cut(state, id, &packet)?,
    };
    let mut claims = claims(state, id, waiting)?;
    let claimers: Vec<_> = claims.keys().copied().collect();
    let deal = deal(seed, id.as_bytes(), &shares, &taken, &claimers)?;
    for drawn in deal.drawn {
        let (claimer, amount) = (drawn.claimer, Amount(drawn.amount));
        let mut claim = claims.remove(&claimer).ok_or(Fault::Missing("claim"))?;
        claim.paid = Some(Paid { amount, slot: Some(drawn.slot), height });
        state.put(&(id, claimer), &claim)?;
        packet.rest = packet.rest.checked_sub(amount).ok_or(Fault::Amount("packet"))?;
        packet.waiting = packet.waiting.checked_sub(1).ok_or(Fault::Amount("waiting claims"))?;
        money::credit(state, claim.wallet, amount)?;
        told.push(Deed::Paid { packet: id, claimer, amount });
    }
    if packet.waiting == 0 && packet.over {
        return expiry::refund(state, id, packet, told).map(|()| Some(steps));
    }
    state.put(&id, &packet)?;
    if packet.waiting == 0 && packet.left == 0 {
        state.remove::<Shares>(&id)?;
        state.remove::<Taken>(&id)?;
    } else {
        state.put(&id, &shares)?;
        state.put(&id, &deal.taken)?;
    }
    Ok(Some(steps))
}

/// Cuts a packet by the first beacon after it was opened.
fn cut<L: Leaves>(
    state: &Overlay<'_, L>,
    id: EntryId,
    packet: &Packet,
) -> Result<(Shares, Taken), Fault<L::Error>> {
    let opened = packet.opening.ok_or(Fault::Missing("opening"))?.height;
    let first = state.need::<BlockBeacon>(&opened.saturating_add(1))?;
    let shares = Shares::draw(&first.beacon, id.as_bytes(), packet.amount.0, packet.count)?;
    Ok((shares, Taken::none(packet.count)?))
}

/// Returns the claims that wait, from the last back to the first.
fn claims<L: Leaves>(
    state: &Overlay<'_, L>,
    id: EntryId,
    waiting: &WaitingPacket,
) -> Result<BTreeMap<ReceiveKey, Claim>, Fault<L::Error>> {
    let mut claims = BTreeMap::new();
    let mut next = Some(waiting.last);
    for _ in 0..waiting.claims {
        let receive = next.ok_or(Fault::Missing("claim"))?;
        let claim = state.need::<Claim>(&(id, receive))?;
        next = claim.before;
        claims.insert(receive, claim);
    }
    Ok(claims)
}

/// Lets beacons go that no fold will need any more.
pub(super) fn forget_beacons<L: Leaves>(
    state: &mut Overlay<'_, L>,
    height: u64,
) -> Result<(), Fault<L::Error>> {
    let needed = state.progress.oldest.unwrap_or(height).saturating_add(1);
    for _ in 0..FOLD_HEIGHTS {
        let from = state.progress.beacons_from;
        if from >= needed {
            break;
        }
        if state.get::<BlockBeacon>(&from)?.is_some_and(|beacon| !beacon.cuts) {
            state.remove::<BlockBeacon>(&from)?;
        }
        state.progress.beacons_from = from.saturating_add(1);
    }
    Ok(())
}
