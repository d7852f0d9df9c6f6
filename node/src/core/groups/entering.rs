//! Operations enter a group: into its rows, its graph, and what it folds to.

use super::{
    kept::Kept,
    rows::{GROUPS, GROUPS_MAX, GroupRow, OPERATIONS, SECRETS},
};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    group::{Fold, Graph, Inserted, State, VerifiedOperation},
    ids::GroupId,
    limits::DAY_MS,
};
use magpie_storage::{engine::Order, table::Keys};
use std::{collections::BTreeSet, sync::Arc};

/// Groups that others brought and that this account is not in, yet.
const UNSHOWN_MAX: usize = 32;
/// How long such a group is kept, milliseconds.
const UNSHOWN_MS: u64 = 7 * DAY_MS;
/// Operations kept of a group whose first one has not come.
const EARLY_OPERATIONS: usize = 512;

impl Turn<'_> {
    /// Returns 20055 if as many groups are kept as may.
    pub(super) fn check_room_for_group(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let found = GROUPS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, GROUPS_MAX);
        if self.stored(found)?.len() < GROUPS_MAX {
            return Ok(());
        }
        let why = format!("{GROUPS_MAX} groups are kept already");
        Err(ApiError::new(ErrorCode::StoreGroup, why))
    }

    /// Whether one more group may be brought by others: few may be here that never became a group, and
    /// those that did not for a week give way.
    pub(super) fn has_room_for_invitation(&mut self) -> ApiResult<bool> {
        let rows = self.rows()?;
        let found = GROUPS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, GROUPS_MAX);
        let found = self.stored(found)?;
        let all = found.len();
        let (old, young): (Vec<_>, Vec<_>) = found
            .into_iter()
            .filter(|(_, row)| !row.shown)
            .partition(|(_, row)| row.since_ms.saturating_add(UNSHOWN_MS) < self.now);
        for (group, _) in &old {
            self.forget_group(*group)?;
        }
        Ok(all - old.len() < GROUPS_MAX && young.len() < UNSHOWN_MAX)
    }

    /// Forgets a group that was never shown.
    fn forget_group(&mut self, group: GroupId) -> ApiResult<()> {
        let rows = self.rows()?;
        let all = Keys::all();
        let early =
            OPERATIONS.scan(&self.tx, &rows, &group, &all, Order::Ascending, EARLY_OPERATIONS);
        for (key, _) in self.stored(early)? {
            self.delete(&OPERATIONS, &group, &key)?;
        }
        for (key, _) in self.secrets(group)? {
            self.delete(&SECRETS, &group, &key)?;
        }
        self.open_mut()?.groups.kept.remove(&group);
        self.delete(&GROUPS, &(), &group)
    }

    /// Makes room for a group that is not known yet.
    pub(super) fn begin_group(&mut self, group: GroupId) -> ApiResult<()> {
        let row = GroupRow { since_ms: self.now, shown: false, updated_ms: self.now };
        self.write(&GROUPS, &(), &group, &row)
    }

    /// Takes verified operations of one group in; those that break a rule are passed over. The
    /// group's row is there.
    pub(super) fn enter_operations(
        &mut self,
        group: GroupId,
        operations: Vec<VerifiedOperation>,
    ) -> ApiResult<()> {
        let operations: Vec<_> = operations.into_iter().filter(|it| it.group() == group).collect();
        if !self.open()?.groups.kept.contains_key(&group) {
            return self.enter_early(group, operations);
        }
        let mut kept = Vec::new();
        let mut added = false;
        if let Some(group) = self.open_mut()?.groups.kept.get_mut(&group) {
            for operation in operations {
                match group.graph.insert(operation.clone()) {
                    Ok(Inserted::Added(_)) => {
                        added = true;
                        kept.push(operation);
                    }
                    Ok(Inserted::Waiting(_)) => kept.push(operation),
                    Ok(Inserted::Known) | Err(_) => {}
                }
            }
        }
        for operation in &kept {
            self.keep_operation(group, operation)?;
        }
        if added { self.fold_anew(group) } else { self.plan_pull(group) }
    }

    /// Keeps operations of a group whose first one may not have come, and begins the group if it
    /// has.
    fn enter_early(&mut self, group: GroupId, operations: Vec<VerifiedOperation>) -> ApiResult<()> {
        let rows = self.rows()?;
        let all = Keys::all();
        let early =
            OPERATIONS.scan(&self.tx, &rows, &group, &all, Order::Ascending, EARLY_OPERATIONS);
        let early = self.stored(early)?;
        let room = EARLY_OPERATIONS.saturating_sub(early.len());
        let begins = |operation: &VerifiedOperation| operation.operation().depth == 0;
        let has_first = operations.iter().any(begins)
            || early.first().is_some_and(|((depth, _), _)| *depth == 0);
        for operation in operations.iter().take(room) {
            self.keep_operation(group, operation)?;
        }
        if !has_first {
            return Ok(());
        }
        self.load_group(group)?;
        if self.open()?.groups.kept.contains_key(&group) {
            return self.group_changed(group, None);
        }
        Ok(())
    }

    fn fold_anew(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(Kept { graph, fold }) = self.open_mut()?.groups.kept.get_mut(&group) else {
            return Ok(());
        };
        let old = Arc::clone(fold);
        // The first operation made a group before, so it does now.
        let Ok(new) = Fold::of(graph, &BTreeSet::new()) else { return Ok(()) };
        *fold = Arc::new(new);
        self.group_changed(group, Some(old.state()))
    }

    /// Plans to ask members for operations that are known by id alone.
    pub(super) fn plan_pull(&mut self, group: GroupId) -> ApiResult<()> {
        let lacks = |graph: &Graph| graph.missing().next().is_some();
        if self.open()?.groups.kept.get(&group).is_some_and(|kept| lacks(&kept.graph)) {
            self.core.agenda.nudge(Task::Pull(group), self.now);
        }
        Ok(())
    }

    /// Does what follows from a group's new state.
    fn group_changed(&mut self, group: GroupId, old: Option<&State>) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        self.tell_change(group, old, fold.state())?;
        self.adopt_secrets(group)?;
        self.tune(group)?;
        self.judge_again(group)?;
        self.core.agenda.plan(Task::Duties(group), self.now);
        self.core.agenda.plan(Task::SealParcels(group), self.now);
        self.take_strays(group)?;
        self.plan_pull(group)
    }
}
