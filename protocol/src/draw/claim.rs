//! What the claims of one height get.

use super::{
    DrawError, Shares, Taken,
    word::{below, word},
};
use crate::{beacon::Seed, domain::DRAW_CLAIM, keys::ReceiveKey};
use std::{collections::BTreeSet, num::NonZeroU64};

/// What one claim got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Who claimed.
    pub claimer: ReceiveKey,
    /// The slot it drew.
    pub slot: u32,
    /// What lies in the slot, in units.
    pub amount: u64,
}

/// What the claims of one height got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// One for each claim, in the order of the claimers' keys.
    pub drawn: Vec<Drawn>,
    /// The slots that are drawn after it.
    pub taken: Taken,
}

/// Gives each claim that one height holds for a packet one of the shares left.
///
/// `seed` is the fold of that height, `packet` the packet's id, `taken` what earlier heights drew.
/// The claimers draw in the order of their keys' bytes, whatever order they are named in, so the
/// block's order decides nothing. Each slot left is equally likely for each of them.
/// Errors: [`DrawError::Taken`], [`DrawError::Twice`] and [`DrawError::Left`].
pub fn deal(
    seed: &Seed,
    packet: &[u8; 32],
    shares: &Shares,
    taken: &Taken,
    claimers: &[ReceiveKey],
) -> Result<Deal, DrawError> {
    let mut left = taken.left(shares.count())?;
    if claimers.len() > left.len() {
        let left = u32::try_from(left.len()).expect("at most PACKET_SHARES");
        return Err(DrawError::Left { claims: claimers.len(), left });
    }
    let mut order = BTreeSet::new();
    for claimer in claimers {
        if !order.insert(*claimer) {
            return Err(DrawError::Twice(*claimer));
        }
    }
    let mut drawn = Vec::with_capacity(order.len());
    for claimer in order {
        let bound = NonZeroU64::new(left.len() as u64).expect("a slot is left for every claim");
        let parts = [&seed.0[..], &packet[..], &claimer.0[..]];
        let at = below(bound, |attempt| word(DRAW_CLAIM, &parts, attempt));
        let slot = left.remove(usize::try_from(at).expect("below the slots left"));
        let amount = shares.amounts().get(slot as usize).copied();
        drawn.push(Drawn { claimer, slot, amount: amount.expect("a slot of these shares") });
    }
    let taken = taken.and(drawn.iter().map(|drawn| drawn.slot));
    Ok(Deal { drawn, taken })
}
