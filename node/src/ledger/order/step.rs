//! The one entry: an input becomes rows and effects.

use super::{
    Chain, Effect, Halt, Input, Order, commit,
    headers::{earliest, heartbeat},
    machine::Feed,
    rows::LogEntry,
    timers::{RESUME_MS, STATUS_MS, Timer, Wait},
};
use magpie_protocol::{address::NodeId, consensus::Message};
use magpie_storage::overlay::Tx;
use std::fmt;

/// How often the chain is asked whether a block is due, in milliseconds.
const POLL_MS: u64 = 1_000;

/// One step under way.
pub(super) struct Turn<'a, 't> {
    /// The time of this step, in milliseconds since the Unix epoch.
    pub(super) now_ms: u64,
    pub(super) chain: &'a mut dyn Chain,
    pub(super) tx: &'a mut Tx<'t>,
    pub(super) effects: Vec<Effect>,
}

impl Turn<'_, '_> {
    pub(super) fn send(&mut self, to: NodeId, message: Message) {
        self.effects.push(Effect::Send { to, message });
    }

    pub(super) fn blame(&mut self, peer: NodeId) {
        self.effects.push(Effect::Blame(peer));
    }
}

impl fmt::Debug for Turn<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("now_ms", &self.now_ms).finish_non_exhaustive()
    }
}

impl Order {
    /// Takes one input at the time `now_ms`, milliseconds since the Unix epoch.
    ///
    /// What it decides is in `tx`; the effects may leave once that is durable, and are void if it
    /// never is. Costs at most one execution of a block for each block that it brings.
    /// Errors: [`Halt`]; the node then stops and begins with its store.
    pub fn step(
        &mut self,
        input: Input,
        now_ms: u64,
        chain: &mut dyn Chain,
        tx: &mut Tx<'_>,
    ) -> Result<Vec<Effect>, Halt> {
        let mut turn = Turn { now_ms, chain, tx, effects: Vec::new() };
        let turn = &mut turn;
        match input {
            Input::Started => self.started(turn)?,
            Input::Message { from, message } => self.message(turn, from, *message)?,
            Input::Waiting => {
                if let Some(running) = &mut self.running {
                    running.drafted = None;
                }
            }
            // The host has forgotten the time it was to come at.
            Input::Tick => self.woken = None,
        }
        self.settle(turn)?;
        while let Some(timer) = self.timers.due(now_ms) {
            self.time(turn, timer)?;
            self.settle(turn)?;
        }
        let next = self.timers.next();
        if next != self.woken {
            turn.effects.extend(next.map(Effect::Wake));
            self.woken = next;
        }
        Ok(std::mem::take(&mut turn.effects))
    }

    fn started(&mut self, turn: &mut Turn<'_, '_>) -> Result<(), Halt> {
        if self.running.is_some() {
            // A height is started once.
            return Ok(());
        }
        self.since_ms = turn.now_ms;
        turn.effects.extend(self.kept.effects());
        let log = commit::read_log(turn.tx, self.height()?)?;
        if !log.is_empty() {
            self.resume(turn, log)?;
            // Nobody may have heard what was said last.
            self.timers.hurry_rebroadcasts(turn.now_ms.saturating_add(RESUME_MS));
        }
        self.time(turn, Timer::Status)
    }

    fn message(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        message: Message,
    ) -> Result<(), Halt> {
        let height = self.height()?;
        match message {
            Message::Vote(vote) => self.vote(turn, from, &vote),
            Message::Proposal(signed, block) => self.proposal(turn, from, signed, block),
            Message::Polka(polka) => {
                if self.is_of_height(turn, from, polka.height)? {
                    self.count_all(turn, from, polka)?;
                }
                Ok(())
            }
            Message::RoundEnd(end) => {
                if self.is_of_height(turn, from, end.height)? {
                    self.end_round(turn, from, end)?;
                }
                Ok(())
            }
            Message::Status(at) => {
                self.peers.is_at(from, at);
                if at < self.head.tip.height {
                    self.hint(turn, from, at);
                }
                Ok(())
            }
            Message::Want { height: at, round, block } if at == height => {
                self.answer_want(turn, from, round, block)
            }
            Message::Want { height: at, .. } => {
                self.hint(turn, from, at);
                Ok(())
            }
            Message::Sync(at) => self.answer_sync(turn, from, at),
            Message::Decided(blocks) => self.synced(turn, from, blocks.into_vec()),
        }
    }

    /// Tells whether a message is of the running height, and notes what else it says of its sender.
    fn is_of_height(
        &mut self,
        turn: &mut Turn<'_, '_>,
        from: NodeId,
        at: u64,
    ) -> Result<bool, Halt> {
        let height = self.height()?;
        if at < height {
            self.hint(turn, from, at);
        } else if at > height {
            self.peers.is_past(from, at.saturating_sub(1));
        }
        Ok(at == height && self.running.is_some())
    }

    /// Tells a peer that speaks of a height before ours that it is behind, now and then.
    pub(super) fn hint(&mut self, turn: &mut Turn<'_, '_>, peer: NodeId, at: u64) {
        let last = self.head.tip.height;
        // Votes on the way when a height is decided are late, their senders are not.
        let late = at < last || turn.now_ms > self.since_ms.saturating_add(POLL_MS);
        if late && self.peers.may_hint(peer, turn.now_ms) {
            turn.send(peer, Message::Status(last));
        }
    }

    fn time(&mut self, turn: &mut Turn<'_, '_>, timer: Timer) -> Result<(), Halt> {
        match timer {
            Timer::Round(of) if self.running.is_some() => {
                let feed = match of.wait {
                    Wait::Rebroadcast => Feed::Rebroadcast(of.round),
                    _ => Feed::Logged(LogEntry::Timeout(of)),
                };
                self.feed(turn, &feed, true)
            }
            // What follows every timer looks whether a block is due.
            Timer::Round(_) | Timer::Block => Ok(()),
            Timer::Lag => self.ask_decided(turn),
            Timer::Sync => {
                self.peers.distrust_asked();
                self.ask_decided(turn)
            }
            Timer::Want => {
                self.ask_wanted(turn);
                Ok(())
            }
            Timer::Status => {
                turn.effects.push(Effect::Publish(Message::Status(self.head.tip.height)));
                self.timers.set(Timer::Status, turn.now_ms.saturating_add(STATUS_MS));
                Ok(())
            }
        }
    }

    /// Does what has become possible, until nothing more has.
    fn settle(&mut self, turn: &mut Turn<'_, '_>) -> Result<(), Halt> {
        loop {
            let went_on = match &self.running {
                Some(_) => {
                    self.commit_decided(turn)? || self.tell_late(turn)? || self.propose(turn)?
                }
                None => self.begin(turn)?,
            };
            if !went_on {
                break;
            }
        }
        self.watch_peers(turn);
        Ok(())
    }

    /// Starts the next height if a block is due or somebody else has started it, and never before
    /// the interval is over.
    fn begin(&mut self, turn: &mut Turn<'_, '_>) -> Result<bool, Halt> {
        let height = self.height()?;
        let earliest = earliest(&self.head, turn.chain.pace());
        if turn.now_ms < earliest {
            self.timers.set(Timer::Block, earliest);
            return Ok(false);
        }
        if !self.ahead.has(height) && !self.is_due(turn)? {
            return Ok(false);
        }
        self.start(turn, &[])?;
        for (from, message) in self.ahead.take(height) {
            self.replay_ahead(turn, from, message)?;
        }
        Ok(true)
    }

    /// Tells whether the next block is due; if not, sets a timer to look again.
    pub(super) fn is_due(&mut self, turn: &Turn<'_, '_>) -> Result<bool, Halt> {
        let (now_ms, pace) = (turn.now_ms, turn.chain.pace());
        let (earliest, heartbeat) = (earliest(&self.head, pace), heartbeat(&self.head, pace));
        let due = now_ms >= heartbeat
            || now_ms >= earliest
                && (turn.chain.waits(turn.tx)? || turn.chain.is_due(turn.tx, now_ms)?);
        if !due {
            let next = if now_ms < earliest {
                earliest
            } else {
                heartbeat.min(now_ms.saturating_add(POLL_MS))
            };
            self.timers.set(Timer::Block, next);
        }
        Ok(due)
    }
}
