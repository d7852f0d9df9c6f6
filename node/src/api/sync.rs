//! Changes of groups: each is one signed operation, or none.

use super::group::{addresses, group, group_name};
use crate::core::Turn;
use magpie_protocol::{
    address::Address,
    api::{
        ApiError, ApiResult, ErrorCode,
        group::GroupRow,
        shape::Empty,
        sync::{
            AddMembers, AdminEdit, GroupEdit, GroupSync, RemoveMembers, TransferGroup,
            UpdateAdmins, UpdateGroup,
        },
    },
    bounded::{List, Text},
    group::{Action, Remove, Rename, Role, SetAnnouncement, SetAvatar, SetRole, State, Transfer},
    record::Avatar,
};

impl GroupSync for Turn<'_> {
    fn update_group_info(&mut self, request: UpdateGroup) -> ApiResult<GroupRow> {
        let group = group(&request.g_id)?;
        self.group_state(group)?;
        let content = request.edit_content.into_string();
        let action: Action = match request.kind {
            GroupEdit::Name => {
                let name = group_name(content)
                    .map_err(|error| ApiError::new(ErrorCode::GroupRename, error.message))?;
                Rename { name }.into()
            }
            GroupEdit::Avatar => SetAvatar { avatar: avatar(content)? }.into(),
            GroupEdit::Announcement => {
                let text = Text::new(content)
                    .map_err(|e| ApiError::new(ErrorCode::Announcement, e.to_string()))?;
                SetAnnouncement { text }.into()
            }
        };
        self.act(group, action)?;
        self.group_row(group)
    }

    fn add_group_member_with(&mut self, request: AddMembers) -> ApiResult<Empty> {
        let group = group(&request.g_id)?;
        let state = self.group_state(group)?;
        let chosen = addresses(&request.m_contacts);
        if chosen.is_empty() {
            return Err(ErrorCode::NoMembers.into());
        }
        let already = chosen.iter().find(|who| state.members.contains_key(who));
        if let Some(who) = already {
            let why = format!("{who} is a member already");
            return Err(ApiError::new(ErrorCode::AlreadyMember, why));
        }
        let members = self.new_members(&chosen)?;
        self.add_members(group, members)?;
        Ok(Empty {})
    }

    fn remove_group_member_with(&mut self, request: RemoveMembers) -> ApiResult<Empty> {
        let group = group(&request.g_id)?;
        let state = self.group_state(group)?;
        let chosen: Vec<Address> =
            request.m_select_group_items.iter().map(|it| it.address).collect();
        check_members(&state, &chosen)?;
        let members = List::new(chosen).map_err(|e| {
            ApiError::new(ErrorCode::BadParameter, format!("mSelectGroupItems: {e}"))
        })?;
        self.act_opening(group, |epoch| Remove { members, epoch }.into())?;
        Ok(Empty {})
    }

    fn update_group_with_admins(&mut self, request: UpdateAdmins) -> ApiResult<Empty> {
        let group = group(&request.g_id)?;
        let state = self.group_state(group)?;
        let chosen: Vec<Address> =
            request.m_select_group_items.iter().map(|it| it.address).collect();
        check_members(&state, &chosen)?;
        if state.owner != self.open()?.account.address {
            return Err(ErrorCode::NotOwner.into());
        }
        let admin = request.kind == AdminEdit::Add;
        let is_so = |who: &Address| state.role(*who) == Some(Role::Admin);
        let actions = chosen
            .into_iter()
            .filter(|who| is_so(who) != admin)
            .map(|account| SetRole { account, admin }.into());
        self.act_all(group, actions.collect()).map_err(|error| match error.code {
            ErrorCode::GroupFull => ErrorCode::TooManyAdmins.into(),
            _ => error,
        })?;
        Ok(Empty {})
    }

    fn transfer_group_with_gid(&mut self, request: TransferGroup) -> ApiResult<Empty> {
        let group = group(&request.g_id)?;
        let state = self.group_state(group)?;
        let to = request.owner.address;
        check_members(&state, &[to])?;
        if to == self.open()?.account.address {
            let why = "owner: must be another member";
            return Err(ApiError::new(ErrorCode::BadParameter, why));
        }
        self.act(group, Transfer { to }.into())?;
        Ok(Empty {})
    }
}

/// Checks that somebody was chosen, and members alone. Errors: 20035, 20048.
fn check_members(state: &State, chosen: &[Address]) -> ApiResult<()> {
    if chosen.is_empty() {
        return Err(ErrorCode::NoMembers.into());
    }
    match chosen.iter().find(|who| !state.members.contains_key(who)) {
        Some(who) => Err(ApiError::new(ErrorCode::NotMember, format!("{who} is no member"))),
        None => Ok(()),
    }
}

/// Returns the avatar that a text names: the number of a built-in one, or where a picture is.
fn avatar(content: String) -> ApiResult<Avatar> {
    if let Ok(id) = content.trim().parse::<i32>() {
        return Ok(Avatar { id, ..Avatar::default() });
    }
    let url = Text::new(content)
        .map_err(|e| ApiError::new(ErrorCode::BadParameter, format!("editContent: {e}")))?;
    Ok(Avatar { id: -1, url, hash: None })
}
