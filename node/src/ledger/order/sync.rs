//! Messages of other heights, and how a node that lags behind gets what was decided.

use super::{
    Halt, Order, ahead, headers,
    step::Turn,
    timers::{REQUEST_MS, Timer},
    wants::Wanted,
};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::encode,
    consensus::{DecidedBlock, Message, SignedProposal, SignedVote},
    ledger::{Block, BlockHash, CertifiedHeader, entries_root},
    limits::{CONSENSUS_MESSAGE, SYNC_BLOCKS},
};

/// How long a node that is one block behind waits for the votes that are on their way.
const LAG_MS: u64 = 300;
/// How long a missing proposal may be on its way before it is asked for.
pub(super) const WANT_MS: u64 = 250;
/// How much longer a peer may take for each block that it says to have, in milliseconds.
const BLOCK_MS: u64 = 50;
/// Bytes of a message around the blocks of an answer.
const ROOM: usize = 64;

impl Order {
    /// Takes a vote: of the running height to malachite, of a later one aside.
    pub(super) fn vote(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        vote: &SignedVote,
    ) -> Result<(), Halt> {
        let (height, at) = (self.height()?, vote.vote.height);
        if vote.vote.chain != self.head.tip.chain {
            turn.blame(from);
        } else if at < height {
            self.hint(turn, from, at);
            self.late_vote(turn, from, vote)?;
        } else if at == height && self.running.is_some() {
            self.count(turn, from, vote, false)?;
        } else {
            self.peers.is_past(from, at.saturating_sub(1));
            let votes = self.head.validators.get(vote.validator).is_some();
            let near = at <= height.saturating_add(ahead::HEIGHTS);
            if votes && near && self.ahead.takes_vote(vote) {
                if vote.holds() {
                    self.ahead.hold_vote(from, *vote);
                } else {
                    turn.blame(from);
                }
            }
        }
        Ok(())
    }

    /// Takes a proposal: of the running height to malachite, of a later one aside.
    pub(super) fn proposal(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        signed: SignedProposal,
        block: Option<Box<Block>>,
    ) -> Result<(), Halt> {
        let (height, at) = (self.height()?, signed.proposal.height);
        if signed.proposal.chain != self.head.tip.chain {
            turn.blame(from);
        } else if at < height {
            self.hint(turn, from, at);
            self.late_proposal(turn, from, &signed)?;
        } else if at == height && self.running.is_some() {
            self.consider(turn, from, signed, block, false)?;
        } else {
            self.peers.is_past(from, at.saturating_sub(1));
            let proposer = self.head.validators.proposer(at, signed.proposal.round);
            let of_proposer = proposer.is_some_and(|proposer| proposer.key == signed.validator);
            let near = at <= height.saturating_add(ahead::HEIGHTS);
            if of_proposer && near && self.ahead.takes_proposal(&signed) {
                let pace = turn.chain.pace();
                let brings_it = block.as_ref().is_none_or(|block| {
                    block.header.hash().ok() == Some(signed.proposal.block)
                        && block.check(pace).is_ok()
                });
                if brings_it && signed.holds() {
                    self.ahead.hold_proposal(from, signed, block);
                } else {
                    turn.blame(from);
                }
            }
        }
        Ok(())
    }

    /// Answers with a proposal of the running height and its block, if both are here.
    pub(super) fn answer_want(
        &mut self,
        turn: &mut Turn<'_, '_>,
        to: NodeId,
        round: u32,
        block: BlockHash,
    ) -> Result<(), Halt> {
        let Some(running) = &self.running else { return Ok(()) };
        let signed = running.candidates.proposal_of(round, block).map(|known| known.signed);
        let held = running.candidates.block(block).map(|held| Box::new(held.block.clone()));
        if let (Some(signed), Some(held)) = (signed, held)
            && self.peers.may_answer(to, turn.now_ms)
        {
            let message = Message::Proposal(signed, Some(held));
            self.peers.answered(to, encode(&message)?.len(), turn.now_ms);
            turn.send(to, message);
        }
        Ok(())
    }

    /// Answers with decided blocks from a height on, as many as fit.
    pub(super) fn answer_sync(
        &mut self,
        turn: &mut Turn<'_, '_>,
        to: NodeId,
        from_height: u64,
    ) -> Result<(), Halt> {
        let last = self.head.tip.height;
        if from_height == 0 || from_height > last || !self.peers.may_answer(to, turn.now_ms) {
            return Ok(());
        }
        let mut blocks = List::<DecidedBlock, SYNC_BLOCKS>::default();
        let mut room = CONSENSUS_MESSAGE - ROOM;
        for height in from_height..=last {
            let rule = "a decided block is missing";
            let decided = turn.chain.decided(turn.tx, height)?;
            let decided = decided.ok_or(Halt::Rows { height, rule })?;
            let len = encode(&decided)?.len();
            if len > room || blocks.push(decided).is_err() {
                break;
            }
            room -= len;
        }
        self.peers.answered(to, CONSENSUS_MESSAGE - ROOM - room, turn.now_ms);
        turn.send(to, Message::Decided(blocks));
        Ok(())
    }

    /// Asks for a missing proposal that a peer spoke of, if it does not come by itself in a while.
    pub(super) fn want(&mut self, turn: &Turn<'_, '_>, wanted: Wanted, from: NodeId, wait_ms: u64) {
        let Some(running) = &mut self.running else { return };
        let (now, at_ms) = (running.machine.round(), turn.now_ms.saturating_add(wait_ms));
        running.wants.ask(wanted, from, now, at_ms);
        self.time_wants();
    }

    /// Asks for the proposals that are missing, those that are due.
    pub(super) fn ask_wanted(&mut self, turn: &mut Turn<'_, '_>) {
        let Some(running) = &mut self.running else { return };
        let height = running.machine.height();
        for ((round, block), peer) in running.wants.next(turn.now_ms) {
            turn.send(peer, Message::Want { height, round, block });
        }
        self.time_wants();
    }

    fn time_wants(&mut self) {
        let next = self.running.as_ref().and_then(|running| running.wants.next_ms());
        match next {
            Some(at_ms) => self.timers.set(Timer::Want, at_ms),
            None => self.timers.cancel(Timer::Want),
        }
    }

    /// Looks whether a peer has decided what we have not.
    pub(super) fn watch_peers(&mut self, turn: &Turn<'_, '_>) {
        let last = self.head.tip.height;
        if self.timers.is_set(Timer::Sync) || !self.peers.any_past(last) {
            return;
        }
        let far = self.peers.any_past(last.saturating_add(1));
        let wait = if far { 0 } else { LAG_MS };
        let at_ms = turn.now_ms.saturating_add(wait);
        if !self.timers.is_set(Timer::Lag) {
            self.timers.set(Timer::Lag, at_ms);
        }
    }

    /// Asks the next peer that has decided what we have not, if there is one. It has time for as
    /// many blocks as it says to have.
    pub(super) fn ask_decided(&mut self, turn: &mut Turn<'_, '_>) -> Result<(), Halt> {
        let next = self.height()?;
        if let Some((peer, behind)) = self.peers.ask(self.head.tip.height) {
            turn.send(peer, Message::Sync(next));
            let wait = BLOCK_MS.saturating_mul(behind.min(SYNC_BLOCKS as u64));
            let wait = REQUEST_MS.saturating_add(wait);
            self.timers.set(Timer::Sync, turn.now_ms.saturating_add(wait));
        }
        Ok(())
    }

    /// Takes decided blocks, up to the first that does not hold. Whoever brings them, and however
    /// late: their certificates tell.
    pub(super) fn synced(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        blocks: Vec<DecidedBlock>,
    ) -> Result<(), Halt> {
        if !self.peers.hears(from) {
            return Ok(());
        }
        let before = self.head.tip.height;
        let asked = self.peers.was_asked(from) && self.timers.is_set(Timer::Sync);
        let of = self.peers.ahead_of(from, before).min(SYNC_BLOCKS as u64);
        if asked {
            self.timers.cancel(Timer::Sync);
        }
        for decided in blocks {
            // Decided here meanwhile.
            if decided.block.header.height <= self.head.tip.height {
                continue;
            }
            if !self.adopt(turn, decided)? {
                turn.blame(from);
                self.peers.refuse(from);
                break;
            }
        }
        let gained = self.head.tip.height - before;
        if gained > 0 {
            self.peers.is_past(from, self.head.tip.height);
            self.peers.brought(from, gained, of);
        }
        if asked && gained == 0 {
            // An answer that brings nothing is no better than none.
            self.peers.distrust_asked();
        } else if asked {
            self.ask_decided(turn)?;
        }
        Ok(())
    }

    /// Makes a certified block the head, whatever malachite was about to do; false if it or its
    /// certificate is not what the validators decided.
    fn adopt(&mut self, turn: &mut Turn<'_, '_>, decided: DecidedBlock) -> Result<bool, Halt> {
        let DecidedBlock { block, certificate } = &decided;
        let (header, certificate) = (block.header.clone(), certificate.clone());
        let set = &self.head.validators;
        if CertifiedHeader::verify_next(header, certificate, &self.head.tip, set).is_err() {
            return Ok(false);
        }
        let ids: Result<Vec<_>, _> =
            block.entries.iter().map(magpie_protocol::ledger::Entry::id).collect();
        if !ids.is_ok_and(|ids| entries_root(&ids) == block.header.entries) {
            return Ok(false);
        }
        // From here on it is what over two thirds decided: if our rules refuse it, we stop.
        let height = block.header.height;
        let checked = headers::check(block, &self.head, &*turn.chain, turn.tx)?;
        let beacon = checked.map_err(|_| Halt::Refused(height))?;
        if turn.chain.check(turn.tx, block)? != super::Verdict::Valid {
            return Err(Halt::Refused(height));
        }
        self.commit(turn, decided, beacon)?;
        Ok(true)
    }
}
