//! Calls that need the ledger: each names what it has to be shown, and is tried again when it was.

use super::{
    look::Look,
    settle::Settling,
    sign::{CallName, Signing},
    spend::Spending,
    wake::Idle,
};
use crate::core::{agenda::Task, effect::Answer, input::CallId, turn::Turn};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    ledger::state::LeafKey,
};
use std::collections::BTreeSet;

/// How long a call waits for the ledger, milliseconds; then it is answered with what is known.
pub(crate) const ANSWER_MS: u64 = 15_000;

/// An errand, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct ErrandId(pub(crate) u64);

/// One thing to be done by the ledger, or to be learned from it.
#[derive(Debug)]
pub(crate) struct Errand {
    /// Who waits for an answer, if anybody still does.
    pub(super) call: Option<CallId>,
    /// Until when, milliseconds since the Unix epoch.
    pub(super) deadline_ms: u64,
    /// What is looked at has to be under a header of at least this height.
    pub(super) least: u64,
    /// What it is about.
    pub(super) work: Work,
    /// What it waits for.
    pub(super) idle: Idle,
    /// Whether it was not tried yet.
    is_new: bool,
}

/// What an errand is about.
#[derive(Debug)]
pub(super) enum Work {
    /// To learn something.
    Look(Look),
    /// To sign with the wallet's key.
    Spend(Box<Spending>),
    /// To sign with the receive key, for a call of this name.
    Sign(Signing, CallName),
    /// To learn what became of an entry, and to hand it on until something did.
    Settle(Box<Settling>),
}

/// How far an errand is.
#[derive(Debug)]
pub(crate) enum Step {
    /// It has to be shown these leaves, under a header of at least its height.
    Wants(Vec<LeafKey>),
    /// The same under a header of at least this height.
    WantsUnder(Vec<LeafKey>, u64),
    /// It has to be shown the headers of these heights.
    WantsHeaders(Vec<u64>),
    /// It waits for a header, or for something else that comes by itself.
    Waits,
    /// It goes on as something else, at once.
    Becomes(Box<Errand>),
    /// It is over, with this answer.
    Ends(Answer),
}

impl Errand {
    /// Returns an errand that was not tried yet.
    pub(super) fn new(call: Option<CallId>, deadline_ms: u64, least: u64, work: Work) -> Self {
        Self { call, deadline_ms, least, work, idle: Idle::Header, is_new: true }
    }

    /// Returns when it is to be tried even if nothing comes, milliseconds since the Unix epoch; the
    /// largest number for never.
    pub(super) fn due_ms(&self) -> u64 {
        let answer = if self.call.is_some() { self.deadline_ms } else { u64::MAX };
        match &self.work {
            _ if self.is_new => 0,
            Work::Settle(settling) => answer.min(settling.due_ms),
            _ => answer,
        }
    }

    /// Tells whether it is the account's, and not just anybody's who asks this node.
    pub(super) const fn is_personal(&self) -> bool {
        match &self.work {
            Work::Look(look) => look.is_personal(),
            Work::Settle(settling) => settling.is_personal(),
            Work::Spend(_) | Work::Sign(..) => true,
        }
    }
}

/// How often an errand may go on as something else in one step.
const TURNS: usize = 8;

impl Turn<'_> {
    /// Begins an errand for the call of this step; its answer comes through an effect. Errors: 21011
    /// if too many are under way, and those of [`fresh_height`](Self::fresh_height).
    pub(super) fn begin_errand(&mut self, work: Work) -> ApiResult<ErrandId> {
        // An unconfirmed network is asked about at the latest when somebody needs it.
        if self.confirming_goal().is_some() {
            self.core.agenda.nudge(Task::Ledger, self.now);
        }
        let least = self.fresh_height()?;
        let deadline_ms = self.now.saturating_add(ANSWER_MS);
        self.add_errand(Errand::new(self.call, deadline_ms, least, work))
    }

    /// Puts an errand among those under way. Error: 21011.
    pub(super) fn add_errand(&mut self, errand: Errand) -> ApiResult<ErrandId> {
        if self.core.money.errands.len() >= super::memory::ERRANDS {
            return Err(ApiError::new(
                ErrorCode::RateLimited,
                "too much waits for the ledger already; try again later",
            ));
        }
        Ok(self.put_errand(errand))
    }

    /// Puts an errand among those under way, however many they are: what is on disk is bounded
    /// there.
    pub(super) fn put_errand(&mut self, errand: Errand) -> ErrandId {
        let money = &mut self.core.money;
        money.last = money.last.saturating_add(1);
        let id = ErrandId(money.last);
        money.errands.insert(id, errand);
        self.core.agenda.plan(Task::Errands, self.now);
        id
    }

    /// Tries one errand.
    pub(super) fn run_errand(&mut self, id: ErrandId) -> ApiResult<()> {
        let Some(mut errand) = self.core.money.errands.remove(&id) else { return Ok(()) };
        (errand.is_new, errand.idle) = (false, Idle::Header);
        for _ in 0..TURNS {
            let step = match self.try_errand(id, &mut errand) {
                Ok(step) => step,
                Err(error) if self.is_broken() => return Err(error),
                // A refusal is for who waits, and no matter of the other errands.
                Err(error) => Step::Ends(Err(error)),
            };
            match step {
                Step::Becomes(next) => {
                    errand = *next;
                    errand.is_new = false;
                }
                Step::Ends(answer) => {
                    if let Some(call) = errand.call {
                        self.answer(call, answer);
                    }
                    return Ok(());
                }
                Step::Wants(keys) => {
                    errand.idle = self.wait_for(keys, errand.least);
                    return self.keep_waiting(id, errand);
                }
                Step::WantsUnder(keys, least) => {
                    errand.idle = self.wait_for(keys, least);
                    return self.keep_waiting(id, errand);
                }
                Step::WantsHeaders(heights) => {
                    errand.idle = self.wait_for_headers(heights);
                    return self.keep_waiting(id, errand);
                }
                Step::Waits => return self.keep_waiting(id, errand),
            }
        }
        self.keep_waiting(id, errand)
    }

    /// Asks for leaves, and returns what the errand waits for.
    fn wait_for(&mut self, keys: Vec<LeafKey>, least: u64) -> Idle {
        let money = &mut self.core.money;
        let missing: BTreeSet<LeafKey> =
            keys.into_iter().filter(|key| !money.is_shown(key, least)).collect();
        let mut is_asked = true;
        for key in &missing {
            is_asked &= money.want(*key, least);
        }
        // What there was no room for is named again after the next header.
        if is_asked && !missing.is_empty() { Idle::Leaves(missing, least) } else { Idle::Header }
    }

    /// Asks for headers, and returns what the errand waits for.
    fn wait_for_headers(&mut self, heights: Vec<u64>) -> Idle {
        let money = &mut self.core.money;
        let mut is_asked = true;
        for height in &heights {
            is_asked &= money.want_header(*height);
        }
        self.ask_headers();
        if is_asked { Idle::Headers(heights.into_iter().collect()) } else { Idle::Header }
    }

    fn try_errand(&mut self, id: ErrandId, errand: &mut Errand) -> ApiResult<Step> {
        #[cfg(test)]
        {
            self.core.money.tries += 1;
        }
        let is_personal = errand.is_personal();
        if is_personal && self.core.open.is_none() {
            return Ok(Step::Ends(Err(ErrorCode::NotLoggedIn.into())));
        }
        let Errand { call, deadline_ms, least, work, .. } = errand;
        let frame = Frame { id, call: *call, deadline_ms: *deadline_ms, least: *least };
        match work {
            Work::Look(look) => self.try_look(look, frame),
            Work::Spend(spending) => self.try_spend(spending, frame),
            Work::Sign(signing, named) => self.try_sign(*signing, *named, frame),
            Work::Settle(settling) => {
                let step = self.try_settle(settling, frame)?;
                // What an entry waits for is always the newest header.
                errand.least = self.core.money.height();
                Ok(step)
            }
        }
    }

    /// Keeps an errand that is not over; a call that waited too long is answered.
    fn keep_waiting(&mut self, id: ErrandId, mut errand: Errand) -> ApiResult<()> {
        if self.now >= errand.deadline_ms
            && let Some(call) = errand.call.take()
        {
            let answer = match &mut errand.work {
                Work::Look(look) => match self.late_look(look) {
                    Ok(answer) => answer,
                    Err(error) if self.is_broken() => return Err(error),
                    Err(error) => Err(error),
                },
                Work::Settle(settling) => Err(settling.pending()),
                Work::Spend(_) | Work::Sign(..) => Err(unreached()),
            };
            self.answer(call, answer);
            // An entry of this account lives on without a caller.
            if !matches!(&errand.work, Work::Settle(settling) if settling.is_personal()) {
                return Ok(());
            }
        }
        self.core.money.errands.insert(id, errand);
        Ok(())
    }
}

/// What an errand's work may know of the errand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Its number.
    pub(super) id: ErrandId,
    /// Who waits.
    pub(super) call: Option<CallId>,
    /// Until when, milliseconds since the Unix epoch.
    pub(super) deadline_ms: u64,
    /// The least height of the headers under which it looks.
    pub(super) least: u64,
}

impl Frame {
    /// Makes the errand into another of the same caller.
    pub(super) fn becomes(self, work: Work) -> Step {
        let Self { call, deadline_ms, least, .. } = self;
        Step::Becomes(Box::new(Errand::new(call, deadline_ms, least, work)))
    }
}

/// The answer to who asked while no super node could be reached.
pub(super) fn unreached() -> ApiError {
    ApiError::new(
        ErrorCode::Pending,
        "no super node has shown the ledger in time; nothing was sent",
    )
}
