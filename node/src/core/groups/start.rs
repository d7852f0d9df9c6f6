//! What puts groups to work: a login.

use super::pulling::COMPARE_AFTER_MS;
use super::rows::{FRAMES, GROUP_ON_WAY, PARCELS, SHARES};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{api::ApiResult, ids::GroupId};
use magpie_storage::{engine::Order, table::Keys};
use std::collections::BTreeSet;

/// Rows looked through at a login, at most.
const ROWS_AT_LOGIN: usize = 2 * GROUP_ON_WAY;

impl Turn<'_> {
    /// Puts back on the agenda what the rows of groups describe.
    pub(crate) fn start_groups(&mut self) -> ApiResult<()> {
        self.load_groups()?;
        let rows = self.rows()?;
        let mut on_way = 0;
        let found =
            PARCELS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, ROWS_AT_LOGIN);
        let mut last = 0;
        for ((_, number), _) in self.stored(found)? {
            on_way += 1;
            last = last.max(number);
        }
        let found =
            SHARES.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, ROWS_AT_LOGIN);
        let mut sharing = BTreeSet::new();
        for ((group, number), _) in self.stored(found)? {
            on_way += 1;
            last = last.max(number);
            sharing.insert(group);
        }
        let found =
            FRAMES.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, ROWS_AT_LOGIN);
        for (number, _) in self.stored(found)? {
            on_way += 1;
            last = last.max(number);
        }
        let open = self.open_mut()?;
        open.letters.next = open.letters.next.max(last + 1);
        open.groups.on_way = on_way;
        open.groups.sharing = sharing.clone();
        let groups: Vec<GroupId> = open.groups.kept.keys().copied().collect();
        for group in groups {
            self.tune(group)?;
            for task in [Task::Duties(group), Task::SealParcels(group), Task::Want(group)] {
                self.core.agenda.plan(task, self.now);
            }
            self.core.agenda.plan(Task::Compare(group), self.now + COMPARE_AFTER_MS);
            self.plan_pull(group)?;
        }
        for group in sharing {
            self.core.agenda.plan(Task::Share(group), self.now);
        }
        for to in self.core.supers() {
            self.core.agenda.plan(Task::PutFrames(to), self.now);
        }
        Ok(())
    }
}
