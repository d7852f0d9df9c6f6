//! How often a password was tried in a row, and how long to wait for the next try (page 7).
//!
//! In: the time of an attempt, and how it ended. Out: go on, or a [`Wait`]. Counted for the login
//! and for the wallet lock each for itself.
//!
//! The 5th wrong attempt in a row and each tried one after it starts a wait of 30 seconds, from the
//! 10th on 5 minutes. An attempt during a wait is counted, not tried, and answered by its count; the
//! 10th starts the 5 minutes even so. No attempt during the 5 minutes makes them longer, and a clock
//! set back makes no wait longer than its full length: nobody is locked out for ever. The wait starts when
//! an attempt begins, before it is tried, so killing the process in between skips none.

/// How many attempts in a row were wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// At least five: 30 seconds.
    Five,
    /// At least ten: five minutes.
    Ten,
}

impl Tier {
    /// Returns the full length of this tier's wait, in milliseconds.
    pub const fn wait_ms(self) -> u64 {
        match self {
            Self::Five => 30_000,
            Self::Ten => 300_000,
        }
    }

    const fn of(count: u32) -> Option<Self> {
        match count {
            0..=4 => None,
            5..=9 => Some(Self::Five),
            10.. => Some(Self::Ten),
        }
    }
}

/// The answer to an attempt that came too soon, or to the one that starts a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many wrong passwords, wait {seconds_left} seconds")]
pub struct Wait {
    /// How many were wrong.
    pub tier: Tier,
    /// Seconds until the next attempt is tried, rounded up.
    pub seconds_left: u64,
}

/// A count of attempts and the end of a wait, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attempts {
    pub(super) count: u32,
    pub(super) until_ms: u64,
}

impl Attempts {
    /// Counts an attempt; an error says that it may not be tried.
    pub(super) fn begin(&mut self, now_ms: u64) -> Result<(), Wait> {
        let waiting = self.wait(now_ms);
        let before = self.tier();
        self.count = self.count.saturating_add(1);
        match (waiting, self.tier()) {
            (Some(running), Some(tier)) => {
                if self.tier() == before {
                    // A clock set back: the rest is cut to the full length, once and for all.
                    self.until_ms = self.until_ms.min(now_ms.saturating_add(tier.wait_ms()));
                    Err(Wait { tier, ..running })
                } else {
                    Err(self.start(tier, now_ms))
                }
            }
            (_, Some(tier)) => {
                self.start(tier, now_ms);
                Ok(())
            }
            (_, None) => Ok(()),
        }
    }

    /// Ends an attempt that was tried and wrong.
    pub(super) fn wrong(&mut self, now_ms: u64) -> Option<Wait> {
        self.tier().map(|tier| self.start(tier, now_ms))
    }

    /// Ends an attempt that was right.
    pub(super) fn right(&mut self) {
        *self = Self::default();
    }

    /// Returns the wait that is running, if one is.
    pub(super) fn wait(&self, now_ms: u64) -> Option<Wait> {
        let tier = self.tier()?;
        let left = self.until_ms.saturating_sub(now_ms).min(tier.wait_ms());
        (left > 0).then(|| Wait { tier, seconds_left: left.div_ceil(1_000) })
    }

    fn start(&mut self, tier: Tier, now_ms: u64) -> Wait {
        self.until_ms = now_ms.saturating_add(tier.wait_ms());
        Wait { tier, seconds_left: tier.wait_ms() / 1_000 }
    }

    const fn tier(&self) -> Option<Tier> {
        Tier::of(self.count)
    }
}
