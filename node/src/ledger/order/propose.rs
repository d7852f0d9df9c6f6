//! Makes our own block when it is our turn.

use super::{
    Halt, Order,
    candidates::Candidate,
    headers::{beacon_input, earliest, heartbeat},
    machine::Feed,
    step::Turn,
    timers::Timer,
};
use magpie_protocol::{
    beacon::{self, Beacon, Proof},
    bounded::List,
    ledger::{Block, Header, StateRoot, entries_root},
};

impl Order {
    /// Answers malachite's question for a block if it is open, and tells whether it did.
    ///
    /// It is not answered for a round in which the log has anything of ours: we might have
    /// proposed another block before a crash.
    pub(super) fn propose(&mut self, turn: &mut Turn<'_, '_>) -> Result<bool, Halt> {
        let Some(running) = &mut self.running else { return Ok(false) };
        let Some(round) = running.asked else { return Ok(false) };
        let open = running.machine.round() == round
            && running.machine.proposes()
            && (!running.spoken.contains(&round) || self.keys.forgets());
        if !open {
            running.asked = None;
            return Ok(false);
        }
        let (pace, time_ms, drafted) = (turn.chain.pace(), turn.now_ms, running.drafted);
        let earliest = earliest(&self.head, pace);
        if time_ms < earliest {
            self.timers.set(Timer::Block, earliest);
            return Ok(false);
        }
        let can_be_empty =
            time_ms >= heartbeat(&self.head, pace) || turn.chain.is_due(turn.tx, time_ms)?;
        // What waited and filled nothing is not tried again in this round.
        let waits = drafted != Some(round) && turn.chain.waits(turn.tx)?;
        if !can_be_empty && !waits {
            // Sets the timer to look again; until then the others wait for us, or pass us over.
            self.is_due(turn)?;
            return Ok(false);
        }
        let (block, beacon) = self.make(turn, round, time_ms)?;
        if block.entries.is_empty() && !can_be_empty {
            if let Some(running) = &mut self.running {
                running.drafted = Some(round);
            }
            self.is_due(turn)?;
            return Ok(false);
        }
        block.check(turn.chain.pace())?;
        let hash = block.header.hash()?;
        self.hold(turn, hash, Candidate { block, beacon, told: false })?;
        self.store(turn, hash)?;
        if let Some(running) = &mut self.running {
            running.asked = None;
        }
        self.feed(turn, &Feed::Propose { round, block: hash }, true)?;
        Ok(true)
    }

    fn make(
        &mut self,
        turn: &mut Turn<'_, '_>,
        round: u32,
        time_ms: u64,
    ) -> Result<(Block, Beacon), Halt> {
        let height = self.height()?;
        let (beacon, proof) = self.prove(height)?;
        let head = &self.head;
        let mut header = Header {
            chain: head.tip.chain,
            rules: Header::RULES,
            height,
            round,
            proposer: self.keys.consensus(),
            parent: head.tip.hash,
            time_ms,
            entries: entries_root(&[]),
            state: StateRoot([0; 32]),
            validators: head.validators.hash(),
            next_validators: head.validators.hash(),
            beacon: proof,
        };
        let draft = turn.chain.fill(turn.tx, &header)?;
        let ids = draft.entries.iter().map(magpie_protocol::ledger::Entry::id);
        let ids = ids
            .collect::<Result<Vec<_>, _>>()
            .map_err(magpie_protocol::ledger::BlockError::from)?;
        header.entries = entries_root(&ids);
        header.state = draft.state;
        header.next_validators = draft.next_validators;
        let entries = List::new(draft.entries.into_vec())?;
        Ok((Block { header, entries }, beacon))
    }

    /// Proves our beacon once a height.
    fn prove(&mut self, height: u64) -> Result<(Beacon, Proof), Halt> {
        let kept = self.running.as_ref().and_then(|running| running.beacon);
        let proven = match kept {
            Some(proven) => proven,
            None => beacon::prove(self.keys.beacon(), &beacon_input(&self.head, height))?,
        };
        if let Some(running) = &mut self.running {
            running.beacon = Some(proven);
        }
        Ok(proven)
    }
}
