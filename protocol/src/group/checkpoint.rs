//! What is settled: checkpoints, and transfers that were accepted.
//!
//! In: a [`History`] and the transfers that the ledger decided for. Out: the [`Choices`] under
//! which its order is made, and that order.
//!
//! A checkpoint that is valid in the state it meets voids what is neither its ancestor nor its
//! descendant. Of two that are concurrent, the one whose author had the higher role settles, then
//! the one with more behind it, then the smaller hash. An accepted transfer beats what the former
//! owner signed beside it: the other branch of a fork, and what came after the offer unseen by
//! who accepted. So a former owner's own checkpoint is looked at after the acceptance.

use super::{
    action::Action,
    history::History,
    id::OperationId,
    linearize::{Choices, Run, Verdict, run},
    permission::Void,
};
use crate::{address::Address, limits::GROUP_TRIALS};
use std::{cmp::Reverse, collections::BTreeSet};

struct Settling<'h, 'g> {
    history: &'h History<'g>,
    choices: Choices,
    run: Run,
    /// Runs that may still be tried; what is left undecided after them stays as it is.
    trials: usize,
}

/// Decides and folds. Fails if the first operation makes no group.
pub(super) fn settle(
    history: &History<'_>,
    notarized: &BTreeSet<OperationId>,
) -> Result<(Choices, Run), Void> {
    let choices = Choices::default();
    let run = run(history, &choices)?;
    let mut settling = Settling { history, choices, run, trials: GROUP_TRIALS };
    let offering = settling.disputed();
    let offering: BTreeSet<_> =
        offering.iter().filter_map(|(transfer, _)| settling.author(*transfer)).collect();
    settling.checkpoints(&offering);
    settling.acceptances(notarized);
    settling.checkpoints(&BTreeSet::new());
    Ok((settling.choices, settling.run))
}

impl Settling<'_, '_> {
    fn author(&self, place: usize) -> Option<Address> {
        self.history.get(place).map(|it| it.operation().author)
    }

    fn holds(&self, run: &Run, place: usize) -> bool {
        run.verdicts.get(place) == Some(&Verdict::Valid) && place < self.history.len()
    }

    /// Makes `choices` the ones in force if all that they rest on is valid under them.
    fn attempt(&mut self, choices: Choices) -> bool {
        if self.trials == 0 {
            return false;
        }
        self.trials -= 1;
        let Ok(trial) = run(self.history, &choices) else { return false };
        let rests = choices.settled.iter().chain(choices.honoured.iter().map(|(_, at)| at));
        let holds = rests.copied().all(|place| self.holds(&trial, place));
        if holds {
            self.choices = choices;
            self.run = trial;
        }
        holds
    }

    /// Returns the valid checkpoints that are not settled, the one that wins over others first.
    fn candidates(&self, except: &BTreeSet<Address>) -> Vec<usize> {
        let mut found: Vec<_> = self
            .history
            .iter()
            .filter(|(place, it)| {
                matches!(it.action(), Action::Checkpoint(_))
                    && self.holds(&self.run, *place)
                    && !self.choices.settled.contains(place)
                    && !except.contains(&it.operation().author)
            })
            .map(|(place, it)| {
                let behind = self.history.before().get(place).map_or(0, |bits| bits.len());
                let role = self.run.met.get(place).copied().flatten();
                (Reverse(role), Reverse(behind), it.id(), place)
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, _, _, place)| place).collect()
    }

    fn checkpoints(&mut self, except: &BTreeSet<Address>) {
        let candidates = self.candidates(except);
        let mut all = self.choices.clone();
        for place in &candidates {
            if !all.settled.iter().any(|other| self.history.concurrent(*other, *place)) {
                all.settled.push(*place);
            }
        }
        if all.settled.len() == self.choices.settled.len() {
            return;
        }
        if self.passes_over_nothing(&all.settled) {
            self.choices = all;
            return;
        }
        if self.attempt(all) {
            return;
        }
        // Some of them would void what made them valid, or an accepted transfer: one by one.
        for place in candidates {
            if !self.holds(&self.run, place) {
                continue;
            }
            let mut with = self.choices.clone();
            with.settled.push(place);
            if !self.attempt(with) {
                let mut without = self.choices.clone();
                without.refused.insert(place);
                self.attempt(without);
            }
        }
    }

    /// Whether nothing is concurrent with any of these, so that settling changes no verdict.
    fn passes_over_nothing(&self, settled: &[usize]) -> bool {
        settled.iter().all(|by| (0..self.history.len()).all(|it| !self.history.concurrent(*by, it)))
    }

    /// Whether `author` signed a checkpoint, valid so far, that would pass over the acceptance.
    fn checkpoint_beside(&self, author: Address, acceptance: usize) -> bool {
        self.history.iter().any(|(place, it)| {
            it.operation().author == author
                && matches!(it.action(), Action::Checkpoint(_))
                && self.holds(&self.run, place)
                && self.history.concurrent(place, acceptance)
        })
    }

    /// Returns transfers by whoever was an owner, each with an acceptance that is void so far, or
    /// that the former owner's own checkpoint would void.
    fn disputed(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for acceptance in &self.run.order {
            let Some(operation) = self.history.get(*acceptance) else { continue };
            let Action::AcceptTransfer(accept) = operation.action() else { continue };
            let Some(place) = self.history.place(accept.transfer) else { continue };
            let Some(offer) = self.history.get(place) else { continue };
            let Action::Transfer(transfer) = offer.action() else { continue };
            let open = matches!(
                self.run.verdicts.get(place),
                Some(Verdict::Valid | Verdict::Void(Void::Fork))
            );
            let judged = self.run.verdicts.get(*acceptance);
            let void =
                matches!(judged, Some(Verdict::Void(void)) if !matches!(void, Void::Settled(_)));
            let beside = judged == Some(&Verdict::Valid)
                && self.checkpoint_beside(offer.operation().author, *acceptance);
            if open
                && (void || beside)
                && transfer.to == operation.operation().author
                && transfer.to != offer.operation().author
                && self.run.owners.contains(&offer.operation().author)
                && self.history.is_before(place, *acceptance)
            {
                found.push((place, *acceptance));
            }
        }
        found
    }

    /// Honours acceptances, those that the ledger decided for first; one never undoes another
    /// that counts already, unless the ledger says so.
    fn acceptances(&mut self, notarized: &BTreeSet<OperationId>) {
        let decided =
            |place: usize| self.history.get(place).is_some_and(|it| notarized.contains(&it.id()));
        let mut disputed: Vec<_> = self.disputed();
        disputed.sort_by_key(|(transfer, _)| !decided(*transfer));
        let decided: Vec<_> = disputed.iter().map(|(transfer, _)| decided(*transfer)).collect();
        for ((transfer, acceptance), decided) in disputed.into_iter().zip(decided) {
            let counted: Vec<_> = self.counted();
            let before = (self.choices.clone(), self.run.clone());
            let mut with = self.choices.clone();
            with.honoured.push((transfer, acceptance));
            if self.attempt(with)
                && !decided
                && !counted.iter().all(|place| self.holds(&self.run, *place))
            {
                (self.choices, self.run) = before;
            }
        }
    }

    /// Returns the acceptances that count.
    fn counted(&self) -> Vec<usize> {
        let accepts = self.history.iter().filter(|(place, it)| {
            matches!(it.action(), Action::AcceptTransfer(_)) && self.holds(&self.run, *place)
        });
        accepts.map(|(place, _)| place).collect()
    }
}
