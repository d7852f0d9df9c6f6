//! The fold: what the beacons after a height make together.
//!
//! In: a height, and the beacons of the heights after it with their proposers. Out: a [`Seed`] as
//! soon as more proposers than may be faulty have contributed, so that one of them was honest and
//! nobody knew the seed while the height itself was ordered.

use super::Beacon;
use crate::{domain::BEACON_FOLD, keys::ConsensusKey, limits::FOLD_HEIGHTS};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

crate::ids::ids! {
    /// What the draws of one height are made from.
    Seed;
}

/// The beacon of one block, as its verified header has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// The block's height.
    pub height: u64,
    /// Who proposed it.
    pub proposer: ConsensusKey,
    /// How many faulty validators the set of that height tolerates: [`tolerated`].
    pub tolerated: usize,
    /// Its beacon.
    pub beacon: Beacon,
}

/// A fold that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// The seed for the draws of the folded height.
    pub seed: Seed,
    /// The height whose beacon was the last.
    pub ready: u64,
}

/// Why beacons do not fold. The fault of the caller who lined them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The contributions are not those of the heights right after the folded one.
    #[error("the beacon of height {found} stands where that of {expected} belongs")]
    Gap {
        /// The height whose beacon is next.
        expected: u64,
        /// The height whose beacon was there.
        found: u64,
    },
    /// There is no height after the last.
    #[error("there is no height after {0}")]
    LastHeight(u64),
}

/// Returns how many faulty validators of equal power a set of this size tolerates.
pub const fn tolerated(validators: usize) -> usize {
    validators.saturating_sub(1) / 3
}

/// Returns the seed for the draws of `height`, or nothing as long as it is not ready.
///
/// `after` are the beacons from `height + 1` on, without a gap. The seed is ready with the first
/// block at which more proposers have contributed than its set tolerates to be faulty: with
/// proposers in turn that is `height + f + 1`. Of a proposer that comes again the first beacon
/// counts, and what follows a ready fold is not looked at. If so many never come, the seed is made
/// of what [`FOLD_HEIGHTS`] blocks have: no draw waits for ever.
/// Errors: [`FoldError`].
pub fn fold(
    height: u64,
    after: impl IntoIterator<Item = Contribution>,
) -> Result<Option<Folded>, FoldError> {
    let mut last = height;
    let mut proposers = BTreeSet::new();
    let mut first = Vec::new();
    for next in after {
        let expected = last.checked_add(1).ok_or(FoldError::LastHeight(last))?;
        if next.height != expected {
            return Err(FoldError::Gap { expected, found: next.height });
        }
        last = expected;
        if proposers.insert(next.proposer) {
            first.push(next);
        }
        if proposers.len() > next.tolerated || last - height == FOLD_HEIGHTS {
            return Ok(Some(Folded { seed: seed(height, &first), ready: last }));
        }
    }
    Ok(None)
}

/// Hashes the contributions, in the order of their heights; the bytes stand in `docs/draw.md`.
fn seed(height: u64, contributions: &[Contribution]) -> Seed {
    let mut hasher = Sha256::new();
    hasher.update(BEACON_FOLD.as_str());
    hasher.update([0]);
    hasher.update(height.to_be_bytes());
    hasher.update((contributions.len() as u64).to_be_bytes());
    for Contribution { height, proposer, beacon, .. } in contributions {
        hasher.update(height.to_be_bytes());
        hasher.update(proposer.as_bytes());
        hasher.update(beacon.as_bytes());
    }
    Seed(hasher.finalize().into())
}
