//! Validators: who votes on blocks with what power, and how they vote for others.

use super::{EntryError, HeightError, Rules, ValidatorsHash, instruction::Kind};
use crate::{
    address::Address,
    beacon::BeaconError,
    bounded::{List, TooMany},
    codec::{EncodeError, Format},
    digest::digest_of,
    domain::{Domain, LEDGER_VALIDATORS_UPDATE, VALIDATORS_HASH},
    keys::{BeaconKey, ConsensusKey},
    limits::{VALIDATORS, VOTING_POWER},
    network::SuperKeys,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One validator of a height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// The key that votes.
    pub key: ConsensusKey,
    /// Its voting power.
    pub power: u64,
    /// The key that makes the beacon.
    pub beacon: BeaconKey,
    /// Where its fees go. None of its keys, which it destroys when it leaves.
    pub wallet: Address,
}

/// The validators of a height as they travel, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators(pub List<Validator, VALIDATORS>);

impl Format for Validators {
    const NAME: &'static str = "validators";
    const VERSION: u8 = 1;
    const LIMIT: usize = 112 * VALIDATORS + 16;
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
    /// A validator could never prove a beacon.
    #[error(transparent)]
    Beacon(#[from] BeaconError),
    /// One key stands for two purposes, or for two validators.
    #[error("a key of the validator {0} stands twice")]
    Twice(ConsensusKey),
    /// Fees would go where only a key of the validator's work can spend them.
    #[error("the wallet of the validator {0} is one of its keys")]
    Wallet(ConsensusKey),
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
    /// Checks that these are a set, the curve's arithmetic last. Errors: [`ValidatorsError`].
    pub fn verify(self) -> Result<ValidatorSet, ValidatorsError> {
        let mut power = 0_u64;
        let mut before = None;
        let mut seen = BTreeSet::new();
        for Validator { key, power: own, beacon, wallet } in self.0.iter() {
            if before.is_some_and(|before| before >= *key) {
                return Err(ValidatorsError::Order(*key));
            }
            before = Some(*key);
            if *own == 0 {
                return Err(ValidatorsError::Powerless(*key));
            }
            power = power.checked_add(*own).ok_or(ValidatorsError::Power)?;
            // The public key of the beacon is that of its secret bytes as a signing key: one that
            // stands twice is a secret used for two things.
            for own in [key.0, beacon.0] {
                if !seen.insert(own) {
                    return Err(ValidatorsError::Twice(*key));
                }
                if own == *wallet.as_bytes() {
                    return Err(ValidatorsError::Wallet(*key));
                }
            }
        }
        match power {
            0 => return Err(ValidatorsError::None),
            1..=VOTING_POWER => {}
            _ => return Err(ValidatorsError::Power),
        }
        for Validator { key, beacon, .. } in self.0.iter() {
            Address::from_bytes(key.0).map_err(|_| ValidatorsError::Key(*key))?;
            beacon.check()?;
        }
        let hash = ValidatorsHash(digest_of(VALIDATORS_HASH, &self)?);
        Ok(ValidatorSet { validators: self, power, hash })
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
    /// A super node becomes a validator, or changes its power, beacon key or wallet.
    Admit {
        /// Its keys.
        keys: SuperKeys,
        /// The key with which it makes the beacon.
        beacon: BeaconKey,
        /// Its voting power.
        power: u64,
        /// Where its fees go; none of its keys.
        wallet: Address,
    },
    /// A validator leaves.
    Remove {
        /// Which.
        validator: ConsensusKey,
    },
}

/// A validator's vote for a change; it takes effect when more than two thirds of the power want
/// the same as the same change in number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateValidators {
    /// Who votes, and signs.
    pub voter: ConsensusKey,
    /// How many changes were decided before this one. The vote counts for exactly that number, so
    /// that none ever counts for two decisions.
    pub number: u64,
    /// The last height at which the vote counts, at most
    /// [`Pace::vote_heights`](super::Pace::vote_heights) ahead.
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
        let ValidatorChange::Admit { keys, beacon, power, wallet } = self.change else {
            return Ok(());
        };
        EntryError::limit(Self::NAME, "the voting power", power, 1, VOTING_POWER)?;
        let broken = |rule| Err(EntryError::Shape { kind: Self::NAME, rule });
        let signing = [keys.node.0, keys.receipts.0, keys.consensus.0];
        let different = BTreeSet::from(signing).len() == signing.len();
        if !different || signing.contains(&beacon.0) {
            return broken("a super node's keys differ");
        }
        if signing.contains(wallet.as_bytes()) || beacon.0 == *wallet.as_bytes() {
            return broken("a validator's wallet is none of its keys");
        }
        if signing.iter().any(|key| Address::from_bytes(*key).is_err()) {
            return broken("a super node's keys are canonical Ed25519 keys");
        }
        if beacon.check().is_err() {
            return broken("a beacon key is a canonical point of the prime-order group");
        }
        Ok(())
    }

    fn check_height(&self, height: u64, rules: &Rules) -> Result<(), HeightError> {
        rules.check_until_height(self.until_height, height)
    }
}
