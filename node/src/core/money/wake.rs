//! Which errands are tried again, and when: an answer wakes those that wait for what it shows, a new
//! header those that wait for one, and time those that have something to do then.

use super::{
    errand::{Errand, ErrandId},
    memory::Money,
};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{api::ApiResult, ledger::state::LeafKey};
use std::collections::BTreeSet;

/// After how long without a header one is asked for, milliseconds, while something waits for it.
const QUIET_MS: u64 = 2_000;

/// What an errand waits for, besides time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Idle {
    /// The next header, or what comes by itself.
    #[default]
    Header,
    /// All of these leaves, under a header of at least this height.
    Leaves(BTreeSet<LeafKey>, u64),
    /// All headers of these heights.
    Headers(BTreeSet<u64>),
}

impl Money {
    /// Returns the errands that are to be tried now: those whose time has come, and after a new header
    /// those that wait for one.
    fn take_due(&mut self, now: u64) -> Vec<ErrandId> {
        let has_news = std::mem::take(&mut self.has_news);
        let is_due =
            |errand: &Errand| errand.due_ms() <= now || (has_news && errand.idle == Idle::Header);
        self.in_turn(is_due)
    }

    /// Returns the errands all of whose leaves are shown now.
    fn take_shown(&mut self, keys: &[LeafKey]) -> Vec<ErrandId> {
        let shown = &self.shown;
        for errand in self.errands.values_mut() {
            let Idle::Leaves(waits, least) = &mut errand.idle else { continue };
            for key in keys {
                if shown.get(key).is_some_and(|shown| shown.height >= *least) {
                    waits.remove(key);
                }
            }
        }
        self.in_turn(|errand| matches!(&errand.idle, Idle::Leaves(waits, _) if waits.is_empty()))
    }

    /// Returns the errands that wait for no other header than that of a height, which came or will
    /// not.
    fn take_headed(&mut self, height: u64) -> Vec<ErrandId> {
        for errand in self.errands.values_mut() {
            if let Idle::Headers(waits) = &mut errand.idle {
                waits.remove(&height);
            }
        }
        self.in_turn(|errand| matches!(&errand.idle, Idle::Headers(waits) if waits.is_empty()))
    }
}

impl Turn<'_> {
    /// Tries the errands that are due: a header came, or time has passed.
    pub(crate) fn run_errands(&mut self) -> ApiResult<()> {
        self.look_at_returning()?;
        let due = self.core.money.take_due(self.now);
        self.run_some(due)
    }

    /// Tries the errands that waited for these leaves alone.
    pub(super) fn run_shown(&mut self, keys: &[LeafKey]) -> ApiResult<()> {
        let shown = self.core.money.take_shown(keys);
        self.run_some(shown)
    }

    /// Tries the errands that waited for the header of this height alone.
    pub(super) fn run_headed(&mut self, height: u64) -> ApiResult<()> {
        let headed = self.core.money.take_headed(height);
        self.run_some(headed)
    }

    /// Lets all errands that wait for news be tried.
    pub(super) fn tell_news(&mut self) {
        self.core.money.has_news = true;
        self.core.agenda.plan(Task::Errands, self.now);
    }

    fn run_some(&mut self, errands: Vec<ErrandId>) -> ApiResult<()> {
        for id in errands {
            self.run_errand(id)?;
        }
        let errands = self.core.money.errands.values();
        if let Some(next) = errands.map(Errand::due_ms).min().filter(|next| *next != u64::MAX) {
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
}
