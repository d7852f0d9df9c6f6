//! How far it is, on stderr.

use std::time::{Duration, Instant};

/// Counts pieces of work and says how long the rest takes.
#[derive(Debug)]
pub(super) struct Progress {
    begun: Instant,
    of: u64,
    done: u64,
}

impl Progress {
    /// Begins to count so many pieces.
    pub(super) fn new(of: u64) -> Self {
        Self { begun: Instant::now(), of, done: 0 }
    }

    /// Counts one and says how it goes on.
    pub(super) fn one(&mut self, what: &str) {
        self.done += 1;
        let line = line(self.done, self.of, self.begun.elapsed());
        eprintln!("{line}  {what}");
    }
}

fn line(done: u64, of: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = done as f64 / seconds;
    let left = of.saturating_sub(done) as f64 / rate;
    format!("{done}/{of}  {:.0} an hour, {left:.0} s left", rate * 3_600.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_says_how_long_the_rest_takes() {
        let line = line(10, 30, Duration::from_secs(20));
        assert_eq!(line, "10/30  1800 an hour, 40 s left");
    }
}
