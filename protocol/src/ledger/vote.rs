//! What validators sign about a block, and the evidence when one signs two things.

use super::{BlockHash, EntryError, HeightError, Rules, instruction::Kind};
use crate::{
    codec::{EncodeError, Format, encode},
    domain::{CONSENSUS_PRECOMMIT, CONSENSUS_PREVOTE, CONSENSUS_PROPOSAL, Domain, LEDGER_EVIDENCE},
    ids::NetworkId,
    keys::ConsensusKey,
    sign::{Signature, sign, verify},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// Which of the two votes of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// The first.
    Prevote,
    /// The second, of which a certificate is made.
    Precommit,
}

/// A vote, unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The chain.
    pub chain: NetworkId,
    /// The height.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// Which vote of the round.
    pub step: Step,
    /// For which block, or for none.
    pub block: Option<BlockHash>,
}

/// A proposal, unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The chain.
    pub chain: NetworkId,
    /// The height.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// The block.
    pub block: BlockHash,
    /// The earlier round in which it got a polka, if it did.
    pub polka_round: Option<u32>,
}

macro_rules! signed {
    ($( $name:ident, $text:literal; )*) => {$(
        impl Format for $name {
            const NAME: &'static str = $text;
            const VERSION: u8 = 1;
            const LIMIT: usize = 128;
        }

        impl $name {
            /// Signs it with a validator's consensus key.
            pub fn sign(&self, key: &SigningKey) -> Result<Signature, EncodeError> {
                Ok(sign(self.domain(), key, &encode(self)?))
            }

            /// Tells whether the validator with this key signed it.
            pub fn is_signed_by(&self, key: ConsensusKey, signature: &Signature) -> bool {
                encode(self).is_ok_and(|bytes| {
                    verify(self.domain(), key.as_bytes(), &bytes, signature).is_ok()
                })
            }
        }
    )*};
}

signed! {
    Vote, "vote";
    Proposal, "proposal";
}

impl Vote {
    const fn domain(&self) -> Domain {
        match self.step {
            Step::Prevote => CONSENSUS_PREVOTE,
            Step::Precommit => CONSENSUS_PRECOMMIT,
        }
    }
}

impl Proposal {
    const fn domain(&self) -> Domain {
        CONSENSUS_PROPOSAL
    }
}

/// Two things of which an honest validator signs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conflict {
    /// Two votes of one step.
    Votes(Vote, Vote),
    /// Two proposals of one round.
    Proposals(Proposal, Proposal),
}

/// Shows that a validator said two things. Executed, it counts once for an accused and a height,
/// whoever reports it and whatever else was said there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The validator that shows it, and signs.
    pub reporter: ConsensusKey,
    /// The validator that said them.
    pub accused: ConsensusKey,
    /// What it said, the smaller first, so that one fault has one evidence.
    pub conflict: Conflict,
    /// The accused's signature under the first.
    pub first: Signature,
    /// The accused's signature under the second.
    pub second: Signature,
}

impl Evidence {
    /// Returns the evidence that `accused` signed both votes, in the one order.
    pub fn of_votes(
        reporter: ConsensusKey,
        accused: ConsensusKey,
        a: (Vote, Signature),
        b: (Vote, Signature),
    ) -> Self {
        let (a, b) = if a.0.block <= b.0.block { (a, b) } else { (b, a) };
        let conflict = Conflict::Votes(a.0, b.0);
        Self { reporter, accused, conflict, first: a.1, second: b.1 }
    }

    /// Returns the evidence that `accused` signed both proposals, in the one order.
    pub fn of_proposals(
        reporter: ConsensusKey,
        accused: ConsensusKey,
        a: (Proposal, Signature),
        b: (Proposal, Signature),
    ) -> Self {
        let place = |of: &Proposal| (of.block, of.polka_round);
        let (a, b) = if place(&a.0) <= place(&b.0) { (a, b) } else { (b, a) };
        let conflict = Conflict::Proposals(a.0, b.0);
        Self { reporter, accused, conflict, first: a.1, second: b.1 }
    }

    /// Returns the height at which the accused said the two.
    pub const fn height(&self) -> u64 {
        match &self.conflict {
            Conflict::Votes(a, _) => a.height,
            Conflict::Proposals(a, _) => a.height,
        }
    }

    /// Checks that the two conflict and that the accused signed both, on this chain.
    ///
    /// Costs two signature checks. Errors: [`EntryError`].
    pub fn check(&self, chain: NetworkId) -> Result<(), EntryError> {
        self.check_conflict()?;
        self.check_proofs(chain)
    }

    fn check_conflict(&self) -> Result<(), EntryError> {
        let (same, ordered) = match &self.conflict {
            Conflict::Votes(a, b) => (
                (a.chain, a.height, a.round, a.step) == (b.chain, b.height, b.round, b.step),
                a.block < b.block,
            ),
            Conflict::Proposals(a, b) => (
                (a.chain, a.height, a.round) == (b.chain, b.height, b.round),
                (a.block, a.polka_round) < (b.block, b.polka_round),
            ),
        };
        let broken = |rule| Err(EntryError::Shape { kind: Self::NAME, rule });
        if !same {
            return broken("both are of one height, round and step");
        }
        if !ordered {
            return broken("the two differ, the smaller first");
        }
        Ok(())
    }
}

impl Kind for Evidence {
    const DOMAIN: Domain = LEDGER_EVIDENCE;

    fn signer(&self) -> &[u8; 32] {
        self.reporter.as_bytes()
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        self.check_conflict()
    }

    fn check_height(&self, height: u64, rules: &Rules) -> Result<(), HeightError> {
        rules.check_evidence_height(self.height(), height)
    }

    fn check_proofs(&self, chain: NetworkId) -> Result<(), EntryError> {
        let found = match &self.conflict {
            Conflict::Votes(a, _) => a.chain,
            Conflict::Proposals(a, _) => a.chain,
        };
        if found != chain {
            return Err(EntryError::Chain { expected: chain, found });
        }
        let (first, second) = match &self.conflict {
            Conflict::Votes(a, b) => (
                a.is_signed_by(self.accused, &self.first),
                b.is_signed_by(self.accused, &self.second),
            ),
            Conflict::Proposals(a, b) => (
                a.is_signed_by(self.accused, &self.first),
                b.is_signed_by(self.accused, &self.second),
            ),
        };
        if first && second {
            Ok(())
        } else {
            Err(EntryError::Signature { kind: Self::NAME, key: self.accused.0 })
        }
    }
}
