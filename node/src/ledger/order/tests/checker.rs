//! What may never happen, whatever the network does.

use crate::ledger::order::rows::{LogEntry, SHARE};
use magpie_protocol::{
    consensus::{DecidedBlock, Message, SignedProposal, SignedVote},
    ids::NetworkId,
    keys::ConsensusKey,
    ledger::{BlockHash, CertifiedHeader, Step, ValidatorSet},
};
use std::collections::{BTreeMap, BTreeSet};

/// What was seen to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ledger) enum Broken {
    /// Two blocks were decided at one height.
    Fork,
    /// A certificate decides nothing.
    Certificate,
    /// An honest key signed two things for one height, round and kind.
    TwoVotes,
    /// What a log held was published because it was replayed.
    Replayed,
    /// A block was decided whose time is still to come.
    Time,
    /// An honest validator was blamed by another.
    Blamed,
    /// A log holds more of one validator and round than its share.
    Crowded,
}

/// A key, height, round and kind: 0 is a prevote, 1 a precommit, 2 a proposal.
type Slot = (ConsensusKey, u64, u32, u8);
type Said = (Option<BlockHash>, Option<u32>);

/// Sees everything that honest validators decided, logged and said, ever.
#[derive(Debug)]
pub(in crate::ledger) struct Checker {
    chain: NetworkId,
    honest: BTreeSet<ConsensusKey>,
    decided: BTreeMap<u64, BlockHash>,
    said: BTreeMap<Slot, Said>,
    pub(in crate::ledger) broken: BTreeSet<Broken>,
    /// Certificates are not looked at, so that a fork has to be seen as one.
    pub(in crate::ledger) trusting: bool,
}

impl Checker {
    pub(in crate::ledger) fn new(chain: NetworkId, honest: BTreeSet<ConsensusKey>) -> Self {
        let (decided, said) = (BTreeMap::new(), BTreeMap::new());
        Self { chain, honest, decided, said, broken: BTreeSet::new(), trusting: false }
    }

    pub(in crate::ledger) fn decided(&mut self, decided: &DecidedBlock, set: &ValidatorSet) {
        let DecidedBlock { block, certificate } = decided;
        let hash = block.header.hash().unwrap();
        let first = *self.decided.entry(block.header.height).or_insert(hash);
        if first != hash {
            self.broken.insert(Broken::Fork);
        }
        let (header, certificate) = (block.header.clone(), certificate.clone());
        let certified = CertifiedHeader::verify(header, certificate, self.chain, set);
        if !self.trusting && certified.is_err() {
            self.broken.insert(Broken::Certificate);
        }
    }

    /// Looks at a whole log of one height.
    pub(super) fn log(&mut self, log: &[LogEntry]) {
        let mut shares: BTreeMap<_, u32> = BTreeMap::new();
        for entry in log {
            *shares.entry(entry.share()).or_default() += 1;
            self.logged(entry);
        }
        // Waits that ended are nobody's.
        if shares.iter().any(|((by, _), used)| by.is_some() && *used > SHARE) {
            self.broken.insert(Broken::Crowded);
        }
    }

    pub(super) fn logged(&mut self, entry: &LogEntry) {
        match entry {
            LogEntry::Vote(vote) => self.vote(vote),
            LogEntry::Proposal(signed) => self.proposal(signed),
            _ => {}
        }
    }

    pub(in crate::ledger) fn sent(&mut self, message: &Message) {
        match message {
            Message::Vote(vote) => self.vote(vote),
            Message::Proposal(signed, _) => self.proposal(signed),
            _ => {}
        }
    }

    /// `message` left in the step in which `log` was replayed.
    pub(super) fn resumed(&mut self, message: &Message, log: &[LogEntry]) {
        let held = match message {
            Message::Vote(vote) => log.contains(&LogEntry::Vote(*vote)),
            Message::Proposal(signed, _) => log.contains(&LogEntry::Proposal(*signed)),
            _ => false,
        };
        if held {
            self.broken.insert(Broken::Replayed);
        }
    }

    fn vote(&mut self, of: &SignedVote) {
        // Other validators' votes stand in logs, too; a forged one is nobody's.
        if self.honest.contains(&of.validator) && of.holds() {
            let kind = u8::from(of.vote.step == Step::Precommit);
            let slot = (of.validator, of.vote.height, of.vote.round, kind);
            self.say(slot, (of.vote.block, None));
        }
    }

    fn proposal(&mut self, of: &SignedProposal) {
        if self.honest.contains(&of.validator) && of.holds() {
            let slot = (of.validator, of.proposal.height, of.proposal.round, 2);
            self.say(slot, (Some(of.proposal.block), of.proposal.polka_round));
        }
    }

    fn say(&mut self, slot: Slot, said: Said) {
        if *self.said.entry(slot).or_insert(said) != said {
            self.broken.insert(Broken::TwoVotes);
        }
    }
}
