//! Groups as the local API and the chat show them.

use super::rows::{GROUPS, GROUPS_MAX, GroupRow as Row};
use crate::core::{chat::rows::Room, people::DEFAULT_VAULT, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult, ErrorCode,
        field::Bit,
        group::{GroupConfigRow, GroupRow, GroupState, MemberRow, MemberState},
    },
    group::{Member, Role, State},
    ids::GroupId,
};
use magpie_storage::{engine::Order, table::Keys};
use std::sync::Arc;

/// A group, as its conversation shows it to this account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Its name.
    pub(crate) name: String,
    /// Its built-in avatar; -1 for none.
    pub(crate) avatar_id: i64,
    /// Where its avatar's picture is.
    pub(crate) avatar_url: String,
    /// Whether this account is a member.
    pub(crate) is_member: bool,
    /// Whether this account is an administrator.
    pub(crate) is_admin: bool,
    /// Whether this account owns it.
    pub(crate) is_owner: bool,
    /// Whether it protects its members.
    pub(crate) members_protected: bool,
}

/// Who wrote in a group, as the group knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GroupAuthor {
    /// The name chosen in the group, or nothing.
    pub(crate) nickname: String,
    /// Whether they are an administrator.
    pub(crate) is_admin: bool,
    /// Whether they own it.
    pub(crate) is_owner: bool,
}

impl Turn<'_> {
    /// Returns a group that this account was in, with its row, or 20043.
    pub(super) fn shown_group(
        &mut self,
        group: GroupId,
    ) -> ApiResult<(Row, Arc<magpie_protocol::group::Fold>)> {
        let row = self.read(&GROUPS, &(), &group)?.filter(|row| row.shown);
        let row = row.ok_or(ErrorCode::GroupUnknown)?;
        Ok((row, self.fold_of(group)?.ok_or(ErrorCode::GroupUnknown)?))
    }

    /// Returns the state of a group that this account was in, or 20043.
    pub(crate) fn group_state(&mut self, group: GroupId) -> ApiResult<State> {
        Ok(self.shown_group(group)?.1.state().clone())
    }

    /// Lists the groups that this account is or was in, newest first.
    pub(crate) fn list_groups(&mut self) -> ApiResult<Vec<GroupRow>> {
        let rows = self.rows()?;
        let found = GROUPS.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, GROUPS_MAX);
        let mut shown: Vec<(u64, GroupId)> = self
            .stored(found)?
            .into_iter()
            .filter(|(_, row)| row.shown)
            .map(|(group, row)| (row.since_ms, group))
            .collect();
        shown.sort_unstable_by(|a, b| b.cmp(a));
        let kept = &self.open()?.groups.kept;
        shown.retain(|(_, group)| kept.contains_key(group));
        shown.into_iter().map(|(_, group)| self.group_row(group)).collect()
    }

    /// Shows a group. Errors: 20043.
    pub(crate) fn group_row(&mut self, group: GroupId) -> ApiResult<GroupRow> {
        let (row, fold) = self.shown_group(group)?;
        let state = fold.state();
        let is_member = self.is_member(state)?;
        Ok(GroupRow {
            id: group.to_string(),
            group: group.to_string(),
            name: state.name.to_string(),
            info: state.announcement.to_string(),
            avatar_id: state.avatar.id.into(),
            avatar_url: state.avatar.url.to_string(),
            message_version: self.conversation(Room::Group(group))?.map_or(0, |it| it.count),
            created_time: state.made_ms,
            updated_time: row.updated_ms,
            state: match state.dissolved {
                Some(_) => GroupState::Dissolved,
                None if is_member => GroupState::Normal,
                None => GroupState::Left,
            },
            vault: DEFAULT_VAULT.to_owned(),
            hidden: 0,
            domain: String::new(),
        })
    }

    /// Shows a group's settings. Errors: 20043.
    pub(crate) fn group_config_row(&mut self, group: GroupId) -> ApiResult<GroupConfigRow> {
        let (row, fold) = self.shown_group(group)?;
        let state = fold.state();
        let config = state.config;
        Ok(GroupConfigRow {
            id: group.to_string(),
            group: group.to_string(),
            rename_restricted: Bit(config.rename_restricted),
            members_protected: Bit(config.members_protected),
            muted_for_all: Bit(config.muted_for_all),
            join_by_qr: Bit(config.join_by_qr),
            join_needs_approval: Bit(config.join_needs_approval),
            max_members: config.max_members,
            max_admins: config.max_admins,
            private_chat_banned: Bit(config.private_chat_banned),
            audio_calls_banned: Bit(config.audio_calls_banned),
            video_calls_banned: Bit(config.video_calls_banned),
            muted: Bit(false),
            top: Bit(false),
            version: state.version,
            created_time: state.made_ms,
            updated_time: row.updated_ms,
        })
    }

    /// Lists a group's members: the owner first, then administrators, then by the time they joined.
    /// Errors: 20043.
    pub(crate) fn member_rows(
        &mut self,
        group: GroupId,
        with_remarks: bool,
    ) -> ApiResult<Vec<MemberRow>> {
        let (_, fold) = self.shown_group(group)?;
        let mut members: Vec<_> = fold.state().members.iter().collect();
        members.sort_by_key(|(who, it)| (std::cmp::Reverse(it.role), it.joined_ms, **who));
        let mut rows = Vec::with_capacity(members.len());
        for (who, member) in members {
            rows.push(self.one_member(group, *who, member, with_remarks)?);
        }
        Ok(rows)
    }

    /// Shows this account as a member. Errors: 20043, 20047 for who is none.
    pub(crate) fn own_member_row(&mut self, group: GroupId) -> ApiResult<MemberRow> {
        let (_, fold) = self.shown_group(group)?;
        let me = self.open()?.account.address;
        let member = fold.state().members.get(&me).ok_or(ErrorCode::GroupGone)?;
        self.one_member(group, me, member, false)
    }

    fn one_member(
        &mut self,
        group: GroupId,
        who: Address,
        member: &Member,
        with_remarks: bool,
    ) -> ApiResult<MemberRow> {
        let (shown, avatar_id, avatar_url, remark) = match self.open()?.account.address == who {
            true => {
                let profile = &self.open()?.profile;
                let (id, url) = (profile.pfp_id, profile.pfp_url.clone());
                (profile.nickname.clone(), id, url, String::new())
            }
            false => {
                let person = self.person(who)?;
                let (id, url) = (person.avatar_id(), person.avatar_url());
                (person.nickname(who), id, url, person.remark)
            }
        };
        Ok(MemberRow {
            id: format!("{group}{who}"),
            group: group.to_string(),
            admin: Bit(member.role == Role::Admin),
            owner: Bit(member.role == Role::Owner),
            avatar_url,
            nickname: member.nickname.as_ref().map_or(shown, ToString::to_string),
            created_time: member.joined_ms,
            updated_time: member.joined_ms,
            remark: if with_remarks { remark } else { String::new() },
            state: MemberState::Member,
            curve_key: member.keys.curve.to_string(),
            address: who,
            avatar_id,
            domain: String::new(),
            nickname_edited: u8::from(member.nickname.is_some()).to_string(),
        })
    }

    /// Returns how a group looks, if it is known.
    pub(crate) fn group_glance(&mut self, group: GroupId) -> ApiResult<Option<Glance>> {
        let Some(fold) = self.fold_of(group)? else { return Ok(None) };
        let state = fold.state();
        let role = state.role(self.open()?.account.address);
        Ok(Some(Glance {
            name: state.name.to_string(),
            avatar_id: state.avatar.id.into(),
            avatar_url: state.avatar.url.to_string(),
            is_member: self.is_member(state)?,
            is_admin: role == Some(Role::Admin),
            is_owner: role == Some(Role::Owner),
            members_protected: state.config.members_protected,
        }))
    }

    /// Returns how a group knows somebody.
    pub(crate) fn group_author(&mut self, group: GroupId, who: Address) -> ApiResult<GroupAuthor> {
        let Some(fold) = self.fold_of(group)? else { return Ok(GroupAuthor::default()) };
        let Some(member) = fold.state().members.get(&who) else {
            return Ok(GroupAuthor::default());
        };
        Ok(GroupAuthor {
            nickname: member.nickname.as_ref().map_or_else(String::new, ToString::to_string),
            is_admin: member.role == Role::Admin,
            is_owner: member.role == Role::Owner,
        })
    }
}
