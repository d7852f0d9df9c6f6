//! Bugs that are planted in the nodes of a swarm, to see what a defence is good for.

use magpie_node::core::net::Verdict;

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// Nodes blame nobody for what nobody signed: it goes no further, but who sent it stays.
    NoScores,
    /// Nodes pass on what nobody signed.
    PassForged,
}

impl Sabotage {
    /// All of them, with what of a scenario's `[expect]` may find them.
    pub const ALL: &[(Self, &str, &[&str])] = &[
        (Self::NoScores, "no-scores", &["forged"]),
        (Self::PassForged, "pass-forged", &["forged"]),
    ];

    /// Finds one by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(it, ..)| *it)
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(it, ..)| *it == self).map_or("", |(_, name, _)| name)
    }

    /// Returns what a node with the bug makes of a verdict.
    pub(super) const fn spoil(self, verdict: Verdict) -> Verdict {
        match (self, verdict) {
            (Self::NoScores, Verdict::Reject) => Verdict::Ignore,
            (Self::PassForged, Verdict::Reject) => Verdict::Accept,
            (_, other) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_changes_what_becomes_of_forged_frames_alone() {
        for (bug, name, _) in Sabotage::ALL {
            assert_eq!((Sabotage::named(name), bug.name()), (Some(*bug), *name));
            assert_eq!(bug.spoil(Verdict::Accept), Verdict::Accept);
            assert_eq!(bug.spoil(Verdict::Ignore), Verdict::Ignore);
            assert_ne!(bug.spoil(Verdict::Reject), Verdict::Reject);
        }
        assert_eq!(Sabotage::named("skip-flush"), None);
    }
}
