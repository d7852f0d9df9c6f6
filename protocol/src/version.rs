//! The range of versions that a peer announces for a protocol, and what two peers can speak.

use serde::{Deserialize, Serialize};

/// The versions of one protocol that a node speaks, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange {
    /// The lowest version.
    pub lowest: u8,
    /// The highest version.
    pub highest: u8,
}

impl VersionRange {
    /// What this build speaks: the first version of everything.
    pub const OURS: Self = Self { lowest: 1, highest: 1 };

    /// Returns the highest version both speak, or nothing if there is none.
    pub fn common(self, other: Self) -> Option<u8> {
        let highest = self.highest.min(other.highest);
        let lowest = self.lowest.max(other.lowest);
        (lowest <= highest && self.lowest <= self.highest && other.lowest <= other.highest)
            .then_some(highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_both_speak() {
        let range = |lowest, highest| VersionRange { lowest, highest };
        assert_eq!(range(1, 3).common(range(2, 5)), Some(3));
        assert_eq!(range(1, 1).common(range(1, 9)), Some(1));
        assert_eq!(range(1, 2).common(range(3, 4)), None);
        // A range turned around is nobody's.
        assert_eq!(range(4, 1).common(range(1, 9)), None);
        assert_eq!(range(1, 9).common(range(4, 1)), None);
    }
}
