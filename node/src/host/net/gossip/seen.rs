//! How many frames gossipsub remembers, which has a bound in time alone.

use super::behaviour::SEEN_FOR;
use std::collections::VecDeque;

/// Frames remembered at one time, some 200 bytes each; while there are as many, none is taken.
const SEEN: u64 = 200_000;
/// Frames of so long a time are counted together.
const SLOT_MS: u64 = 10_000;
const SEEN_FOR_MS: u64 = SEEN_FOR.as_secs() * 1_000;

/// Counts of the frames that are remembered.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When each slot began, and its frames; at most one slot more than the time has.
    slots: VecDeque<(u64, u64)>,
    total: u64,
}

impl Seen {
    /// Counts a frame.
    pub(super) fn count(&mut self, now: u64) {
        match self.slots.back_mut() {
            Some((began, frames)) if now < *began + SLOT_MS => *frames += 1,
            _ => self.slots.push_back((now, 1)),
        }
        self.total += 1;
    }

    /// Forgets what gossipsub has forgotten by now, and says whether it remembers as much as it may.
    pub(super) fn is_full(&mut self, now: u64) -> bool {
        while let Some((began, frames)) = self.slots.front()
            && began + SLOT_MS + SEEN_FOR_MS <= now
        {
            self.total -= frames;
            self.slots.pop_front();
        }
        self.total >= SEEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_fills_it_and_time_empties_it() {
        let mut seen = Seen::default();
        for n in 0..SEEN {
            assert!(!seen.is_full(n));
            seen.count(n);
        }
        assert!(seen.is_full(SEEN));
        assert!(seen.is_full(SEEN_FOR_MS + SLOT_MS - 1));
        assert!(!seen.is_full(SEEN_FOR_MS + SLOT_MS));
        assert!(seen.slots.len() as u64 <= SEEN / SLOT_MS + 1);
        assert!(!seen.is_full(u64::MAX / 2));
        assert_eq!((seen.total, seen.slots.len()), (0, 0));
    }
}
