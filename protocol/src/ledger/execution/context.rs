//! The block that entries are executed in: what of its header the rules look at.
//!
//! In: an unverified header, or a proposer's key. Out: a [`Context`], which only exists for a
//! header that goes on from the state and whose beacon was proven.

use super::{
    error::{Fault, Judged},
    overlay::always,
};
use crate::{
    address::Address,
    beacon::{self, Beacon, BeaconError, Input, Proof, SecretKey},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{
        Header, HeaderError, Validator, ValidatorSet, Validators, ValidatorsHash,
        state::{Leaves, Progress},
    },
};

/// What entries are executed under, besides the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub(super) chain: NetworkId,
    pub(super) height: u64,
    pub(super) time_ms: u64,
    pub(super) proposer: ConsensusKey,
    pub(super) wallet: Address,
    pub(super) power: u64,
    pub(super) total: u64,
    pub(super) validators: ValidatorsHash,
    pub(super) beacon: Beacon,
    pub(super) next_validators: ValidatorsHash,
}

/// Why a header does not go on from the state. The fault of who proposed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// Height, time or validators do not follow.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The proposer does not vote, or the secret is not of its beacon key.
    #[error("height {height}: {proposer} does not propose with this beacon key")]
    Proposer {
        /// The height.
        height: u64,
        /// Who would propose.
        proposer: ConsensusKey,
    },
    /// The beacon is not proven.
    #[error(transparent)]
    Beacon(#[from] BeaconError),
}

/// What a header has to go on from.
struct Before {
    progress: Progress,
    validators: ValidatorSet,
    input: Input,
}

impl Before {
    fn read<L: Leaves>(leaves: &L, chain: NetworkId) -> Result<Self, Fault<L::Error>> {
        let progress: Progress = always(leaves)?;
        let validators = always::<L, Validators>(leaves)?.verify()?;
        // At the last height there is no next one; `follow` refuses it.
        let height = progress.height.saturating_add(1);
        let input = Input { chain, height, previous: progress.beacon };
        Ok(Self { progress, validators, input })
    }

    fn follow(
        &self,
        height: u64,
        time_ms: u64,
        proposer: &Validator,
        beacon: Beacon,
    ) -> Result<Context, ContextError> {
        let Input { chain, height: expected, .. } = self.input;
        if height != expected || height == self.progress.height {
            return Err(HeaderError::Height { expected, found: height }.into());
        }
        let parent_ms = self.progress.time_ms;
        if time_ms <= parent_ms {
            return Err(HeaderError::Order { height, time_ms, parent_ms }.into());
        }
        let Validator { key: proposer, power, wallet, .. } = *proposer;
        let (total, validators) = (self.validators.power(), self.validators.hash());
        Ok(Context {
            chain,
            height,
            time_ms,
            proposer,
            wallet,
            power,
            total,
            validators,
            beacon,
            // No rule changes them yet.
            next_validators: validators,
        })
    }
}

impl Context {
    /// Checks a header of this chain against the state before it: rules, height, time, validators, that
    /// the proposer votes, and that its proof proves a beacon under its key.
    ///
    /// What it leaves to its caller is the parent's hash and the clock
    /// ([`Header::check_follows`], [`Header::check_drift`]), whose turn the round is, and whether
    /// entries, state and next validators are those that the execution comes to.
    pub fn verify<L: Leaves>(
        leaves: &L,
        chain: NetworkId,
        header: &Header,
    ) -> Judged<Self, ContextError, L::Error> {
        let before = Before::read(leaves, chain)?;
        Ok(before.verify(header))
    }

    /// Proves the next block's beacon with a validator's key, and returns what it is executed
    /// under.
    pub fn propose<L: Leaves>(
        leaves: &L,
        chain: NetworkId,
        proposer: ConsensusKey,
        secret: &SecretKey,
        time_ms: u64,
    ) -> Judged<(Self, Proof), ContextError, L::Error> {
        let before = Before::read(leaves, chain)?;
        Ok(before.propose(proposer, secret, time_ms))
    }

    /// Returns the height.
    pub const fn height(&self) -> u64 {
        self.height
    }

    /// Returns the time, in milliseconds.
    pub const fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// Returns the beacon, the output that the header's proof proves.
    pub const fn beacon(&self) -> &Beacon {
        &self.beacon
    }
}

impl Before {
    fn verify(&self, header: &Header) -> Result<Context, ContextError> {
        let Header { chain: found, height, proposer, time_ms, .. } = *header;
        let expected = self.input.chain;
        if found != expected {
            return Err(HeaderError::Chain { expected, found }.into());
        }
        header.check_rules()?;
        let (expected, found) = (self.validators.hash(), header.validators);
        if found != expected {
            return Err(HeaderError::Validators { height, expected, found }.into());
        }
        let validator = self.validators.get(proposer);
        let validator = validator.ok_or(ContextError::Proposer { height, proposer })?;
        let context = self.follow(height, time_ms, validator, Beacon::GENESIS)?;
        // The dearest comes last: a proof is only looked at for a header that follows.
        let beacon = beacon::verify(&validator.beacon, &self.input, &header.beacon)?;
        Ok(Context { beacon, ..context })
    }

    fn propose(
        &self,
        proposer: ConsensusKey,
        secret: &SecretKey,
        time_ms: u64,
    ) -> Result<(Context, Proof), ContextError> {
        let height = self.input.height;
        let public = secret.public();
        let known = self.validators.get(proposer).filter(|known| known.beacon == public);
        let known = known.ok_or(ContextError::Proposer { height, proposer })?;
        let context = self.follow(height, time_ms, known, Beacon::GENESIS)?;
        let (beacon, proof) = beacon::prove(secret, &self.input)?;
        Ok((Context { beacon, ..context }, proof))
    }
}
