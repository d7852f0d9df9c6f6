//! What validators said about the last decided heights, so that a contradiction that comes late is
//! found too.
//!
//! In: votes and proposals of a height when it is decided, its certificate, and votes that come
//! after. Out: evidence. In memory; after a restart the certificates are read again.

use super::{Chain, Halt, Order, step::Turn};
use magpie_protocol::{
    address::NodeId,
    consensus::{SignedProposal, SignedVote},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{Certificate, Evidence, Step, Vote},
};
use magpie_storage::overlay::View;
use std::collections::BTreeMap;

/// Decided heights of which is remembered who said what.
const HEIGHTS: u64 = 8;
/// Votes of one validator about one of them.
const VOTES: usize = 16;

/// A validator, a round, and whether it precommitted.
type Place = (ConsensusKey, u32, bool);

#[derive(Debug, Default)]
struct Said {
    votes: BTreeMap<Place, SignedVote>,
    proposals: BTreeMap<(ConsensusKey, u32), SignedProposal>,
}

/// What was said, by height.
#[derive(Debug, Default)]
pub(super) struct Past(BTreeMap<u64, Said>);

fn place(vote: &SignedVote) -> Place {
    (vote.validator, vote.vote.round, vote.vote.step == Step::Precommit)
}

impl Said {
    fn has_room(&self, validator: ConsensusKey) -> bool {
        let own = (validator, 0, false)..=(validator, u32::MAX, true);
        self.votes.range(own).count() < VOTES
    }

    fn add(&mut self, vote: SignedVote) {
        if self.has_room(vote.validator) {
            self.votes.entry(place(&vote)).or_insert(vote);
        }
    }
}

impl Past {
    /// Reads the certificates of the last decided heights.
    pub(super) fn read(
        chain: &dyn Chain,
        store: &dyn View,
        network: NetworkId,
        last: u64,
    ) -> Result<Self, Halt> {
        let mut past = Self::default();
        for height in last.saturating_sub(HEIGHTS - 1).max(1)..=last {
            if let Some(decided) = chain.decided(store, height)? {
                past.certified(network, &decided.certificate);
            }
        }
        Ok(past)
    }

    /// Remembers the votes of a certificate.
    pub(super) fn certified(&mut self, chain: NetworkId, certificate: &Certificate) {
        let Certificate { height, round, block, ref signatures } = *certificate;
        let vote = Vote { chain, height, round, step: Step::Precommit, block: Some(block) };
        let said = self.0.entry(height).or_default();
        for each in signatures.iter() {
            let (validator, signature) = (each.validator, each.signature);
            said.add(SignedVote { vote, validator, signature });
        }
        while self.0.len() as u64 > HEIGHTS {
            self.0.pop_first();
        }
    }

    /// Remembers what was said until its height was decided; newest rounds first, if it is much.
    pub(super) fn said(
        &mut self,
        height: u64,
        votes: Vec<SignedVote>,
        proposals: impl Iterator<Item = SignedProposal>,
    ) {
        let said = self.0.entry(height).or_default();
        votes.into_iter().rev().for_each(|vote| said.add(vote));
        for signed in proposals {
            said.proposals.entry((signed.validator, signed.proposal.round)).or_insert(signed);
        }
    }
}

impl Order {
    /// Looks whether a vote of a decided height contradicts another of its validator.
    pub(super) fn late_vote(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        vote: &SignedVote,
    ) -> Result<(), Halt> {
        let (height, validator) = (vote.vote.height, vote.validator);
        let Some(said) = self.past.0.get_mut(&height) else { return Ok(()) };
        let known = said.votes.get(&place(vote)).copied();
        let new = match known {
            Some(known) => known.vote.block != vote.vote.block,
            None => said.has_room(validator),
        };
        let votes = self.head.validators.get(validator).is_some();
        if !new || !votes || self.kept.has(height, validator) {
            return Ok(());
        }
        if !vote.holds() {
            turn.blame(from);
            return Ok(());
        }
        let Some(known) = known else {
            said.add(*vote);
            return Ok(());
        };
        let one = |of: &SignedVote| (of.vote, of.signature);
        let reporter = self.keys.consensus();
        let evidence = Evidence::of_votes(reporter, validator, one(&known), one(vote));
        self.accuse(turn, vec![evidence])
    }

    /// Looks whether a proposal of a decided height contradicts another of its validator.
    pub(super) fn late_proposal(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        signed: &SignedProposal,
    ) -> Result<(), Halt> {
        let (height, validator) = (signed.proposal.height, signed.validator);
        let said = self.past.0.get(&height);
        let known = said.and_then(|said| said.proposals.get(&(validator, signed.proposal.round)));
        let Some(known) = known.filter(|known| known.proposal != signed.proposal) else {
            return Ok(());
        };
        if self.kept.has(height, validator) {
            return Ok(());
        }
        if !signed.holds() {
            turn.blame(from);
            return Ok(());
        }
        let one = |of: &SignedProposal| (of.proposal, of.signature);
        let reporter = self.keys.consensus();
        let evidence = Evidence::of_proposals(reporter, validator, one(known), one(signed));
        self.accuse(turn, vec![evidence])
    }
}
