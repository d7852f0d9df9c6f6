//! What validators signed, as the order's rows hold it: for who compares the stores of several.

use super::{
    Halt,
    commit::ROWS,
    rows::{EVIDENCE, LOG, LogEntry},
};
use magpie_protocol::{
    consensus::{SignedProposal, SignedVote},
    ids::NetworkId,
    ledger::{Conflict, Evidence, Step, Vote},
};
use magpie_storage::{engine::Order as Direction, overlay::View, table::Keys as Rows};

/// Something that a validator signed, unverified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// A vote.
    Vote(SignedVote),
    /// A proposal.
    Proposal(SignedProposal),
}

impl Statement {
    /// Returns the height that it is about.
    pub const fn height(&self) -> u64 {
        match self {
            Self::Vote(of) => of.vote.height,
            Self::Proposal(of) => of.proposal.height,
        }
    }
}

/// Returns all votes and proposals in the order's log and evidence, its own and those that it got.
/// Errors: [`Halt`].
pub fn statements(chain: NetworkId, store: &dyn View) -> Result<Vec<Statement>, Halt> {
    let mut found = Vec::new();
    for (_, entry) in LOG.scan(store, &Rows::all(), Direction::Ascending, ROWS)? {
        match entry {
            LogEntry::Vote(vote) => found.push(Statement::Vote(vote)),
            LogEntry::Proposal(proposal) => found.push(Statement::Proposal(proposal)),
            LogEntry::Polka(polka) => {
                let (height, round, block) = (polka.height, polka.round, Some(polka.block));
                let vote = Vote { chain, height, round, step: Step::Prevote, block };
                found.extend(polka.signatures.iter().map(|each| {
                    let (validator, signature) = (each.validator, each.signature);
                    Statement::Vote(SignedVote { vote, validator, signature })
                }));
            }
            LogEntry::Value(_) | LogEntry::Timeout(_) => {}
        }
    }
    for (_, evidence) in EVIDENCE.scan(store, &Rows::all(), Direction::Ascending, ROWS)? {
        found.extend(accused(&evidence));
    }
    Ok(found)
}

/// Returns the two things that evidence shows.
fn accused(evidence: &Evidence) -> [Statement; 2] {
    let Evidence { accused: validator, first, second, .. } = *evidence;
    match evidence.conflict {
        Conflict::Votes(a, b) => [(a, first), (b, second)]
            .map(|(vote, signature)| Statement::Vote(SignedVote { vote, validator, signature })),
        Conflict::Proposals(a, b) => [(a, first), (b, second)].map(|(proposal, signature)| {
            Statement::Proposal(SignedProposal { proposal, validator, signature })
        }),
    }
}
