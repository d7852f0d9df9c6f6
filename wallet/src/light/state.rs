//! A follower of the ledger and where it begins.

use super::{Believed, CheckpointError, Fork, Freshness, Kept};
use magpie_protocol::{
    ids::NetworkId,
    ledger::{Header, Tip, ValidatorSet, ValidatorsHash},
    limits::LIGHT_AGE_MS,
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
        check_checkpoint(&header, &next)?;
        let (chain, created_ms, tip) = (header.chain, header.time_ms, header.tip()?);
        let kept = vec![Kept { header, certificate: None }];
        Ok(Self { chain, created_ms, tip, sets: vec![next], kept, fork: None })
    }

    /// Goes on at a later header that the caller trusts, with the validators that vote after it:
    /// for a follower that is [too old](Self::is_too_old). What was kept stays.
    ///
    /// Errors: [`CheckpointError`].
    pub fn trust(&mut self, header: Header, next: ValidatorSet) -> Result<(), CheckpointError> {
        if self.fork.is_some() {
            return Err(CheckpointError::Stopped);
        }
        let (height, found) = (self.tip.height, header.height);
        let later = found > height && header.time_ms > self.tip.time_ms;
        if header.chain != self.chain || !later {
            return Err(CheckpointError::Behind { height, found });
        }
        check_checkpoint(&header, &next)?;
        let tip = header.tip()?;
        let fresh = self.set(tip.next_validators).is_none().then_some(next);
        self.advance(Kept { header, certificate: None }, tip, fresh);
        Ok(())
    }

    /// Tells whether the newest header is over 30 days old by a clock in milliseconds, so that no
    /// header is followed from it.
    pub const fn is_too_old(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.tip.time_ms) > LIGHT_AGE_MS
    }

    /// Returns the newest header's place, or the genesis'.
    pub const fn tip(&self) -> &Tip {
        &self.tip
    }

    /// Returns the header of a height to believe, or nothing if it is not kept, or if a fork was
    /// seen: then nothing is believed. The clock in milliseconds says how fresh it is.
    pub fn believed(&self, height: u64, now_ms: u64) -> Option<Believed<'_>> {
        let kept = self.kept(height).filter(|_| self.fork.is_none())?;
        Some(Believed::new(&kept.header, now_ms))
    }

    /// Returns the newest header to believe, or nothing at the genesis or if a fork was seen. The
    /// clock in milliseconds says how fresh it is.
    pub fn newest(&self, now_ms: u64) -> Option<Believed<'_>> {
        self.believed(self.tip.height, now_ms)
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
        if self.tip.height == 0 {
            return Freshness::AsOf(self.tip.time_ms);
        }
        Freshness::of(self.tip.time_ms, now_ms)
    }

    pub(super) fn kept(&self, height: u64) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.header.height == height)
    }

    pub(super) fn set(&self, hash: ValidatorsHash) -> Option<&ValidatorSet> {
        self.sets.iter().find(|set| set.hash() == hash)
    }
}

/// Checks that a checkpoint says what this build understands, and who votes after it.
fn check_checkpoint(header: &Header, next: &ValidatorSet) -> Result<(), CheckpointError> {
    header.check_rules()?;
    let (expected, found) = (header.next_validators, next.hash());
    if expected != found {
        return Err(CheckpointError::Validators { expected, found });
    }
    Ok(())
}
