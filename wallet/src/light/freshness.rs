//! How fresh a header is.

use magpie_protocol::limits::{SETTLED_AHEAD_MS, SETTLED_MS};

/// How fresh what is believed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The header is under a minute old: what it shows is settled.
    Settled,
    /// It is older, or the clock is behind it: what it shows was so at that time, in
    /// milliseconds.
    AsOf(u64),
    /// Two headers contradict each other: nothing is believed any more.
    Stopped,
}

impl Freshness {
    /// Judges a header's time by a clock, both in milliseconds.
    pub(super) const fn of(time_ms: u64, now_ms: u64) -> Self {
        // By a clock that is behind, nobody knows how old the header is.
        let ahead = time_ms.saturating_sub(now_ms) > SETTLED_AHEAD_MS;
        if ahead || now_ms.saturating_sub(time_ms) >= SETTLED_MS {
            Self::AsOf(time_ms)
        } else {
            Self::Settled
        }
    }
}
