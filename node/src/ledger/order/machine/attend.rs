//! Attends to what malachite's coroutine asks for: signatures, checks, and a list of what to do.

use super::{
    context::{Ballot, Context, Key, Offer, Seal},
    convert::{self, NotLogged},
    drive::Act,
    wire::{self, Unspeakable},
};
use crate::ledger::order::{halt::Halt, state::Keys};
use ed25519_dalek::SigningKey;
use magpie_protocol::{
    codec::EncodeError,
    consensus::{Message, QuorumError, SignedVote},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{CertificateError, Evidence, ValidatorSet},
    sign::Signature,
};
use malachite::{ConsensusMsg, Effect, LivenessMsg, Resumable, Resume, SignedConsensusMsg};
use malachite_types::{
    self as types, BoxError, CommitCertificate, DoubleProposal, DoubleVote, SignedMessage,
};
use std::sync::Arc;

/// What malachite asks for and cannot get; always ours, and the end of the machine.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Malachite gave up.
    #[error("{0}")]
    Malachite(String),
    /// It handed out what has no bytes.
    #[error(transparent)]
    Unspeakable(#[from] Unspeakable),
    /// It logs what is no part of its log.
    #[error(transparent)]
    NotLogged(#[from] NotLogged),
    /// What it wants signed has no bytes.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It decided on precommits that decide nothing.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// It uses a part of malachite that we never start.
    #[error("the effect {0} belongs to nothing that was started")]
    Unexpected(&'static str),
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Self::Machine(trouble.to_string())
    }
}

/// What is needed to attend to malachite's effects.
pub(super) struct Desk {
    chain: NetworkId,
    set: Arc<ValidatorSet>,
    key: SigningKey,
    /// The signature of the message at hand held before it was fed.
    pub(super) verified: bool,
    /// A signature of the message at hand, or what it claims of its votes, does not hold.
    pub(super) forged: bool,
    /// The log is being replayed; its signatures held when it was written.
    pub(super) replaying: bool,
    #[cfg(test)]
    unchecked: bool,
}

impl Desk {
    pub(super) fn new(chain: NetworkId, set: Arc<ValidatorSet>, keys: &Keys) -> Self {
        Self {
            chain,
            set,
            key: keys.signing().clone(),
            verified: false,
            forged: false,
            replaying: false,
            #[cfg(test)]
            unchecked: keys.sabotage == crate::ledger::order::state::Sabotage::SmallQuorum,
        }
    }

    /// Answers one effect, and notes what is to be done.
    pub(super) fn attend(
        &mut self,
        effect: Effect<Context>,
        acts: &mut Vec<Act>,
    ) -> Result<Resume<Context>, Trouble> {
        let chain = self.chain;
        Ok(match effect {
            Effect::CancelAllTimeouts(resume) => {
                acts.push(Act::CancelAll);
                resume.resume_with(())
            }
            Effect::CancelTimeout(timeout, resume) => {
                acts.extend(convert::timer(timeout)?.map(Act::Cancel));
                resume.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, resume) => {
                acts.extend(convert::timer(timeout)?.map(Act::Wait));
                resume.resume_with(())
            }
            // The proposal that is published next names the block; who lacks it asks for it.
            Effect::StartRound(.., resume) | Effect::RestreamProposal(.., resume) => {
                resume.resume_with(())
            }
            Effect::PublishConsensusMsg(message, resume) => {
                acts.push(Act::Publish(match message {
                    SignedConsensusMsg::Vote(of) => Message::Vote(wire::signed_vote(chain, &of)?),
                    SignedConsensusMsg::Proposal(of) => {
                        Message::Proposal(wire::signed_proposal(chain, &of)?, None)
                    }
                }));
                resume.resume_with(())
            }
            Effect::PublishLivenessMsg(message, resume) => {
                acts.push(Act::Publish(match message {
                    LivenessMsg::Vote(of) => Message::Vote(wire::signed_vote(chain, &of)?),
                    LivenessMsg::PolkaCertificate(of) => Message::Polka(wire::polka(&of)?),
                    LivenessMsg::SkipRoundCertificate(of) => {
                        Message::RoundEnd(wire::round_end(&of)?)
                    }
                }));
                resume.resume_with(())
            }
            Effect::RepublishVote(of, resume) => {
                acts.push(Act::Publish(Message::Vote(wire::signed_vote(chain, &of)?)));
                resume.resume_with(())
            }
            Effect::RepublishRoundCertificate(of, resume) => {
                acts.push(Act::Publish(Message::RoundEnd(wire::round_end(&of)?)));
                resume.resume_with(())
            }
            Effect::GetValue(_, round, _, resume) => {
                acts.push(Act::Propose(wire::round(round)?));
                resume.resume_with(())
            }
            Effect::Decide(certificate, _, resume) => {
                acts.push(Act::Decide(wire::certificate(&certificate)?));
                resume.resume_with(())
            }
            Effect::Finalize(_, _, evidence, resume) => {
                let found = self.evidence(evidence.proposals.iter(), evidence.votes.iter())?;
                if !found.is_empty() {
                    acts.push(Act::Accuse(found));
                }
                resume.resume_with(())
            }
            Effect::SignVote(ballot, resume) => resume.resume_with(self.sign_vote(ballot)?),
            Effect::SignProposal(offer, resume) => resume.resume_with(self.sign_proposal(offer)?),
            Effect::VerifySignature(message, key, resume) => {
                let holds = self.verify(&message, key)?;
                self.forged |= !holds;
                resume.resume_with(holds)
            }
            Effect::VerifyCommitCertificate(of, _, _, resume) => {
                // Malachite panics on a no, so there is none: what it decided itself must hold.
                self.check_decision(&of)?;
                resume.resume_with(Ok(()))
            }
            Effect::VerifyPolkaCertificate(of, _, _, resume) => {
                let checked = wire::polka(&of)?.verify(chain, &self.set);
                self.forged |= checked.is_err();
                answer(resume, checked)
            }
            Effect::VerifyRoundCertificate(of, _, _, resume) => {
                let checked = wire::round_end(&of)?.verify(chain, &self.set);
                self.forged |= checked.is_err();
                answer(resume, checked)
            }
            Effect::WalAppend(_, input, resume) => {
                acts.push(Act::Log(convert::entry(chain, &input)?));
                resume.resume_with(())
            }
            Effect::CertVerifiedSyncValue(..) | Effect::CertRejectedSyncValue(..) => {
                return Err(Trouble::Unexpected("of malachite's sync"));
            }
            Effect::VerifyExtendedCommitCertificate(..)
            | Effect::ExtendVote(..)
            | Effect::VerifyVoteExtension(..) => {
                return Err(Trouble::Unexpected("of vote extensions"));
            }
        })
    }

    fn sign_vote(&self, ballot: Ballot) -> Result<types::SignedVote<Context>, Trouble> {
        let seal = Seal(wire::vote(self.chain, &ballot)?.sign(&self.key)?.0);
        Ok(SignedMessage::new(ballot, seal))
    }

    fn sign_proposal(&self, offer: Offer) -> Result<types::SignedProposal<Context>, Trouble> {
        let seal = Seal(wire::proposal(self.chain, &offer)?.sign(&self.key)?.0);
        Ok(SignedMessage::new(offer, seal))
    }

    fn verify(
        &self,
        message: &SignedMessage<Context, ConsensusMsg<Context>>,
        key: Key,
    ) -> Result<bool, Trouble> {
        if self.verified || self.replaying {
            return Ok(true);
        }
        let signature = Signature(message.signature.0);
        Ok(match &message.message {
            ConsensusMsg::Vote(of) => wire::vote(self.chain, of)?.is_signed_by(key.0, &signature),
            ConsensusMsg::Proposal(of) => {
                wire::proposal(self.chain, of)?.is_signed_by(key.0, &signature)
            }
        })
    }

    fn check_decision(&self, of: &CommitCertificate<Context>) -> Result<(), Trouble> {
        #[cfg(test)]
        if self.unchecked {
            return Ok(());
        }
        Ok(wire::certificate(of)?.verify(self.chain, &self.set)?)
    }

    /// Returns a vote of malachite's as it travels.
    pub(super) fn signed_vote(
        &self,
        of: &types::SignedVote<Context>,
    ) -> Result<SignedVote, Trouble> {
        Ok(wire::signed_vote(self.chain, of)?)
    }

    /// Returns evidence of what malachite saw twice.
    pub(super) fn evidence<'a>(
        &self,
        proposals: impl Iterator<Item = (&'a Key, &'a Vec<DoubleProposal<Context>>)>,
        votes: impl Iterator<Item = (&'a Key, &'a Vec<DoubleVote<Context>>)>,
    ) -> Result<Vec<Evidence>, Trouble> {
        let reporter = ConsensusKey(self.key.verifying_key().to_bytes());
        let chain = self.chain;
        let mut found = Vec::new();
        for (key, pairs) in proposals {
            for (a, b) in pairs {
                let one = |of: &types::SignedProposal<Context>| {
                    wire::proposal(chain, &of.message).map(|it| (it, Signature(of.signature.0)))
                };
                found.push(Evidence::of_proposals(reporter, key.0, one(a)?, one(b)?));
            }
        }
        for (key, pairs) in votes {
            for (a, b) in pairs {
                let one = |of: &types::SignedVote<Context>| {
                    wire::vote(chain, &of.message).map(|it| (it, Signature(of.signature.0)))
                };
                found.push(Evidence::of_votes(reporter, key.0, one(a)?, one(b)?));
            }
        }
        Ok(found)
    }
}

/// Tells malachite whether a certificate of others holds; it drops one that does not.
fn answer<R>(resume: R, checked: Result<(), QuorumError>) -> Resume<Context>
where
    R: Resumable<Context, Value = Result<(), types::CertificateError<Context>>>,
{
    let error = |error| BoxError::new(Box::new(error));
    resume.resume_with(
        checked.map_err(|refusal| types::CertificateError::VerificationError(Some(error(refusal)))),
    )
}
