//! When an entry may stand in a block: its time, and its height.
//!
//! In: what an entry says of itself, and the block's header. Out: whether the two go together,
//! whatever the state.

use super::Rules;

/// Why the time of a block is not the time for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It is too late: the entry will never be valid again.
    #[error("the entry was valid until {valid_until_ms}, the block is of {time_ms}")]
    Late {
        /// Until when the entry was valid.
        valid_until_ms: u64,
        /// The block's time.
        time_ms: u64,
    },
    /// It reaches further ahead than the genesis allows.
    #[error("the entry is valid until {valid_until_ms}, more than {most_ms} ms after {time_ms}")]
    Ahead {
        /// Until when the entry would be valid.
        valid_until_ms: u64,
        /// The block's time.
        time_ms: u64,
        /// How far ahead it may be.
        most_ms: u64,
    },
}

/// Why the height of a block is not the height for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeightError {
    /// It is too late: the entry will never be valid again.
    #[error("the entry counts until height {until_height}, the block is of {height}")]
    Late {
        /// The last height at which the entry counts.
        until_height: u64,
        /// The block's height.
        height: u64,
    },
    /// It reaches further ahead than the genesis allows.
    #[error("the entry counts until height {until_height}, more than {most} after {height}")]
    Ahead {
        /// The last height at which the entry would count.
        until_height: u64,
        /// The block's height.
        height: u64,
        /// How many heights ahead it may be.
        most: u32,
    },
    /// It shows what is too long ago, or has not come.
    #[error("the evidence is of height {found}, at most {most} before {height} count")]
    Evidence {
        /// The height that it is about.
        found: u64,
        /// The block's height.
        height: u64,
        /// How many heights ago it may be.
        most: u32,
    },
}

impl Rules {
    /// Checks that a block of `time_ms` may hold an entry that is valid until then, exclusive.
    pub const fn check_valid_until(
        &self,
        valid_until_ms: u64,
        time_ms: u64,
    ) -> Result<(), TimeError> {
        let most_ms = self.lifetimes.entry;
        match valid_until_ms.checked_sub(time_ms) {
            None | Some(0) => Err(TimeError::Late { valid_until_ms, time_ms }),
            Some(ahead) if ahead > most_ms => {
                Err(TimeError::Ahead { valid_until_ms, time_ms, most_ms })
            }
            Some(_) => Ok(()),
        }
    }

    /// Checks that a block of `height` may hold a vote that counts until that height, inclusive.
    pub fn check_until_height(&self, until_height: u64, height: u64) -> Result<(), HeightError> {
        let most = self.pace.vote_heights;
        match until_height.checked_sub(height) {
            None => Err(HeightError::Late { until_height, height }),
            Some(ahead) if ahead > u64::from(most) => {
                Err(HeightError::Ahead { until_height, height, most })
            }
            Some(_) => Ok(()),
        }
    }

    /// Checks that a block of `height` may hold evidence about that height.
    pub fn check_evidence_height(&self, found: u64, height: u64) -> Result<(), HeightError> {
        let most = self.pace.evidence_heights;
        match height.checked_sub(found) {
            Some(ago) if ago <= u64::from(most) => Ok(()),
            _ => Err(HeightError::Evidence { found, height, most }),
        }
    }
}
