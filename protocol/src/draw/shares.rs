//! The shares of a fortune packet: its total, cut by the integer double average.

use super::{
    DrawError,
    word::{below, word},
};
use crate::{
    beacon::Beacon, bounded::List, codec::Format, domain::DRAW_SHARES, limits::PACKET_SHARES,
};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;

/// The shares of the largest packet.
const MOST: usize = PACKET_SHARES as usize;

/// The shares of one packet, in the order in which they were cut: share k lies in slot k.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shares(List<u64, MOST>);

impl Format for Shares {
    const NAME: &'static str = "shares";
    const VERSION: u8 = 1;
    const LIMIT: usize = 1 + 9 + 9 * MOST;
}

impl Shares {
    /// Cuts `total` units into `count` shares of at least one unit each.
    ///
    /// `beacon` is that of the first block after the one that opened the packet, `packet` the
    /// packet's id. Each share but the last is uniform from 1 to one less than twice the average
    /// of what is left; the last is the rest.
    /// Errors: [`DrawError::Count`] and [`DrawError::Total`].
    pub fn draw(
        beacon: &Beacon,
        packet: &[u8; 32],
        total: u64,
        count: u32,
    ) -> Result<Self, DrawError> {
        if !(1..=PACKET_SHARES).contains(&count) {
            return Err(DrawError::Count(count));
        }
        if total < u64::from(count) {
            return Err(DrawError::Total { total, count });
        }
        let mut rest = total;
        let mut shares = Vec::new();
        for slot in 0..count - 1 {
            let most = most(rest, count - slot);
            let words = |attempt| {
                let parts = [&beacon.0[..], &packet[..], &slot.to_be_bytes()];
                word(DRAW_SHARES, &parts, attempt)
            };
            let share = 1 + below(most, words);
            // `most` leaves one unit for each of the others, so this takes nothing that is not there.
            rest -= share;
            shares.push(share);
        }
        shares.push(rest);
        Ok(Self(List::new(shares).expect("at most PACKET_SHARES, as was checked above")))
    }

    /// Returns the amounts in units, by slot.
    pub fn amounts(&self) -> &[u64] {
        &self.0
    }

    /// Returns how many shares there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len()).expect("at most PACKET_SHARES")
    }
}

/// Returns the most that the next of `left` shares of `rest` units may be: one less than twice the
/// average, so that the middle of 1 to it is the average.
///
/// With `rest >= left >= 2` it is at least 1 and leaves at least `left - 1`.
fn most(rest: u64, left: u32) -> NonZeroU64 {
    let twice_average = u128::from(rest) * 2 / u128::from(left);
    let most = u64::try_from(twice_average).expect("two or more are left, so at most `rest`") - 1;
    NonZeroU64::new(most).expect("every share left has a unit, so twice the average is 2 or more")
}
