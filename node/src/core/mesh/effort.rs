//! How much work a newcomer is asked for: more while many come (page 5).

use super::bounds::ARRIVALS_IDLE;
use magpie_protocol::limits::{STAMP_EFFORT_MAX, STAMP_RISE_MAX};

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Newcomers of about the last hour. Not on disk: after a start the load is measured anew.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrivals {
    hour: u64,
    this: u32,
    before: u32,
}

impl Arrivals {
    /// Counts one newcomer.
    pub(super) fn note(&mut self, now: u64) {
        // A clock that was set back counts into the hour that is known.
        let hour = (now / HOUR_MS).max(self.hour);
        if hour != self.hour {
            self.before = if hour == self.hour.saturating_add(1) { self.this } else { 0 };
            self.this = 0;
            self.hour = hour;
        }
        self.this = self.this.saturating_add(1);
    }

    /// Returns the newcomers of the last hour, those of the hour before counted by its share.
    fn rate(&self, now: u64) -> u64 {
        let hour = now / HOUR_MS;
        let left = HOUR_MS - now % HOUR_MS;
        let share = |count: u32| u64::from(count) * left / HOUR_MS;
        match hour.saturating_sub(self.hour) {
            0 => u64::from(self.this) + share(self.before),
            1 => share(self.this),
            _ => 0,
        }
    }

    /// Returns the leading zero bits asked for: `base` while idle, one more for each doubling.
    pub(super) fn effort(&self, base: u8, now: u64) -> u8 {
        let over = self.rate(now) / u64::from(ARRIVALS_IDLE);
        let rise = over.checked_ilog2().map_or(0, |log| log + 1);
        let rise = u8::try_from(rise).unwrap_or(u8::MAX).min(STAMP_RISE_MAX);
        base.saturating_add(rise).min(STAMP_EFFORT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effort_rises_with_each_doubling_and_falls_again() {
        let now = 1_000 * HOUR_MS;
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.effort(20, now), 20);
        for count in 1..=4 * ARRIVALS_IDLE {
            arrivals.note(now);
            let rise = match count / ARRIVALS_IDLE {
                0 => 0,
                1 => 1,
                2 | 3 => 2,
                _ => 3,
            };
            assert_eq!(arrivals.effort(20, now), 20 + rise, "{count}");
        }
        // The hour before counts by its share, two hours on nothing is left.
        assert_eq!(arrivals.effort(20, now + HOUR_MS + HOUR_MS / 2), 22);
        assert_eq!(arrivals.effort(20, now + 2 * HOUR_MS), 20);
        arrivals.note(now + 2 * HOUR_MS);
        assert_eq!(arrivals.effort(20, now + 2 * HOUR_MS), 20);
    }

    #[test]
    fn effort_is_bounded_and_a_clock_set_back_does_no_harm() {
        let mut arrivals = Arrivals { hour: 10, this: u32::MAX, before: u32::MAX };
        assert_eq!(arrivals.effort(20, 10 * HOUR_MS), 20 + STAMP_RISE_MAX);
        assert_eq!(arrivals.effort(39, 10 * HOUR_MS), STAMP_EFFORT_MAX);
        arrivals.note(0);
        assert_eq!((arrivals.hour, arrivals.this), (10, u32::MAX));
        arrivals.note(u64::MAX);
        assert_eq!((arrivals.this, arrivals.before), (1, 0));
    }
}
