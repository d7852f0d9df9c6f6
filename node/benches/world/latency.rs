//! Times of many, and the ones below which half and ninety-nine of a hundred are.

use std::time::Duration;

/// Measured times.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds one.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the times at these percents, in milliseconds, by nearest rank. Nothing was measured: zeros.
    pub(crate) fn percentiles<const N: usize>(&self, percents: [usize; N]) -> [f64; N] {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        percents.map(|percent| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        })
    }
}
