//! Compares what stands in the stores of super nodes: whether a validator contradicted itself, and
//! whether two blocks of one height were decided.
//!
//! In: stores, of one super node or of all, as they are or as they were when their nodes were killed.
//! Out: [`Finding`]s. What somebody else signed in a validator's name counts for nothing.

use super::{
    order::{Halt, Statement, statements},
    store::{self, KeptHeader},
};
use magpie_protocol::{
    consensus::{SignedProposal, SignedVote},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{BlockHash, Certificate, CertifiedHeader, Step, ValidatorSet, Vote},
    network::Network,
};
use magpie_storage::overlay::View;
use std::collections::{BTreeMap, BTreeSet};

/// What a validator may say once at each height and round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The first vote.
    Prevote,
    /// The second vote.
    Precommit,
    /// Its block, where it is its turn.
    Proposal,
}

/// What never happens among honest validators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// One key signed two things of one kind for one height and round.
    TwoStatements {
        /// The key.
        validator: ConsensusKey,
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// Of which kind.
        kind: Kind,
    },
    /// Two blocks of one height were decided.
    Fork {
        /// The height.
        height: u64,
    },
    /// A block was taken as decided whose certificate decides nothing.
    Certificate {
        /// The height.
        height: u64,
    },
}

/// What a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// The height of its last decided block; 0 at the genesis, or where there is none.
    pub height: u64,
    /// Votes and proposals of heights after that one.
    pub open: usize,
}

type Place = (ConsensusKey, u64, u32, Kind);
type Said = (Option<BlockHash>, Option<u32>);

/// Remembers what it saw in all stores that it looked at.
#[derive(Debug)]
pub struct Witness {
    chain: NetworkId,
    /// Who votes at every height: no rule of today changes that.
    validators: ValidatorSet,
    said: BTreeMap<Place, Said>,
    decided: BTreeMap<u64, BlockHash>,
    found: BTreeSet<Finding>,
}

impl Witness {
    /// Returns a witness of this network that has seen nothing.
    pub fn new(network: &Network) -> Self {
        let (chain, validators) = (network.id(), network.validators().clone());
        let (said, decided, found) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { chain, validators, said, decided, found }
    }

    /// Looks at all that a store holds: decided blocks, the log of the height that is open, evidence.
    /// Errors: [`Halt`], for a store that cannot be read.
    pub fn look(&mut self, store: &dyn View) -> Result<Looked, Halt> {
        let chain = |error: store::StoreError| Halt::Chain(error.to_string());
        let height = store::tip(store).map_err(chain)?.map_or(0, |kept| kept.tip().height);
        for at in 1..=height {
            if let Some(kept) = store::header(store, at).map_err(chain)? {
                self.decided(at, kept);
            }
        }
        let said = statements(self.chain, store)?;
        let open = said.iter().filter(|it| it.height() > height).count();
        said.iter().for_each(|statement| self.hear(statement));
        Ok(Looked { height, open })
    }

    /// Hears what a validator is said to have signed.
    pub fn hear(&mut self, statement: &Statement) {
        let ((validator, height, round, kind), said) = read(statement);
        let place = (validator, height, round, kind);
        let known = self.said.get(&place);
        if known == Some(&said) || !self.holds(statement) {
            return;
        }
        match known {
            Some(_) => {
                self.found.insert(Finding::TwoStatements { validator, height, round, kind });
            }
            None => {
                self.said.insert(place, said);
            }
        }
    }

    /// Returns what was found so far.
    pub const fn found(&self) -> &BTreeSet<Finding> {
        &self.found
    }

    /// Returns how many different things were heard of each validator that was.
    pub fn heard(&self) -> BTreeMap<ConsensusKey, usize> {
        let mut heard = BTreeMap::new();
        for (validator, ..) in self.said.keys() {
            *heard.entry(*validator).or_default() += 1;
        }
        heard
    }

    /// Returns a precommit that was heard, and so contradicts any other of its place.
    pub fn any_precommit(&self, of: ConsensusKey) -> Option<Vote> {
        let (place, (block, _)) = self
            .said
            .iter()
            .find(|((validator, .., kind), _)| *validator == of && *kind == Kind::Precommit)?;
        let (_, height, round, _) = *place;
        Some(Vote { chain: self.chain, height, round, step: Step::Precommit, block: *block })
    }

    fn decided(&mut self, height: u64, kept: KeptHeader) {
        let KeptHeader { header, certificate } = kept;
        let block = certificate.block;
        match self.decided.get(&height) {
            Some(known) if *known == block => {}
            Some(_) => {
                self.found.insert(Finding::Fork { height });
            }
            None => {
                let certified = CertifiedHeader::verify(
                    header,
                    certificate.clone(),
                    self.chain,
                    &self.validators,
                );
                if certified.is_err() {
                    self.found.insert(Finding::Certificate { height });
                }
                self.decided.insert(height, block);
            }
        }
        self.certified(&certificate);
    }

    /// Hears the precommits of a certificate.
    fn certified(&mut self, certificate: &Certificate) {
        let Certificate { height, round, block, ref signatures } = *certificate;
        let chain = self.chain;
        let vote = Vote { chain, height, round, step: Step::Precommit, block: Some(block) };
        for each in signatures.iter() {
            let (validator, signature) = (each.validator, each.signature);
            self.hear(&Statement::Vote(SignedVote { vote, validator, signature }));
        }
    }

    fn holds(&self, statement: &Statement) -> bool {
        let (chain, holds) = match statement {
            Statement::Vote(of) => (of.vote.chain, of.holds()),
            Statement::Proposal(of) => (of.proposal.chain, of.holds()),
        };
        chain == self.chain && holds
    }
}

/// Returns where something was said, and what.
fn read(statement: &Statement) -> (Place, Said) {
    match statement {
        Statement::Vote(SignedVote { vote, validator, .. }) => {
            let kind = match vote.step {
                Step::Prevote => Kind::Prevote,
                Step::Precommit => Kind::Precommit,
            };
            ((*validator, vote.height, vote.round, kind), (vote.block, None))
        }
        Statement::Proposal(SignedProposal { proposal, validator, .. }) => {
            let place = (*validator, proposal.height, proposal.round, Kind::Proposal);
            (place, (Some(proposal.block), proposal.polka_round))
        }
    }
}
