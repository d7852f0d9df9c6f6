//! Certificates: that more than two thirds of the voting power committed to a block.
//!
//! In: a header, its certificate and the validators that may vote on it. Out: a
//! [`CertifiedHeader`], which a wallet believes.

use super::{BlockHash, Header, HeaderError, Step, Tip, ValidatorSet, ValidatorsHash, Vote};
use crate::{
    bounded::List,
    codec::{EncodeError, Format},
    ids::NetworkId,
    keys::ConsensusKey,
    limits::VALIDATORS,
    sign::Signature,
};
use serde::{Deserialize, Serialize};

/// One validator's precommit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitSignature {
    /// Whose.
    pub validator: ConsensusKey,
    /// Under the precommit for the certificate's block.
    pub signature: Signature,
}

/// The precommits by which a block was decided, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The height.
    pub height: u64,
    /// The round in which it was decided; not before the one in which it was proposed.
    pub round: u32,
    /// The block.
    pub block: BlockHash,
    /// The precommits, ascending by validator.
    pub signatures: List<CommitSignature, VALIDATORS>,
}

impl Format for Certificate {
    const NAME: &'static str = "commit certificate";
    const VERSION: u8 = 1;
    const LIMIT: usize = 96 * VALIDATORS + 64;
}

/// Why a certificate decides nothing. The fault of whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// One validator stands twice, or they are not in order.
    #[error("certificate of height {height}: validators ascend and differ; {validator} does not")]
    Order {
        /// The height.
        height: u64,
        /// The validator that does not follow.
        validator: ConsensusKey,
    },
    /// Somebody signed who does not vote.
    #[error("certificate of height {height}: {validator} does not vote")]
    Stranger {
        /// The height.
        height: u64,
        /// The stranger.
        validator: ConsensusKey,
    },
    /// Who signed has too little power.
    #[error("certificate of height {height}: {power} of {total} is not over two thirds")]
    Power {
        /// The height.
        height: u64,
        /// The power of who signed.
        power: u64,
        /// The power of all.
        total: u64,
    },
    /// A signature does not hold.
    #[error("certificate of height {height}: the signature of {validator} does not hold")]
    Signature {
        /// The height.
        height: u64,
        /// Whose.
        validator: ConsensusKey,
    },
    /// It is of another block than the header.
    #[error("certificate of block {certified} at {height}, the header is {header}")]
    Block {
        /// The certificate's height.
        height: u64,
        /// The certificate's block.
        certified: BlockHash,
        /// The header's hash.
        header: BlockHash,
    },
    /// The header names other validators than these.
    #[error("header of height {height} is of validators {found}, not {expected}")]
    Validators {
        /// The height.
        height: u64,
        /// The set at hand.
        expected: ValidatorsHash,
        /// The set that the header names.
        found: ValidatorsHash,
    },
    /// The proposer does not vote, or the round is before the proposal.
    #[error("header of height {0}: the proposer votes, and the certificate's round is not before")]
    Proposer(u64),
    /// The header does not follow.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Certificate {
    /// Checks that validators of this set with over two thirds of its power committed to the
    /// block on this chain.
    ///
    /// Order, strangers and power are checked before any signature. Errors: [`CertificateError`].
    pub fn verify(&self, chain: NetworkId, set: &ValidatorSet) -> Result<(), CertificateError> {
        let Self { height, round, block, ref signatures } = *self;
        let mut before = None;
        let mut power = 0_u64;
        for CommitSignature { validator, .. } in signatures.iter() {
            let validator = *validator;
            if before.is_some_and(|before| before >= validator) {
                return Err(CertificateError::Order { height, validator });
            }
            before = Some(validator);
            let known = set.get(validator);
            let known = known.ok_or(CertificateError::Stranger { height, validator })?;
            // Different validators of one set have no more than the set.
            power = power.saturating_add(known.power);
        }
        if !set.decides(power) {
            return Err(CertificateError::Power { height, power, total: set.power() });
        }
        let vote = Vote { chain, height, round, step: Step::Precommit, block: Some(block) };
        for CommitSignature { validator, signature } in signatures.iter() {
            if !vote.is_signed_by(*validator, signature) {
                return Err(CertificateError::Signature { height, validator: *validator });
            }
        }
        Ok(())
    }
}

/// A header that its validators decided, with the certificate that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedHeader {
    header: Header,
    certificate: Certificate,
    tip: Tip,
}

impl CertifiedHeader {
    /// Checks header and certificate against the validators that vote at this height, of which
    /// the caller knows from a certified header before, or the genesis.
    pub fn verify(
        header: Header,
        certificate: Certificate,
        chain: NetworkId,
        set: &ValidatorSet,
    ) -> Result<Self, CertificateError> {
        let height = header.height;
        if header.chain != chain {
            let found = header.chain;
            return Err(HeaderError::Chain { expected: chain, found }.into());
        }
        let tip = header.tip()?;
        if certificate.height != height || certificate.block != tip.hash {
            let Certificate { height, block: certified, .. } = certificate;
            return Err(CertificateError::Block { height, certified, header: tip.hash });
        }
        if header.validators != set.hash() {
            let (expected, found) = (set.hash(), header.validators);
            return Err(CertificateError::Validators { height, expected, found });
        }
        if set.get(header.proposer).is_none() || certificate.round < header.round {
            return Err(CertificateError::Proposer(height));
        }
        certificate.verify(chain, set)?;
        Ok(Self { header, certificate, tip })
    }

    /// Checks that `header` follows `tip` and is certified by the validators that it named.
    pub fn verify_next(
        header: Header,
        certificate: Certificate,
        tip: &Tip,
        set: &ValidatorSet,
    ) -> Result<Self, CertificateError> {
        header.check_follows(tip)?;
        Self::verify(header, certificate, tip.chain, set)
    }

    /// Tells whether the two cannot both be: certified blocks of one height that differ. Who sees
    /// it keeps both, and believes none.
    pub fn contradicts(&self, other: &Self) -> bool {
        let (a, b) = (&self.tip, &other.tip);
        a.chain == b.chain && a.height == b.height && a.hash != b.hash
    }

    /// Returns the header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the certificate.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Returns what the next header has to follow.
    pub const fn tip(&self) -> &Tip {
        &self.tip
    }
}
