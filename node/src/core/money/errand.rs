//! Calls that need the ledger: each names what it has to be shown, and is tried again when it was.

use super::{look::Look, settle::Settling, sign::Signing, spend::Spending};
use crate::core::{agenda::Task, effect::Answer, input::CallId, turn::Turn};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    ledger::state::LeafKey,
};

/// How long a call waits for the ledger, milliseconds; then it is answered with what is known.
pub(crate) const ANSWER_MS: u64 = 15_000;

/// After how long without a header one is asked for, milliseconds, while something waits for it.
const QUIET_MS: u64 = 2_000;

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
}

/// What an errand is about.
#[derive(Debug)]
pub(super) enum Work {
    /// To learn something.
    Look(Look),
    /// To sign with the wallet's key.
    Spend(Box<Spending>),
    /// To sign with the receive key.
    Sign(Signing),
    /// To learn what became of an entry, and to hand it on until something did.
    Settle(Box<Settling>),
}

/// How far an errand is.
#[derive(Debug)]
pub(crate) enum Step {
    /// It has to be shown these leaves, under a header of at least its height.
    Wants(Vec<LeafKey>),
    /// It waits for a header, or for something else that comes by itself.
    Waits,
    /// It goes on as something else, at once.
    Becomes(Box<Errand>),
    /// It is over, with this answer.
    Ends(Answer),
}

impl Errand {
    /// Tells whether it is the account's, and not just anybody's who asks this node.
    pub(super) const fn is_personal(&self) -> bool {
        match &self.work {
            Work::Look(look) => look.is_personal(),
            Work::Settle(settling) => settling.is_personal(),
            Work::Spend(_) | Work::Sign(_) => true,
        }
    }

    /// Forgets that an answer is on its way.
    pub(super) const fn ask_anew(&mut self) {
        if let Work::Look(Look::Header { asked, .. }) = &mut self.work {
            *asked = false;
        }
    }
}

/// How often an errand may go on as something else in one step.
const TURNS: usize = 8;

impl Turn<'_> {
    /// Begins an errand for the call of this step; its answer comes through an effect. Errors: 21011
    /// if too many are under way, and those of [`fresh_height`](Self::fresh_height).
    pub(super) fn begin_errand(&mut self, work: Work) -> ApiResult<ErrandId> {
        let least = self.fresh_height()?;
        let deadline_ms = self.now.saturating_add(ANSWER_MS);
        self.add_errand(Errand { call: self.call, deadline_ms, least, work })
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

    /// Tries every errand: something was shown, a header came, or time has passed.
    pub(crate) fn run_errands(&mut self) -> ApiResult<()> {
        for id in self.core.money.in_turn() {
            self.run_errand(id)?;
        }
        let errands = self.core.money.errands.values();
        let calls = errands.filter(|errand| errand.call.is_some());
        if let Some(next) = calls.map(|errand| errand.deadline_ms).min() {
            self.core.agenda.plan(Task::Errands, next.max(self.now.saturating_add(1)));
        }
        self.miss_header();
        if self.core.money.is_wanting() {
            self.core.agenda.nudge(Task::Ledger, self.now);
        }
        Ok(())
    }

    /// Asks for the newest header if errands wait and none came for a while: gossip may lose some.
    fn miss_header(&mut self) {
        let money = &mut self.core.money;
        let Some(tip) = money.light.as_ref().map(|light| *light.tip()) else { return };
        if money.errands.is_empty() {
            return;
        }
        if self.now >= tip.time_ms.saturating_add(QUIET_MS) {
            money.header_wanted = money.header_wanted.max(tip.height.saturating_add(1));
        }
        self.core.agenda.plan(Task::Errands, self.now.saturating_add(QUIET_MS));
    }

    /// Tries one errand.
    pub(super) fn run_errand(&mut self, id: ErrandId) -> ApiResult<()> {
        let Some(mut errand) = self.core.money.errands.remove(&id) else { return Ok(()) };
        for _ in 0..TURNS {
            let step = match self.try_errand(id, &mut errand) {
                Ok(step) => step,
                Err(error) if self.is_broken() => return Err(error),
                // A refusal is for who waits, and no matter of the other errands.
                Err(error) => Step::Ends(Err(error)),
            };
            match step {
                Step::Becomes(next) => errand = *next,
                Step::Ends(answer) => {
                    if let Some(call) = errand.call {
                        self.answer(call, answer);
                    }
                    return Ok(());
                }
                Step::Wants(keys) => {
                    for key in keys {
                        self.core.money.want(key, errand.least);
                    }
                    return self.keep_waiting(id, errand);
                }
                Step::Waits => return self.keep_waiting(id, errand),
            }
        }
        self.keep_waiting(id, errand)
    }

    fn try_errand(&mut self, id: ErrandId, errand: &mut Errand) -> ApiResult<Step> {
        let is_personal = errand.is_personal();
        if is_personal && self.core.open.is_none() {
            return Ok(Step::Ends(Err(ErrorCode::NotLoggedIn.into())));
        }
        let Errand { call, deadline_ms, least, work } = errand;
        let frame = Frame { id, call: *call, deadline_ms: *deadline_ms, least: *least };
        match work {
            Work::Look(look) => self.try_look(look, frame),
            Work::Spend(spending) => self.try_spend(spending, frame),
            Work::Sign(signing) => self.try_sign(signing, frame),
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
                Work::Spend(_) | Work::Sign(_) => Err(unreached()),
            };
            self.answer(call, answer);
            if !matches!(errand.work, Work::Settle(_)) {
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
        Step::Becomes(Box::new(Errand { call, deadline_ms, least, work }))
    }
}

/// The answer to who asked while no super node could be reached.
pub(super) fn unreached() -> ApiError {
    ApiError::new(
        ErrorCode::Pending,
        "no super node has shown the ledger in time; nothing was sent",
    )
}
