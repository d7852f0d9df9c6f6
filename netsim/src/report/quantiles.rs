//! Quantiles of durations.

use serde::{Deserialize, Serialize};

/// Quantiles of durations in milliseconds, by the nearest rank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half are not above it.
    pub p50: u64,
    /// Nine of ten are not above it.
    pub p90: u64,
    /// 99 of 100 are not above it.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

impl Quantiles {
    /// Returns the quantiles of some durations; zeros of none.
    pub fn of(durations: impl Iterator<Item = u64>) -> Self {
        let mut all: Vec<u64> = durations.collect();
        all.sort_unstable();
        let at = |hundredths: usize| {
            let rank = (all.len() * hundredths).div_ceil(100).max(1) - 1;
            all.get(rank).copied().unwrap_or(0)
        };
        Self { p50: at(50), p90: at(90), p99: at(99), max: at(100) }
    }
}
