//! Validators: who votes on blocks with what power, and how they vote for others.

use super::{EntryError, Rules, ValidatorsHash, instruction::Kind};
use crate::{
    address::Address,
    bounded::{List, TooMany},
    codec::{EncodeError, Format},
    digest::digest_of,
    domain::{Domain, LEDGER_VALIDATORS_UPDATE, VALIDATORS_HASH},
    keys::{BeaconKey, ConsensusKey},
    limits::{VALIDATORS, VOTING_POWER},
    network::SuperKeys,
};
use serde::{Deserialize, Serialize};

/// One validator of a height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// The key that votes.
    pub key: ConsensusKey,
    /// Its voting power.
    pub power: u64,
    /// The key that makes the beacon.
    pub beacon: BeaconKey,
}

/// The validators of a height as they travel, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators(pub List<Validator, VALIDATORS>);

impl Format for Validators {
    const NAME: &'static str = "validators";
    const VERSION: u8 = 1;
    const LIMIT: usize = 80 * VALIDATORS + 16;
}

/// Why validators are no set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorsError {
    /// There is none.
    #[error("there is at least one validator")]
    None,
    /// They are not in order, or one stands twice.
    #[error("validators ascend and differ; {0} does not follow")]
    Order(ConsensusKey),
    /// A key is no canonical Ed25519 key.
    #[error("the validator's key {0} is no canonical Ed25519 public key")]
    Key(ConsensusKey),
    /// One could not vote.
    #[error("the validator {0} has no voting power")]
    Powerless(ConsensusKey),
    /// Together they have more than can be counted.
    #[error("the voting power is over {VOTING_POWER}")]
    Power,
    /// There are too many.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// They do not fit their format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The validators of a height: different, in order, with a power that can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorSet {
    validators: Validators,
    power: u64,
    hash: ValidatorsHash,
}

impl Validators {
    /// Checks that these are a set. Errors: [`ValidatorsError`].
    pub fn verify(self) -> Result<ValidatorSet, ValidatorsError> {
        let mut power = 0_u64;
        let mut before = None;
        for Validator { key, power: own, .. } in self.0.iter() {
            if before.is_some_and(|before| before >= *key) {
                return Err(ValidatorsError::Order(*key));
            }
            before = Some(*key);
            Address::from_bytes(key.0).map_err(|_| ValidatorsError::Key(*key))?;
            if *own == 0 {
                return Err(ValidatorsError::Powerless(*key));
            }
            power = power.checked_add(*own).ok_or(ValidatorsError::Power)?;
        }
        match power {
            0 => Err(ValidatorsError::None),
            1..=VOTING_POWER => {
                let hash = ValidatorsHash(digest_of(VALIDATORS_HASH, &self)?);
                Ok(ValidatorSet { validators: self, power, hash })
            }
            _ => Err(ValidatorsError::Power),
        }
    }
}

impl ValidatorSet {
    /// Puts validators in order and checks them. Errors: [`ValidatorsError`].
    pub fn new(mut validators: Vec<Validator>) -> Result<Self, ValidatorsError> {
        validators.sort_unstable_by_key(|validator| validator.key);
        Validators(List::new(validators)?).verify()
    }

    /// Returns the validators, ascending by key.
    pub fn validators(&self) -> &[Validator] {
        &self.validators.0
    }

    /// Returns the set as it travels.
    pub const fn as_wire(&self) -> &Validators {
        &self.validators
    }

    /// Returns the power of all.
    pub const fn power(&self) -> u64 {
        self.power
    }

    /// Returns the set's hash, which a header names.
    pub const fn hash(&self) -> ValidatorsHash {
        self.hash
    }

    /// Returns the validator with this key, or nothing if it is a stranger.
    pub fn get(&self, key: ConsensusKey) -> Option<&Validator> {
        let at = self.validators.0.binary_search_by_key(&key, |validator| validator.key).ok()?;
        self.validators.0.get(at)
    }

    /// Returns who proposes in a round of a height: the validators take turns, and a failed round
    /// passes the turn on.
    ///
    /// Powers do not matter here: the fold of beacons counts proposers, not power.
    pub fn proposer(&self, height: u64, round: u32) -> Option<&Validator> {
        let count = self.validators.0.len() as u64;
        let turn = (height.checked_rem(count)? + u64::from(round) % count) % count;
        self.validators.0.get(usize::try_from(turn).ok()?)
    }

    /// Tells whether an honest validator must be among who has this much power: more than a third.
    pub const fn has_honest(&self, power: u64) -> bool {
        power.saturating_mul(3) > self.power
    }

    /// Tells whether this much power decides: more than two thirds.
    pub const fn decides(&self, power: u64) -> bool {
        // VOTING_POWER keeps the right side in range; who asks with more than there is, asks high.
        power.saturating_mul(3) > self.power * 2
    }
}

/// What is to change among the validators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValidatorChange {
    /// A super node becomes a validator, or changes its power or beacon key.
    Admit {
        /// Its keys.
        keys: SuperKeys,
        /// The key with which it makes the beacon.
        beacon: BeaconKey,
        /// Its voting power.
        power: u64,
    },
    /// A validator leaves.
    Remove {
        /// Which.
        validator: ConsensusKey,
    },
}

/// A validator's vote for a change; it takes effect when more than two thirds of the power want
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateValidators {
    /// Who votes, and signs.
    pub voter: ConsensusKey,
    /// The last height at which the vote counts, so that an old one is never used again.
    pub until_height: u64,
    /// What is to change.
    pub change: ValidatorChange,
}

impl Kind for UpdateValidators {
    const DOMAIN: Domain = LEDGER_VALIDATORS_UPDATE;

    fn signer(&self) -> &[u8; 32] {
        self.voter.as_bytes()
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        let ValidatorChange::Admit { keys, power, .. } = self.change else { return Ok(()) };
        EntryError::limit(Self::NAME, "the voting power", power, 1, VOTING_POWER)?;
        for key in [keys.node.0, keys.receipts.0, keys.consensus.0] {
            if Address::from_bytes(key).is_err() {
                let rule = "a super node's keys are canonical Ed25519 keys";
                return Err(EntryError::Shape { kind: Self::NAME, rule });
            }
        }
        Ok(())
    }
}
