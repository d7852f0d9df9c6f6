//! What checkers found.

use serde::Serialize;

/// Findings that are kept of one run; more of them say nothing new.
const KEPT: usize = 100;

/// One violation of what must always hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// When, milliseconds since the beginning.
    pub at_ms: u64,
    /// Who found it.
    pub checker: &'static str,
    /// At which node.
    pub node: String,
    /// What.
    pub what: String,
}

/// What was found in a run.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Finding>,
    count: u64,
}

impl Findings {
    /// Notes one, and keeps it while there is room.
    pub fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.all.len() < KEPT {
            self.all.push(finding);
        }
    }

    /// Returns those that were kept, in their order.
    pub fn all(&self) -> &[Finding] {
        &self.all
    }

    /// Returns how many there were.
    pub const fn count(&self) -> u64 {
        self.count
    }
}
