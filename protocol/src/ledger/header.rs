//! The header of a block: what validators sign and what a wallet follows.

use super::{BlockHash, EntriesRoot, Pace, StateRoot, ValidatorsHash};
use crate::{
    beacon::Proof,
    codec::{EncodeError, Format},
    digest::digest_of,
    domain::BLOCK_HASH,
    ids::NetworkId,
    keys::ConsensusKey,
};
use serde::{Deserialize, Serialize};

/// A block's header, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The chain.
    pub chain: NetworkId,
    /// The version of the rules by which the block is executed; this build's is
    /// [`Header::RULES`].
    pub rules: u16,
    /// The height; the genesis is 0 and has no header.
    pub height: u64,
    /// The round in which the block was proposed first.
    pub round: u32,
    /// Who proposed it then.
    pub proposer: ConsensusKey,
    /// The block before; of height 1, the chain's id.
    pub parent: BlockHash,
    /// When, in milliseconds.
    pub time_ms: u64,
    /// The root of the entries.
    pub entries: EntriesRoot,
    /// The root of the state after them.
    pub state: StateRoot,
    /// Who votes on this block.
    pub validators: ValidatorsHash,
    /// Who votes on the next.
    pub next_validators: ValidatorsHash,
    /// The proof of what the proposer adds to the beacon, unverified.
    pub beacon: Proof,
}

impl Format for Header {
    const NAME: &'static str = "block header";
    const VERSION: u8 = 1;
    const LIMIT: usize = 512;
}

/// Why a header does not follow another, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It is of another network.
    #[error("header of network {found}, not of {expected}")]
    Chain {
        /// The network.
        expected: NetworkId,
        /// What the header names.
        found: NetworkId,
    },
    /// Its block is executed by other rules, of another Magpie.
    #[error("header of height {height} is of rules {found}, this build knows {known}")]
    Rules {
        /// Its height.
        height: u64,
        /// The version that this build knows.
        known: u16,
        /// The version found.
        found: u16,
    },
    /// It is of another height.
    #[error("header of height {found}, not of {expected}")]
    Height {
        /// The height that follows.
        expected: u64,
        /// The height found.
        found: u64,
    },
    /// It follows another block.
    #[error("header of height {height} follows {found}, not {expected}")]
    Parent {
        /// Its height.
        height: u64,
        /// The block it has to follow.
        expected: BlockHash,
        /// The block it follows.
        found: BlockHash,
    },
    /// It names other validators than the block before did for it.
    #[error("header of height {height} is of validators {found}, not {expected}")]
    Validators {
        /// Its height.
        height: u64,
        /// Who has to vote on it.
        expected: ValidatorsHash,
        /// Who it says votes.
        found: ValidatorsHash,
    },
    /// Its time is not after the block before.
    #[error("header of height {height} is of {time_ms}, its parent of {parent_ms}")]
    Order {
        /// Its height.
        height: u64,
        /// Its time.
        time_ms: u64,
        /// Its parent's time.
        parent_ms: u64,
    },
    /// Its time is too far from the clock.
    #[error("header of height {height} is of {time_ms}, the clock says {now_ms}")]
    Drift {
        /// Its height.
        height: u64,
        /// Its time.
        time_ms: u64,
        /// The clock's.
        now_ms: u64,
    },
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What the next header has to follow: a block, or the genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// The chain.
    pub chain: NetworkId,
    /// The height.
    pub height: u64,
    /// The block, or the chain's id at the genesis.
    pub hash: BlockHash,
    /// When, in milliseconds.
    pub time_ms: u64,
    /// Who votes on the next block.
    pub next_validators: ValidatorsHash,
}

impl Tip {
    /// Returns what the first block follows.
    pub const fn genesis(chain: NetworkId, created_ms: u64, validators: ValidatorsHash) -> Self {
        let hash = BlockHash(chain.0);
        Self { chain, height: 0, hash, time_ms: created_ms, next_validators: validators }
    }
}

impl Header {
    /// The version of the rules by which this build executes blocks. Where rules change at a
    /// height, a build that knows both says which version is whose.
    pub const RULES: u16 = 1;

    /// Checks that this build knows the rules by which the block is executed. Errors:
    /// [`HeaderError::Rules`].
    pub const fn check_rules(&self) -> Result<(), HeaderError> {
        let (known, found) = (Self::RULES, self.rules);
        if found == known {
            Ok(())
        } else {
            Err(HeaderError::Rules { height: self.height, known, found })
        }
    }

    /// Returns the block's hash, which validators vote on.
    pub fn hash(&self) -> Result<BlockHash, EncodeError> {
        Ok(BlockHash(digest_of(BLOCK_HASH, self)?))
    }

    /// Returns what the next header has to follow.
    pub fn tip(&self) -> Result<Tip, EncodeError> {
        let Self { chain, height, time_ms, next_validators, .. } = *self;
        Ok(Tip { chain, height, hash: self.hash()?, time_ms, next_validators })
    }

    /// Checks that this header follows `tip`. Errors: [`HeaderError`].
    pub fn check_follows(&self, tip: &Tip) -> Result<(), HeaderError> {
        let height = self.height;
        if self.chain != tip.chain {
            return Err(HeaderError::Chain { expected: tip.chain, found: self.chain });
        }
        self.check_rules()?;
        // At the last height there is no next one, and the height itself does not follow.
        let expected = tip.height.saturating_add(1);
        if height != expected || height == tip.height {
            return Err(HeaderError::Height { expected, found: height });
        }
        if self.parent != tip.hash {
            return Err(HeaderError::Parent { height, expected: tip.hash, found: self.parent });
        }
        if self.validators != tip.next_validators {
            let (expected, found) = (tip.next_validators, self.validators);
            return Err(HeaderError::Validators { height, expected, found });
        }
        if self.time_ms <= tip.time_ms {
            let (time_ms, parent_ms) = (self.time_ms, tip.time_ms);
            return Err(HeaderError::Order { height, time_ms, parent_ms });
        }
        Ok(())
    }

    /// Checks the time against a validator's clock, in milliseconds; only of a block proposed for
    /// the first time. One with a polka is not checked again, or a height could stall.
    pub const fn check_drift(&self, now_ms: u64, pace: &Pace) -> Result<(), HeaderError> {
        let Self { height, time_ms, .. } = *self;
        let latest = now_ms.saturating_add(pace.ahead_ms);
        let earliest = now_ms.saturating_sub(pace.behind_ms);
        if time_ms < earliest || latest < time_ms {
            return Err(HeaderError::Drift { height, time_ms, now_ms });
        }
        Ok(())
    }
}
