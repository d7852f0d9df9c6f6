//! The running height: what malachite is told, and what it wants done.

use super::{
    Effect, Halt, Order,
    candidates::{Candidate, Candidates},
    commit, headers,
    machine::{Act, Feed, Machine},
    rows::{LOG, LogEntry, Shares},
    state::Running,
    step::Turn,
    sync::WANT_MS,
    timers::Timer,
    wants::Wants,
};
use magpie_protocol::{
    address::NodeId,
    consensus::{Message, Polka, RoundEnd, RoundVote, SignedVote},
};
use std::{collections::BTreeSet, sync::Arc};

impl Order {
    /// Starts the next height from its log. A height is started once: the machine is new.
    pub(super) fn start(&mut self, turn: &mut Turn<'_, '_>, log: &[LogEntry]) -> Result<(), Halt> {
        let (chain, height) = (self.head.tip.chain, self.height()?);
        let set = Arc::new(self.head.validators.clone());
        let (machine, acts) = Machine::start(chain, height, &set, &self.keys, log)?;
        let mut running = Running {
            machine,
            logged: u32::try_from(log.len()).unwrap_or(u32::MAX),
            shares: Shares::default(),
            spoken: BTreeSet::new(),
            asked: None,
            drafted: None,
            beacon: None,
            decided: None,
            candidates: Candidates::default(),
            stored: BTreeSet::new(),
            wants: Wants::default(),
        };
        let own = self.keys.consensus();
        running.spoken.extend(log.iter().filter_map(|entry| entry.spoken_by(own)));
        log.iter().for_each(|entry| running.shares.count(entry));
        self.running = Some(running);
        self.timers.cancel(Timer::Block);
        if !log.is_empty() {
            self.recall(turn, log)?;
        }
        self.act(turn, acts)
    }

    /// Goes on with a height that a crash interrupted.
    #[cfg(not(test))]
    pub(super) fn resume(
        &mut self,
        turn: &mut Turn<'_, '_>,
        log: Vec<LogEntry>,
    ) -> Result<(), Halt> {
        self.start(turn, &log)
    }

    /// Goes on with a height that a crash interrupted, or does it wrongly, as a planted fault.
    #[cfg(test)]
    pub(super) fn resume(
        &mut self,
        turn: &mut Turn<'_, '_>,
        log: Vec<LogEntry>,
    ) -> Result<(), Halt> {
        if self.keys.sabotage != super::state::Sabotage::EarlyProposal {
            return self.start(turn, &log);
        }
        self.start(turn, &[])?;
        self.propose(turn)?;
        for entry in log {
            self.feed(turn, &Feed::Logged(entry), true)?;
        }
        Ok(())
    }

    /// Takes blocks and proposals of the running height out of its rows.
    fn recall(&mut self, turn: &mut Turn<'_, '_>, log: &[LogEntry]) -> Result<(), Halt> {
        let height = self.height()?;
        let rows = commit::read_candidates(turn.tx, height)?;
        for (hash, block) in rows {
            let checked = headers::check(&block, &self.head, &*turn.chain, turn.tx)?;
            let rule = "a block that was checked does not follow the head";
            let beacon = checked.map_err(|_| Halt::Rows { height, rule })?;
            let Some(running) = &mut self.running else { continue };
            running.stored.insert(hash);
            running.candidates.hold(hash, Candidate { block, beacon, told: true });
        }
        let Some(running) = &mut self.running else { return Ok(()) };
        for entry in log {
            // Of a block that was found invalid nobody knows any more whether it was for the clock
            // alone; if it comes again, it is looked at again.
            if let LogEntry::Proposal(signed) = entry {
                running.candidates.propose(*signed, true);
            }
        }
        Ok(())
    }

    /// Tells malachite one thing and does what it then wants.
    pub(super) fn feed(
        &mut self,
        turn: &mut Turn<'_, '_>,
        feed: &Feed,
        verified: bool,
    ) -> Result<(), Halt> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let acts = running.machine.feed(feed, verified)?;
        self.act(turn, acts)
    }

    /// Tells malachite what a peer said, and blames the peer if a signature of it does not hold.
    fn feed_of(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        feed: &Feed,
        verified: bool,
    ) -> Result<(), Halt> {
        self.feed(turn, feed, verified)?;
        if self.running.as_mut().is_some_and(|running| running.machine.take_forged()) {
            turn.blame(from);
        }
        Ok(())
    }

    fn act(&mut self, turn: &mut Turn<'_, '_>, acts: Vec<Act>) -> Result<(), Halt> {
        for act in acts {
            match act {
                Act::Log(entry) => self.log(turn, &entry)?,
                Act::Publish(message) => {
                    let message = self.with_block(message);
                    turn.effects.push(Effect::Publish(message));
                }
                Act::Wait(timer) => {
                    let at_ms = turn.now_ms.saturating_add(timer.millis());
                    self.timers.set(Timer::Round(timer), at_ms);
                }
                Act::Cancel(timer) => self.timers.cancel(Timer::Round(timer)),
                Act::CancelAll => self.timers.cancel_rounds(),
                Act::Propose(round) => {
                    if let Some(running) = &mut self.running {
                        running.asked = Some(round);
                    }
                }
                Act::Decide(certificate) => {
                    if let Some(running) = &mut self.running {
                        running.decided = Some(certificate);
                    }
                }
                Act::Accuse(found) => self.accuse(turn, found)?,
            }
        }
        Ok(())
    }

    fn log(&mut self, turn: &mut Turn<'_, '_>, entry: &LogEntry) -> Result<(), Halt> {
        let (height, own) = (self.height()?, self.keys.consensus());
        let Some(running) = &mut self.running else { return Ok(()) };
        let spoken = entry.spoken_by(own);
        running.spoken.extend(spoken);
        #[cfg(test)]
        if spoken.is_some() && self.keys.sabotage == super::state::Sabotage::NoLog {
            return Ok(());
        }
        if running.logged as usize >= commit::ROWS.saturating_sub(1) {
            return Err(Halt::Rows { height, rule: commit::FULL });
        }
        LOG.put(turn.tx, &(height, running.logged), entry)?;
        running.logged = running.logged.saturating_add(1);
        running.shares.count(entry);
        Ok(())
    }

    /// Adds the block to a proposal of ours that is made for the first time.
    fn with_block(&self, message: Message) -> Message {
        match (message, &self.running) {
            (Message::Proposal(signed, None), Some(running))
                if signed.proposal.polka_round.is_none() =>
            {
                let held = running.candidates.block(signed.proposal.block);
                Message::Proposal(signed, held.map(|held| Box::new(held.block.clone())))
            }
            (message, _) => message,
        }
    }

    /// Takes a message that waited for this height; its signature held.
    pub(super) fn replay_ahead(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        message: Message,
    ) -> Result<(), Halt> {
        match message {
            Message::Vote(vote) => self.count(turn, from, &vote, true),
            Message::Proposal(signed, block) => self.consider(turn, from, signed, block, true),
            _ => Ok(()),
        }
    }

    /// Tells malachite a polka, and asks for its block if that is missing.
    pub(super) fn count_all(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        polka: Polka,
    ) -> Result<(), Halt> {
        let (round, block) = (polka.round, polka.block);
        let room = |running: &Running| running.shares.has_room((None, round), 1);
        if !self.running.as_ref().is_some_and(room) {
            return Ok(());
        }
        self.feed_of(turn, from, &Feed::Logged(LogEntry::Polka(polka)), false)?;
        let Some(running) = &mut self.running else { return Ok(()) };
        let missing = running.machine.has_polka(block) && !running.candidates.has(round, block);
        if missing {
            self.want(turn, (round, block), from, WANT_MS);
        }
        Ok(())
    }

    /// Tells malachite what ended a round, if there is room for each of its votes.
    pub(super) fn end_round(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        end: RoundEnd,
    ) -> Result<(), Halt> {
        let Some(running) = &self.running else { return Ok(()) };
        let room = |vote: &RoundVote| running.shares.has_room((Some(vote.validator), end.round), 1);
        if !end.votes.iter().all(room) {
            return Ok(());
        }
        self.feed_of(turn, from, &Feed::RoundEnd(end), false)
    }

    /// Tells malachite a vote, and looks whether it is for a proposal that is missing.
    pub(super) fn count(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        vote: &SignedVote,
        verified: bool,
    ) -> Result<(), Halt> {
        let Some(running) = &self.running else { return Ok(()) };
        let share = (Some(vote.validator), vote.vote.round);
        let adds = !running.machine.is_shown(vote) && running.shares.has_room(share, 1);
        if !adds && !self.keys.crowds() {
            return Ok(());
        }
        self.feed_of(turn, from, &Feed::Logged(LogEntry::Vote(*vote)), verified)?;
        let Some(running) = &mut self.running else { return Ok(()) };
        let Some(block) = vote.vote.block else { return Ok(()) };
        let wanted = (vote.vote.round, block);
        if running.candidates.has(vote.vote.round, block) || !running.machine.holds(vote) {
            return Ok(());
        }
        let set = &self.head.validators;
        let now = running.machine.round();
        let voters = running.wants.voted(wanted, vote.validator, from, now);
        let power = voters.filter_map(|voter| set.get(voter)).fold(0_u64, |sum, voter| {
            // Different validators of one set have no more than the set.
            sum.saturating_add(voter.power)
        });
        // Its proposer said it even if nobody else has heard it, as after a crash.
        let proposer = set.proposer(vote.vote.height, vote.vote.round);
        if set.has_honest(power) || proposer.is_some_and(|of| of.key == vote.validator) {
            self.want(turn, wanted, from, WANT_MS);
        }
        Ok(())
    }
}
