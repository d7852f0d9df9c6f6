//! From malachite's votes, proposals and certificates to ours.

use super::context::{Ballot, Context, Hash, Offer, Seal};
use magpie_protocol::{
    bounded::{List, TooMany},
    consensus::{Polka, RoundEnd, RoundEndKind, RoundVote, SignedProposal, SignedVote},
    ids::NetworkId,
    ledger::{BlockHash, Certificate, CommitSignature, Proposal, Step, Vote},
    sign::Signature,
};
use malachite_types::{
    self as types, CommitCertificate, NilOrVal, PolkaCertificate, Round, RoundCertificate,
    RoundCertificateType, VoteType,
};

/// Malachite handed out what has no bytes of ours; it never does, and ends the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unspeakable {
    /// A round before the first.
    #[error("a round before the first")]
    NoRound,
    /// More signatures than there may be validators.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

pub(super) fn round(of: Round) -> Result<u32, Unspeakable> {
    of.as_u32().ok_or(Unspeakable::NoRound)
}

const fn block(of: &NilOrVal<Hash>) -> Option<BlockHash> {
    match of {
        NilOrVal::Nil => None,
        NilOrVal::Val(hash) => Some(hash.0),
    }
}

const fn step(of: VoteType) -> Step {
    match of {
        VoteType::Prevote => Step::Prevote,
        VoteType::Precommit => Step::Precommit,
    }
}

pub(super) fn vote(chain: NetworkId, of: &Ballot) -> Result<Vote, Unspeakable> {
    let (height, round) = (of.height.0, round(of.round)?);
    Ok(Vote { chain, height, round, step: step(of.kind), block: block(&of.value) })
}

pub(super) fn proposal(chain: NetworkId, of: &Offer) -> Result<Proposal, Unspeakable> {
    let (height, round) = (of.height.0, round(of.round)?);
    let polka_round = of.polka.as_u32();
    Ok(Proposal { chain, height, round, block: of.value.0, polka_round })
}

pub(super) fn signed_vote(
    chain: NetworkId,
    of: &types::SignedVote<Context>,
) -> Result<SignedVote, Unspeakable> {
    let (vote, validator) = (vote(chain, &of.message)?, of.message.key.0);
    Ok(SignedVote { vote, validator, signature: Signature(of.signature.0) })
}

pub(super) fn signed_proposal(
    chain: NetworkId,
    of: &types::SignedProposal<Context>,
) -> Result<SignedProposal, Unspeakable> {
    let (proposal, validator) = (proposal(chain, &of.message)?, of.message.key.0);
    Ok(SignedProposal { proposal, validator, signature: Signature(of.signature.0) })
}

fn signatures<const MAX: usize>(
    all: impl Iterator<Item = (super::context::Key, Seal)>,
) -> Result<List<CommitSignature, MAX>, TooMany> {
    let one = |(key, seal): (super::context::Key, Seal)| CommitSignature {
        validator: key.0,
        signature: Signature(seal.0),
    };
    let mut all: Vec<_> = all.map(one).collect();
    all.sort_by_key(|each| each.validator);
    List::new(all)
}

pub(super) fn certificate(of: &CommitCertificate<Context>) -> Result<Certificate, Unspeakable> {
    let all = of.commit_signatures.iter().map(|each| (each.address, each.signature));
    let (height, round) = (of.height.0, round(of.round)?);
    Ok(Certificate { height, round, block: of.value_id.0, signatures: signatures(all)? })
}

pub(super) fn polka(of: &PolkaCertificate<Context>) -> Result<Polka, Unspeakable> {
    let all = of.polka_signatures.iter().map(|each| (each.address, each.signature));
    let (height, round) = (of.height.0, round(of.round)?);
    Ok(Polka { height, round, block: of.value_id.0, signatures: signatures(all)? })
}

pub(super) fn round_end(of: &RoundCertificate<Context>) -> Result<RoundEnd, Unspeakable> {
    let kind = match of.cert_type {
        RoundCertificateType::Skip => RoundEndKind::Skip,
        RoundCertificateType::Precommit => RoundEndKind::Precommits,
    };
    let one = |each: &types::RoundSignature<Context>| RoundVote {
        validator: each.address.0,
        step: step(each.vote_type),
        block: block(&each.value_id),
        signature: Signature(each.signature.0),
    };
    let mut votes: Vec<_> = of.round_signatures.iter().map(one).collect();
    votes.sort_by_key(|each| each.validator);
    let (height, round) = (of.height.0, round(of.round)?);
    Ok(RoundEnd { height, round, kind, votes: List::new(votes)? })
}
