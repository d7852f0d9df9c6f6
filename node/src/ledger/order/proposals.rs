//! Proposals of the running height: whose block may be voted for, and what malachite hears of it.

use super::{
    Halt, Order, Verdict,
    candidates::{Candidate, Place, place},
    headers,
    machine::Feed,
    rows::{CANDIDATES, LogEntry, Value},
    state::Running,
    step::Turn,
};
use magpie_protocol::{
    address::NodeId,
    consensus::SignedProposal,
    ledger::{Block, BlockHash},
};

/// How far ahead of ours a round may be, as in malachite.
const ROUNDS_AHEAD: u32 = 10;

impl Order {
    /// Looks at a proposal of this height, and at the block that it brings.
    pub(super) fn consider(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        signed: SignedProposal,
        block: Option<Box<Block>>,
        verified: bool,
    ) -> Result<(), Halt> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let proposal = signed.proposal;
        let (round, hash) = (proposal.round, proposal.block);
        let proposer = self.head.validators.proposer(proposal.height, round);
        let of_proposer = proposer.is_some_and(|proposer| proposer.key == signed.validator);
        if !of_proposer || proposal.polka_round.is_some_and(|polka| polka >= round) {
            // What waited may have been in turn under the validators before.
            if !verified {
                turn.blame(from);
            }
            return Ok(());
        }
        if round > running.machine.round().saturating_add(ROUNDS_AHEAD) {
            return Ok(());
        }
        if running.candidates.proposal(place(&signed)).is_none() {
            if running.candidates.is_full(round) && !running.machine.has_polka(hash) {
                return Ok(());
            }
            if !verified && !signed.holds() {
                turn.blame(from);
                return Ok(());
            }
            running.candidates.propose(signed, false);
        }
        let known = |running: &Running| {
            running.candidates.block(hash).is_some() || running.candidates.is_invalid(hash)
        };
        if let Some(block) = block
            && !known(running)
        {
            self.judge(turn, from, hash, *block)?;
        }
        let Some(running) = &mut self.running else { return Ok(()) };
        if !known(running) {
            self.want(turn, (round, hash), from, 0);
            return Ok(());
        }
        running.wants.fulfil((round, hash));
        for place in running.candidates.waiting_for(hash) {
            self.feed_proposal(turn, place)?;
        }
        Ok(())
    }

    /// Checks a block that a proposal names, and holds it if it may be voted for.
    fn judge(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        hash: BlockHash,
        block: Block,
    ) -> Result<(), Halt> {
        if block.header.hash().ok() != Some(hash) {
            turn.blame(from);
            return Ok(());
        }
        let checked = headers::check(&block, &self.head, &*turn.chain, turn.tx)?;
        let beacon = match checked {
            Ok(beacon) if turn.chain.check(turn.tx, &block)? == Verdict::Valid => beacon,
            // Entries that are not the header's are the sender's fault: the block may exist.
            Err(headers::Refusal::Block(_)) => {
                turn.blame(from);
                return Ok(());
            }
            Ok(_) | Err(_) => {
                if let Some(running) = &mut self.running {
                    running.candidates.refuse(hash);
                }
                return Ok(());
            }
        };
        self.hold(turn, hash, Candidate { block, beacon, told: false })
    }

    /// Holds a block, and drops old ones that nobody needs.
    pub(super) fn hold(
        &mut self,
        turn: &mut Turn<'_, '_>,
        hash: BlockHash,
        candidate: Candidate,
    ) -> Result<(), Halt> {
        let height = self.height()?;
        let Some(running) = &mut self.running else { return Ok(()) };
        running.candidates.hold(hash, candidate);
        let machine = &running.machine;
        let keep = |old| old == hash || machine.has_polka(old) || machine.keeps(old);
        for old in running.candidates.superfluous(keep) {
            running.candidates.take(old);
            if running.stored.remove(&old) {
                CANDIDATES.delete(turn.tx, &(height, old.0));
            }
        }
        Ok(())
    }

    /// Tells malachite a proposal whose block is there, and the verdict before it.
    ///
    /// The clock is asked for a new block alone: for one that two thirds voted for it was asked by
    /// enough of them. That a proposal claims so counts for nothing; it waits until they are seen.
    fn feed_proposal(&mut self, turn: &mut Turn<'_, '_>, place: Place) -> Result<(), Halt> {
        let (round, hash, polka_round) = place;
        let Some(running) = &mut self.running else { return Ok(()) };
        let Some(signed) = running.candidates.proposal(place).map(|known| known.signed) else {
            return Ok(());
        };
        let verdict = |valid| Value { round, block: hash, proposer: signed.validator, valid };
        // What two thirds voted for has its place whatever else its proposer said.
        let wanted = running.machine.has_polka(hash);
        if !wanted && !running.shares.has_room((Some(signed.validator), round), 2) {
            running.candidates.feed(place);
            return Ok(());
        }
        let Some(held) = running.candidates.block(hash) else {
            running.candidates.feed(place);
            self.feed(turn, &Feed::Logged(LogEntry::Value(verdict(false))), true)?;
            return self.feed(turn, &Feed::Logged(LogEntry::Proposal(signed)), true);
        };
        let header = &held.block.header;
        let in_turn = match polka_round {
            None => header.round == round,
            Some(polka) => header.round <= polka,
        };
        let on_time = wanted || header.check_drift(turn.now_ms, turn.chain.pace()).is_ok();
        let late = !on_time && (held.told || polka_round.is_some());
        if in_turn && late {
            return Ok(());
        }
        running.candidates.feed(place);
        if !in_turn {
            return Ok(());
        }
        if on_time {
            self.tell(turn, verdict(true))?;
        } else {
            self.feed(turn, &Feed::Logged(LogEntry::Value(verdict(false))), true)?;
        }
        self.feed(turn, &Feed::Logged(LogEntry::Proposal(signed)), true)
    }

    /// Tells malachite once that a block is valid; it is stored with that.
    pub(super) fn tell(&mut self, turn: &mut Turn<'_, '_>, value: Value) -> Result<(), Halt> {
        if self.store(turn, value.block)? {
            self.feed(turn, &Feed::Logged(LogEntry::Value(value)), true)?;
        }
        Ok(())
    }

    /// Writes a block that may be decided, unless it is written; tells whether it was not.
    pub(super) fn store(&mut self, turn: &mut Turn<'_, '_>, hash: BlockHash) -> Result<bool, Halt> {
        let height = self.height()?;
        let Some(running) = &mut self.running else { return Ok(false) };
        let Some(held) = running.candidates.block(hash).filter(|held| !held.told) else {
            return Ok(false);
        };
        let row = super::rows::Candidate(held.block.clone());
        CANDIDATES.put(turn.tx, &(height, hash.0), &row)?;
        running.stored.insert(hash);
        running.candidates.tell(hash);
        Ok(true)
    }

    /// Blocks that only the clock was against may be decided once more than two thirds want them,
    /// and proposals of them are told then.
    pub(super) fn tell_late(&mut self, turn: &mut Turn<'_, '_>) -> Result<bool, Halt> {
        let Some(running) = &self.running else { return Ok(false) };
        let candidates = &running.candidates;
        let late = candidates.untold().find(|hash| running.machine.has_polka(*hash));
        if let Some(held) = late.and_then(|hash| candidates.block(hash)) {
            let (round, proposer) = (held.block.header.round, held.block.header.proposer);
            let block = held.block.header.hash()?;
            self.tell(turn, Value { round, block, proposer, valid: true })?;
            return Ok(true);
        }
        let waits = |place: &Place| running.machine.has_polka(place.1);
        let Some(place) = candidates.waiting().find(waits) else { return Ok(false) };
        self.feed_proposal(turn, place)?;
        Ok(true)
    }
}
