//! From our votes, proposals and log to malachite's inputs.

use super::{
    context::{Ballot, Context, Hash, Height, Key, Offer, Seal},
    drive::Feed,
    wire::{self, Unspeakable},
};
use crate::ledger::order::{
    rows::{LogEntry, Value},
    timers::{RoundTimer, Wait},
};
use magpie_protocol::{
    consensus::{Polka, RoundEnd, RoundEndKind, SignedProposal, SignedVote},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{BlockHash, Step},
};
use malachite::{Input, LocallyProposedValue, ProposedValue};
use malachite_types::{
    self as types, NilOrVal, PolkaCertificate, PolkaSignature, Round, RoundCertificate,
    RoundCertificateType, RoundSignature, SignedMessage, Timeout, TimeoutKind, Validity,
    ValueOrigin, VoteType,
};

/// Malachite logs something that is no part of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotLogged {
    /// Its format cannot hold it.
    #[error(transparent)]
    Unspeakable(#[from] Unspeakable),
    /// It does not survive a restart.
    #[error("an input that is never logged")]
    Input,
}

fn value(of: Option<BlockHash>) -> NilOrVal<Hash> {
    of.map_or(NilOrVal::Nil, |block| NilOrVal::Val(Hash(block)))
}

const fn kind(of: Step) -> VoteType {
    match of {
        Step::Prevote => VoteType::Prevote,
        Step::Precommit => VoteType::Precommit,
    }
}

pub(super) fn vote(of: &SignedVote) -> types::SignedVote<Context> {
    let ballot = Ballot {
        kind: kind(of.vote.step),
        height: Height(of.vote.height),
        round: Round::new(of.vote.round),
        value: value(of.vote.block),
        key: Key(of.validator),
    };
    SignedMessage::new(ballot, Seal(of.signature.0))
}

fn proposal(of: &SignedProposal) -> types::SignedProposal<Context> {
    let offer = Offer {
        height: Height(of.proposal.height),
        round: Round::new(of.proposal.round),
        value: Hash(of.proposal.block),
        polka: Round::from(of.proposal.polka_round),
        key: Key(of.validator),
    };
    SignedMessage::new(offer, Seal(of.signature.0))
}

fn polka(of: &Polka) -> PolkaCertificate<Context> {
    PolkaCertificate {
        height: Height(of.height),
        round: Round::new(of.round),
        value_id: Hash(of.block),
        polka_signatures: of
            .signatures
            .iter()
            .map(|each| PolkaSignature::new(Key(each.validator), Seal(each.signature.0)))
            .collect(),
    }
}

fn round_end(of: &RoundEnd) -> RoundCertificate<Context> {
    let one = |each: &magpie_protocol::consensus::RoundVote| {
        let seal = Seal(each.signature.0);
        RoundSignature::new(kind(each.step), value(each.block), Key(each.validator), seal)
    };
    RoundCertificate {
        height: Height(of.height),
        round: Round::new(of.round),
        cert_type: match of.kind {
            RoundEndKind::Skip => RoundCertificateType::Skip,
            RoundEndKind::Precommits => RoundCertificateType::Precommit,
        },
        round_signatures: of.votes.iter().map(one).collect(),
    }
}

pub(super) fn timeout(of: RoundTimer) -> Timeout {
    let kind = match of.wait {
        Wait::Propose => TimeoutKind::Propose,
        Wait::Prevote => TimeoutKind::Prevote,
        Wait::Precommit => TimeoutKind::Precommit,
        Wait::Rebroadcast => TimeoutKind::Rebroadcast,
    };
    Timeout::new(Round::new(of.round), kind)
}

/// Returns our timer for malachite's, or nothing for the one that we never let it set.
pub(super) fn timer(of: Timeout) -> Result<Option<RoundTimer>, Unspeakable> {
    let wait = match of.kind {
        TimeoutKind::Propose => Wait::Propose,
        TimeoutKind::Prevote => Wait::Prevote,
        TimeoutKind::Precommit => Wait::Precommit,
        TimeoutKind::Rebroadcast => Wait::Rebroadcast,
        TimeoutKind::FinalizeHeight(_) => return Ok(None),
    };
    Ok(Some(RoundTimer { round: wire::round(of.round)?, wait }))
}

fn proposed(height: u64, of: &Value) -> Input<Context> {
    let value = ProposedValue {
        height: Height(height),
        round: Round::new(of.round),
        valid_round: Round::Nil,
        proposer: Key(of.proposer),
        value: Hash(of.block),
        validity: Validity::from_bool(of.valid),
    };
    Input::ProposedValue(value, ValueOrigin::Consensus)
}

/// Returns the input that says `of` at `height`.
pub(super) fn input(height: u64, of: &Feed) -> Input<Context> {
    match of {
        Feed::Logged(entry) => logged(height, entry),
        Feed::RoundEnd(end) => Input::RoundCertificate(round_end(end)),
        Feed::Propose { round, block } => Input::Propose(LocallyProposedValue::new(
            Height(height),
            Round::new(*round),
            Hash(*block),
        )),
        Feed::Rebroadcast(round) => Input::TimeoutElapsed(Timeout::rebroadcast(Round::new(*round))),
    }
}

fn logged(height: u64, entry: &LogEntry) -> Input<Context> {
    match entry {
        LogEntry::Vote(of) => Input::Vote(vote(of)),
        LogEntry::Proposal(of) => Input::Proposal(proposal(of)),
        LogEntry::Value(of) => proposed(height, of),
        LogEntry::Timeout(of) => Input::TimeoutElapsed(timeout(*of)),
        LogEntry::Polka(of) => Input::PolkaCertificate(polka(of)),
    }
}

/// Returns the entry of our log for an input that malachite wants logged.
pub(super) fn entry(chain: NetworkId, of: &Input<Context>) -> Result<LogEntry, NotLogged> {
    Ok(match of {
        Input::Vote(of) => LogEntry::Vote(wire::signed_vote(chain, of)?),
        Input::Proposal(of) => LogEntry::Proposal(wire::signed_proposal(chain, of)?),
        Input::ProposedValue(of, _) => {
            let (round, valid) = (wire::round(of.round)?, of.validity.is_valid());
            let proposer: ConsensusKey = of.proposer.0;
            LogEntry::Value(Value { round, block: of.value.0, proposer, valid })
        }
        Input::TimeoutElapsed(of) => LogEntry::Timeout(timer(*of)?.ok_or(NotLogged::Input)?),
        Input::PolkaCertificate(of) => LogEntry::Polka(wire::polka(of)?),
        Input::StartHeight(..)
        | Input::RoundCertificate(_)
        | Input::Propose(_)
        | Input::SyncValueResponse(_) => return Err(NotLogged::Input),
    })
}
