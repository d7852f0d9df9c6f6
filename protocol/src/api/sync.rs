//! Changes of groups that all members see.

use super::{
    field::{AvatarId, AvatarUrl, Bit, Element, GroupRef, Int, List, Text, choices},
    group::{Choice, GroupRow, MemberState},
    methods::methods,
    shape::Empty,
};
use crate::{address::Address, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// Changes of groups that all members see. (`Sync` is taken by the language.)
    pub trait GroupSync = "sync" {
        /// Changes a group's name, avatar or announcement. 20036, 20038 or 20042 if that is not allowed.
        "updateGroupInfo" update_group_info(UpdateGroup) -> GroupRow, chat;
        /// Invites people into a group. 20035 if nobody was chosen, 20045 if it is full, 20049 for who is a member.
        "addGroupMemberWith" add_group_member_with(AddMembers) -> Empty, chat;
        /// Removes members from a group. 20042 for who is neither owner nor administrator.
        "removeGroupMemberWith" remove_group_member_with(RemoveMembers) -> Empty, chat;
        /// Makes members administrators, or ends that. 20064 for everybody but the owner, 20044 for too many.
        "updateGroupWithAdmins" update_group_with_admins(UpdateAdmins) -> Empty, chat;
        /// Makes another member the owner. 20064 for everybody but the owner.
        "transferGroupWithGid" transfer_group_with_gid(TransferGroup) -> Empty, chat;
    }
}

choices! {
    /// What of a group to change.
    pub enum GroupEdit {
        /// The name.
        Name = 5,
        /// The avatar: the number of a built-in one, or where the picture is.
        Avatar = 6,
        /// The announcement.
        Announcement = 9,
    }

    /// What to do with administrators.
    pub enum AdminEdit {
        /// Make them administrators.
        Add = 2,
        /// Make them plain members.
        Remove = 3,
    }
}

/// What of a group to change, and into what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateGroup {
    /// The group's id.
    pub g_id: GroupRef,
    /// The new name, avatar or announcement.
    pub edit_content: Text<{ limits::MESSAGE_TEXT_CHARS }>,
    /// Which of them it is.
    #[serde(rename = "type")]
    pub kind: GroupEdit,
}

/// Whom to invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddMembers {
    /// The group's id.
    pub g_id: GroupRef,
    /// The people chosen.
    pub m_contacts: Choice,
}

/// A member as a caller sends it back. Only the address counts: the rest is the caller's view of
/// what the node knows better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChosenMember {
    /// The row's id.
    pub id: Option<Text<256>>,
    /// The group's id.
    pub g_id: Option<GroupRef>,
    /// Whether the member is an administrator.
    pub g_is_admin: Option<Bit>,
    /// Whether the member is the owner.
    pub g_is_owner: Option<Bit>,
    /// The built-in avatar.
    pub u_pfp_id: Option<AvatarId>,
    /// Where the avatar's picture is.
    pub u_pfp_url: Option<AvatarUrl>,
    /// The member's name in the group.
    pub g_nick: Option<Text<256>>,
    /// Whether the person is a member.
    pub state: Option<MemberState>,
    /// When the member joined.
    pub created_time: Option<Int<0, { i64::MAX }>>,
    /// When the member was last changed.
    pub updated_time: Option<Int<0, { i64::MAX }>>,
    /// The member's domain name.
    pub c_domain: Option<Text<253>>,
    /// Whether the member chose a name for this group.
    pub g_is_edit_nice: Option<Text<8>>,
    /// The member's address.
    #[serde(rename = "u_nd_add")]
    pub address: Address,
    /// The remark on the member.
    pub g_ps: Option<Text<256>>,
    /// The key that messages to the member are sealed to.
    pub pubkey: Option<Text<128>>,
}

impl ChosenMember {
    /// Returns the choice of a member by address alone.
    pub const fn of(address: Address) -> Self {
        Self {
            id: None,
            g_id: None,
            g_is_admin: None,
            g_is_owner: None,
            u_pfp_id: None,
            u_pfp_url: None,
            g_nick: None,
            state: None,
            created_time: None,
            updated_time: None,
            c_domain: None,
            g_is_edit_nice: None,
            address,
            g_ps: None,
            pubkey: None,
        }
    }
}

impl Element for ChosenMember {
    const NAME: &'static str = "member";
    type Key = Address;

    fn key(&self) -> Address {
        self.address
    }
}

/// Members chosen; an empty choice is the method's to refuse, with 20035.
pub type ChosenMembers = List<ChosenMember, 0, { limits::PAGE_ROWS as usize }>;

/// Whom to remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoveMembers {
    /// The group's id.
    pub g_id: GroupRef,
    /// The members chosen.
    pub m_select_group_items: ChosenMembers,
}

/// Whom to make, or no longer have as, an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateAdmins {
    /// The group's id.
    pub g_id: GroupRef,
    /// What to do.
    #[serde(rename = "type")]
    pub kind: AdminEdit,
    /// The members chosen.
    pub m_select_group_items: ChosenMembers,
}

/// Whom to make the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferGroup {
    /// The group's id.
    pub g_id: GroupRef,
    /// The member chosen.
    pub owner: ChosenMember,
}
