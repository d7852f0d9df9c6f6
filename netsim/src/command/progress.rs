//! How far it is, on stderr.

use crate::swarm;
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

/// Whether a single run says how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// It does, on stderr.
    Stderr,
    /// It does not.
    Silent,
}

/// How often a single run says how far it is.
const EVERY: Duration = Duration::from_secs(5);

impl Watch {
    /// Returns what a run of the level swarm tells of its progress.
    pub(super) fn progress(self) -> impl FnMut(swarm::Progress) + Send + 'static {
        let begun = Instant::now();
        let mut told = begun;
        move |progress| {
            if self == Self::Stderr && told.elapsed() >= EVERY {
                told = Instant::now();
                eprintln!("{}", far(progress, begun.elapsed()));
            }
        }
    }
}

/// Says how far a run is, how fast it goes, and how long the rest takes at that pace.
fn far(progress: swarm::Progress, elapsed: Duration) -> String {
    let swarm::Progress { at, of, delivered } = progress;
    let seconds = elapsed.as_secs_f64().max(0.001);
    let pace = at / seconds;
    let rest = of.map(|of| {
        let left = (of - at).max(0.0) / pace.max(1e-9);
        format!(" of {of:.0} s, {left:.0} s left")
    });
    let rest = rest.unwrap_or_else(|| " s".to_owned());
    format!("{at:.1}{rest}, {pace:.2} of real time, {delivered} delivered")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_says_how_long_a_run_takes() {
        let progress = swarm::Progress { at: 10.0, of: Some(60.0), delivered: 3 };
        let text = far(progress, Duration::from_secs(20));
        assert_eq!(text, "10.0 of 60 s, 100 s left, 0.50 of real time, 3 delivered");
        let open = far(swarm::Progress { of: None, ..progress }, Duration::from_secs(20));
        assert_eq!(open, "10.0 s, 0.50 of real time, 3 delivered");
    }

    #[test]
    fn the_rate_says_how_long_the_rest_takes() {
        let line = line(10, 30, Duration::from_secs(20));
        assert_eq!(line, "10/30  1800 an hour, 40 s left");
    }
}
