//! Whether a planted bug is found, and how soon.

use super::{Planted, run};
use crate::scenario::Scenario;
use std::ops::RangeInclusive;

/// A planted bug that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caught {
    /// Under the first seed that shows it.
    pub seed: u64,
    /// By this checker.
    pub checker: &'static str,
}

impl Planted {
    /// Runs a scenario with the bug under one seed after the other, until one of the bug's checkers finds
    /// it.
    pub fn catch(&self, scenario: &Scenario, mut seeds: RangeInclusive<u64>) -> Option<Caught> {
        seeds.find_map(|seed| {
            let ran = run(scenario, seed, Some(self.sabotage));
            let mut found = ran.findings.iter().map(|finding| finding.checker);
            let checker = found.find(|checker| self.finders.contains(checker))?;
            Some(Caught { seed, checker })
        })
    }
}
