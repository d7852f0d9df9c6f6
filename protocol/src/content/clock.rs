//! The causal clock: where a message stands in its conversation, the same on every peer.

use crate::{
    ids::MessageId,
    limits::{CLOCK_AHEAD_MS, CLOCK_MAX},
};

/// Why a clock is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// It is zero or past the largest clock.
    #[error("clock {0} is not within 1 to {CLOCK_MAX}")]
    Range(u64),
    /// It does not come after a parent's.
    #[error("clock {clock} does not come after its parent's {parent}")]
    NotAfterParent {
        /// The message's clock.
        clock: u64,
        /// The parent's clock.
        parent: u64,
    },
}

/// What to do with a message whose clock is well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Place it in the conversation.
    Now,
    /// Keep it in a bounded queue until this time in milliseconds, then look again.
    At(u64),
}

/// Returns the clock of a new message: after all parents, and no earlier than now in milliseconds.
///
/// Fails with [`ClockError::Range`] once a conversation's clock is used up.
pub fn next_clock(parents: &[u64], now_ms: u64) -> Result<u64, ClockError> {
    let after = parents.iter().max().map_or(1, |latest| latest.saturating_add(1));
    in_range(after.max(now_ms))
}

fn in_range(clock: u64) -> Result<u64, ClockError> {
    if (1..=CLOCK_MAX).contains(&clock) { Ok(clock) } else { Err(ClockError::Range(clock)) }
}

/// Checks a received clock against the clocks of those parents that are known, and says when the
/// message may be placed.
pub fn check_clock(clock: u64, known_parents: &[u64], now_ms: u64) -> Result<Place, ClockError> {
    in_range(clock)?;
    if let Some(&parent) = known_parents.iter().find(|parent| **parent >= clock) {
        return Err(ClockError::NotAfterParent { clock, parent });
    }
    // Whoever places a message early would order later ones differently from everybody else.
    let earliest = clock.saturating_sub(CLOCK_AHEAD_MS);
    Ok(if earliest <= now_ms { Place::Now } else { Place::At(earliest) })
}

/// Where a message stands: by clock, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey {
    /// The clock.
    pub lamport: u64,
    /// The id, which decides between equal clocks.
    pub id: MessageId,
}

impl OrderKey {
    /// Returns 40 bytes that sort as the key does.
    pub fn to_bytes(self) -> [u8; 40] {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.lamport.to_be_bytes());
        bytes[8..].copy_from_slice(&self.id.0);
        bytes
    }

    /// Returns the key of these bytes.
    pub fn from_bytes(bytes: &[u8; 40]) -> Self {
        let (mut lamport, mut id) = ([0; 8], [0; 32]);
        lamport.copy_from_slice(&bytes[..8]);
        id.copy_from_slice(&bytes[8..]);
        Self { lamport: u64::from_be_bytes(lamport), id: MessageId(id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_700_000_000_000;

    #[test]
    fn a_clock_follows_parents_and_time() {
        assert_eq!(next_clock(&[], NOW), Ok(NOW));
        assert_eq!(next_clock(&[], 0), Ok(1));
        assert_eq!(next_clock(&[5, NOW + 10], NOW), Ok(NOW + 11));
        assert_eq!(next_clock(&[5, 6], NOW), Ok(NOW));
        assert_eq!(next_clock(&[CLOCK_MAX - 1], NOW), Ok(CLOCK_MAX));
        assert_eq!(next_clock(&[CLOCK_MAX], NOW), Err(ClockError::Range(CLOCK_MAX + 1)));
        assert_eq!(next_clock(&[u64::MAX], NOW), Err(ClockError::Range(u64::MAX)));
    }

    #[test]
    fn a_clock_two_minutes_ahead_is_placed_and_one_more_waits() {
        assert_eq!(check_clock(NOW + CLOCK_AHEAD_MS, &[], NOW), Ok(Place::Now));
        assert_eq!(check_clock(NOW + CLOCK_AHEAD_MS + 1, &[], NOW), Ok(Place::At(NOW + 1)));
        assert_eq!(check_clock(CLOCK_MAX + 1, &[], NOW), Err(ClockError::Range(CLOCK_MAX + 1)));
        assert_eq!(check_clock(0, &[], NOW), Err(ClockError::Range(0)));
        assert_eq!(
            check_clock(7, &[3, 7], NOW),
            Err(ClockError::NotAfterParent { clock: 7, parent: 7 })
        );
        assert_eq!(check_clock(8, &[3, 7], NOW), Ok(Place::Now));
    }

    proptest! {
        #[test]
        fn what_is_sent_is_accepted_and_waiting_ends(
            parents in proptest::collection::vec(0..CLOCK_MAX, 0..3), now in 0..CLOCK_MAX
        ) {
            let clock = next_clock(&parents, now).unwrap();
            if let Place::At(later) = check_clock(clock, &parents, now).unwrap() {
                prop_assert!(later > now);
                prop_assert_eq!(check_clock(clock, &parents, later), Ok(Place::Now));
                prop_assert_ne!(check_clock(clock, &parents, later - 1), Ok(Place::Now));
            }
        }

        #[test]
        fn bytes_sort_as_keys_do(a: (u64, [u8; 32]), b: (u64, [u8; 32])) {
            let key = |(lamport, id)| OrderKey { lamport, id: MessageId(id) };
            let (a, b) = (key(a), key(b));
            prop_assert_eq!(a.cmp(&b), a.to_bytes().cmp(&b.to_bytes()));
            prop_assert_eq!(OrderKey::from_bytes(&a.to_bytes()), a);
        }
    }
}
