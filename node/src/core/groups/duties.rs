//! What a member's node does by itself: accepting a transfer, opening an epoch after a leave,
//! signing a checkpoint, offering again what a checkpoint passed over (page 6).

use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    group::{
        AcceptTransfer, Action, Checkpoint, Fold, Graph, OpenEpoch, Role, State, VerifiedOperation,
    },
    ids::GroupId,
};

/// How long each administrator waits for those before, so that one opens the epoch and not all:
/// milliseconds.
const TURN_MS: u64 = 3_000;

/// Passed-over operations offered again in one step.
const OFFERED_AGAIN: usize = 16;

impl Turn<'_> {
    /// Does what is due in a group, if anything is. What the group's rules have against it is no
    /// error: somebody else was first.
    pub(crate) fn duties(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let state = fold.state();
        let me = self.open()?.account.address;
        let Some(role) = state.role(me).filter(|_| state.dissolved.is_none()) else {
            // It does not listen for ever.
            return self.tune(group);
        };
        if let Some(offer) = state.offer.filter(|offer| offer.to == me) {
            return self.do_duty(|turn| {
                turn.act(group, AcceptTransfer { transfer: offer.transfer }.into())
            });
        }
        self.offer_again(group, &fold)?;
        if role < Role::Admin {
            return Ok(());
        }
        if state.epoch_due {
            let wait = turns_before(state, me) * TURN_MS;
            let now = self.now;
            let since = *self.open_mut()?.groups.due_since.entry(group).or_insert(now);
            if now < since + wait {
                self.core.agenda.plan(Task::Duties(group), since + wait);
                return Ok(());
            }
            return self
                .do_duty(|turn| turn.act_opening(group, |epoch| OpenEpoch { epoch }.into()));
        }
        self.open_mut()?.groups.due_since.remove(&group);
        if role == Role::Owner && fold.checkpoint_due(self.now) {
            let state = state.hash();
            return self.do_duty(|turn| turn.act(group, Checkpoint { state }.into()));
        }
        Ok(())
    }

    /// Does again what this account did and a checkpoint passed over, once each.
    fn offer_again(&mut self, group: GroupId, fold: &Fold) -> ApiResult<()> {
        let me = self.open()?.account.address;
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(()) };
        let lost: Vec<Action> = fold
            .passed_over()
            .filter_map(|id| kept.graph.get(id))
            .filter(|it| it.operation().author == me && !is_done_again(&kept.graph, it))
            .map(|it| it.action().clone())
            // A secret that only the passed-over operation named is not opened again.
            .filter(|action| {
                !matches!(action, Action::Remove(_) | Action::OpenEpoch(_) | Action::Checkpoint(_))
            })
            .take(OFFERED_AGAIN)
            .collect();
        for action in lost {
            self.do_duty(|turn| turn.act(group, action))?;
        }
        Ok(())
    }

    /// Runs a duty; only a broken store is an error.
    fn do_duty(&mut self, duty: impl FnOnce(&mut Self) -> ApiResult<()>) -> ApiResult<()> {
        match duty(self) {
            Err(error) if self.is_broken() => Err(error),
            _ => Ok(()),
        }
    }
}

/// Returns how many members of higher rank open an epoch before `me`.
fn turns_before(state: &State, me: Address) -> u64 {
    let mut ranked: Vec<_> =
        state.members.iter().filter(|(_, member)| member.role >= Role::Admin).collect();
    ranked.sort_by_key(|(account, member)| (std::cmp::Reverse(member.role), **account));
    let place = ranked.iter().position(|(account, _)| **account == me);
    place.and_then(|place| u64::try_from(place).ok()).unwrap_or_default()
}

/// Whether its author has done the same again, behind it in the graph's depth.
fn is_done_again(graph: &Graph, lost: &VerifiedOperation) -> bool {
    let lost = lost.operation();
    graph.operations().map(VerifiedOperation::operation).any(|it| {
        it.author == lost.author
            && (it.number, &it.body) == (lost.number, &lost.body)
            && it.depth > lost.depth
    })
}
