//! Listeners hear what changed in a group.

use super::{
    pulling::COMPARE_AFTER_MS,
    rows::{GROUPS, GroupRow},
};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        event::{Event, MembersChange},
    },
    group::State,
    ids::GroupId,
};
use std::collections::BTreeSet;

impl Turn<'_> {
    /// Tells listeners of what a change of a group's state means to them, and shows the group from
    /// the first state on in which this account is a member.
    pub(super) fn tell_change(
        &mut self,
        group: GroupId,
        old: Option<&State>,
        new: &State,
    ) -> ApiResult<()> {
        let Some(mut row) = self.read(&GROUPS, &(), &group)? else { return Ok(()) };
        let me = self.open()?.account.address;
        let is_member = new.members.contains_key(&me);
        if !row.shown && !is_member {
            return Ok(());
        }
        let first = !row.shown;
        row = GroupRow { shown: true, updated_ms: self.now, ..row };
        self.write(&GROUPS, &(), &group, &row)?;
        let shown = self.group_row(group)?;
        if first {
            self.open_group_room(group)?;
            self.core.agenda.plan(Task::Compare(group), self.now + COMPARE_AFTER_MS);
            return self.emit(Event::GroupCreated(shown));
        }
        let Some(old) = old else { return Ok(()) };
        let change = members_change(group, old, new);
        let stays = |state: &State| {
            let State { name, avatar, announcement, config, keywords, .. } = state.clone();
            (name, avatar, announcement, config, keywords, state.dissolved)
        };
        if stays(old) != stays(new) || old.members.contains_key(&me) != is_member {
            self.emit(Event::GroupChanged(shown))?;
        }
        if !(change.added.is_empty() && change.removed.is_empty() && change.changed.is_empty()) {
            self.emit(Event::GroupMembersChanged(change))?;
        }
        Ok(())
    }
}

fn members_change(group: GroupId, old: &State, new: &State) -> MembersChange {
    let accounts = |state: &State| state.members.keys().copied().collect::<BTreeSet<Address>>();
    let (before, now) = (accounts(old), accounts(new));
    let shown = |state: &State, who: &Address| {
        state.members.get(who).map(|member| (member.role, member.nickname.clone()))
    };
    let changed = now.intersection(&before).filter(|who| shown(old, who) != shown(new, who));
    MembersChange {
        group: group.to_string(),
        added: now.difference(&before).copied().collect(),
        removed: before.difference(&now).copied().collect(),
        changed: changed.copied().collect(),
    }
}
