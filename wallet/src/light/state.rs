//! A follower of the ledger and where it begins.

use super::{Believed, CheckpointError, Fork, Freshness, Kept};
use magpie_protocol::{
    ids::NetworkId,
    ledger::{Header, Tip, ValidatorSet, ValidatorsHash},
    limits::SETTLED_MS,
};

/// What a wallet believes of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Light {
    pub(super) chain: NetworkId,
    /// When the network was made, in milliseconds; of use until the first header.
    pub(super) created_ms: u64,
    pub(super) tip: Tip,
    /// The validators of the kept headers and of the next height.
    pub(super) sets: Vec<ValidatorSet>,
    /// The newest believed headers, ascending.
    pub(super) kept: Vec<Kept>,
    pub(super) fork: Option<Fork>,
}

impl Light {
    /// Begins at the genesis, whose validators the caller trusts.
    pub fn from_genesis(chain: NetworkId, created_ms: u64, validators: ValidatorSet) -> Self {
        let tip = Tip::genesis(chain, created_ms, validators.hash());
        Self { chain, created_ms, tip, sets: vec![validators], kept: Vec::new(), fork: None }
    }

    /// Begins at a header that the caller trusts, with the validators that vote after it.
    ///
    /// Errors: [`CheckpointError`].
    pub fn from_checkpoint(header: Header, next: ValidatorSet) -> Result<Self, CheckpointError> {
        let (expected, found) = (header.next_validators, next.hash());
        if expected != found {
            return Err(CheckpointError::Validators { expected, found });
        }
        let (chain, created_ms, tip) = (header.chain, header.time_ms, header.tip()?);
        let kept = vec![Kept { header, certificate: None }];
        Ok(Self { chain, created_ms, tip, sets: vec![next], kept, fork: None })
    }

    /// Returns the newest header's place, or the genesis'.
    pub const fn tip(&self) -> &Tip {
        &self.tip
    }

    /// Returns the header of a height to believe, or nothing if it is not kept, or if a fork was
    /// seen: then nothing is believed.
    pub fn believed(&self, height: u64) -> Option<Believed<'_>> {
        let kept = self.kept(height).filter(|_| self.fork.is_none())?;
        Some(Believed::new(&kept.header))
    }

    /// Returns the fork that stopped this follower, for the person and as evidence.
    pub const fn fork(&self) -> Option<&Fork> {
        self.fork.as_ref()
    }

    /// Tells how fresh the newest header is by a clock in milliseconds.
    pub const fn freshness(&self, now_ms: u64) -> Freshness {
        if self.fork.is_some() {
            return Freshness::Stopped;
        }
        // A header far ahead of the clock is as doubtful as an old one.
        if now_ms.abs_diff(self.tip.time_ms) < SETTLED_MS && self.tip.height > 0 {
            Freshness::Settled
        } else {
            Freshness::AsOf(self.tip.time_ms)
        }
    }

    pub(super) fn kept(&self, height: u64) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.header.height == height)
    }

    pub(super) fn set(&self, hash: ValidatorsHash) -> Option<&ValidatorSet> {
        self.sets.iter().find(|set| set.hash() == hash)
    }
}
