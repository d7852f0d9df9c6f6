//! The fold: what the beacons after a height make together.
//!
//! In: a height, and the beacons of the heights after it with their proposers. Out: a [`Seed`] as
//! soon as proposers with a third of the voting power have contributed, which is more than may be
//! faulty, so that one of them was honest and nobody knew the seed while the height itself was
//! ordered.

use super::Beacon;
use crate::{
    domain::BEACON_FOLD, keys::ConsensusKey, ledger::ValidatorsHash, limits::FOLD_HEIGHTS,
};
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
    /// Its voting power in the set of that height.
    pub power: u64,
    /// The power of that whole set.
    pub total: u64,
    /// Which set that is.
    pub validators: ValidatorsHash,
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

/// Returns the seed for the draws of `height`, or nothing as long as it is not ready.
///
/// `after` are the beacons from `height + 1` on, without a gap. The seed is ready with the first
/// block at which different proposers with a third of the voting power have contributed: with f + 1
/// of 3 f + 1 equal ones in turn that is `height + f + 1`. Less than a third may be faulty, so one
/// of them is honest, however the power is divided. Where the set changes the counting of power
/// begins anew, because a third of two sets together is a third of neither. Of a proposer that
/// comes again the first beacon counts, and what follows a ready fold is not looked at. If so much
/// power never comes, the seed is made of what [`FOLD_HEIGHTS`] blocks have: no draw waits for ever.
/// Errors: [`FoldError`].
pub fn fold(
    height: u64,
    after: impl IntoIterator<Item = Contribution>,
) -> Result<Option<Folded>, FoldError> {
    let mut last = height;
    let mut proposers = BTreeSet::new();
    let mut first = Vec::new();
    let (mut set, mut counted, mut power) = (None, BTreeSet::new(), 0_u64);
    for next in after {
        let expected = last.checked_add(1).ok_or(FoldError::LastHeight(last))?;
        if next.height != expected {
            return Err(FoldError::Gap { expected, found: next.height });
        }
        last = expected;
        if proposers.insert(next.proposer) {
            first.push(next);
        }
        if set.replace(next.validators) != Some(next.validators) {
            counted.clear();
            power = 0;
        }
        if counted.insert(next.proposer) {
            power = power.saturating_add(next.power);
        }
        if power.saturating_mul(3) >= next.total || last - height == FOLD_HEIGHTS {
            return Ok(Some(Folded { seed: seed(height, &first), ready: last }));
        }
    }
    Ok(None)
}

/// Hashes the contributions, in the order of their heights; the bytes stand in `docs/draw.md`.
pub(super) fn seed(height: u64, contributions: &[Contribution]) -> Seed {
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
