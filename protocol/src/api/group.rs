//! Groups: making, showing, leaving and dissolving them. Changes that members have to agree on are
//! in [`sync`](super::sync).

use super::{
    field::{AvatarId, AvatarUrl, Bit, Element, GroupRef, List, Millis, Text, choices},
    methods::methods,
    money::{FundFortune, FundOrdinary, PacketData, ReceiveEnvelope},
    shape::{Empty, OneGroup, Status},
};
use crate::{address::Address, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// Groups: making, showing, leaving and dissolving them.
    pub trait Group = "group" {
        /// Makes a group of oneself and the people chosen. 20035 if nobody was chosen, 20034 if too many were, 20040 for a name that is not allowed.
        "createGroup" create_group(CreateGroup) -> CreatedGroup, chat;
        /// Shows a group. 20043 if there is none with this id.
        "getGroupByGid2" get_group_by_gid2(OneGroup) -> GroupRow, read;
        /// Shows a group's settings.
        "getGroupConfigByGId" get_group_config_by_gid(GetGroupConfig) -> GroupConfigRow, read;
        /// Lists the groups, newest first.
        "getAllGroups" get_all_groups(Empty) -> Vec<GroupRow>, read;
        /// Leaves a group. 20039 for its owner, who has to transfer or dissolve it.
        "quiteGroup" quit_group(OneGroup) -> Status, chat;
        /// Dissolves a group. 20064 for everybody but its owner.
        "dissolveGroup" dissolve_group(OneGroup) -> Status, chat;
        /// Lists a group's members.
        "getGroupItemByGid" get_group_item_by_gid(GetMembers) -> Vec<MemberRow>, read;
        /// Shows oneself as a member of a group.
        "getCurUserItem" get_cur_user_item(OneGroup) -> MemberRow, read;
        /// Makes a red packet whose shares are drawn. 20010 to 20012 for a wrong wallet password, 21001 if the balance is too small, 21007 outside the network's limits, 600 if the gas is less than the fee, 21009 with the uid if the ledger has not decided in time.
        "groupFortuneInsertRedEnvelope" group_fortune_insert_red_envelope(FundFortune) -> PacketData, wallet later;
        /// Makes a red packet in equal shares. Refused as one whose shares are drawn is.
        "groupOrdinaryInsertRedEnvelope" group_ordinary_insert_red_envelope(FundOrdinary) -> PacketData, wallet later;
        /// Takes a share of a red packet. 21002 if it is empty, 21003 if one has a share, 21004 if its time is over, 21005 if it is not for oneself or the word is wrong, 21006 if there is none, 21009 with the uid if the ledger has not decided in time.
        "groupReceiveEnvelope" group_receive_envelope(ReceiveEnvelope) -> PacketData, wallet later;
    }
}

/// A person chosen from the contacts. Only the address counts: the rest is the caller's view of
/// what the node knows better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Chosen {
    /// The contact's id; its address.
    pub c_id: Option<Text<64>>,
    /// The built-in avatar.
    pub c_pfp_id: Option<AvatarId>,
    /// Where the avatar's picture is.
    pub c_pfp_url: Option<AvatarUrl>,
    /// The nickname.
    pub c_nic: Option<Text<256>>,
    /// The person's address.
    #[serde(rename = "cNdAdd")]
    pub address: Address,
    /// The remark on the person.
    pub c_ps: Option<Text<256>>,
    /// The key that messages to the person are sealed to.
    pub c_pub_curve: Option<Text<128>>,
}

impl Chosen {
    /// Returns the choice of a person by address alone.
    pub const fn of(address: Address) -> Self {
        Self {
            c_id: None,
            c_pfp_id: None,
            c_pfp_url: None,
            c_nic: None,
            address,
            c_ps: None,
            c_pub_curve: None,
        }
    }
}

impl Element for Chosen {
    const NAME: &'static str = "person";
    type Key = Address;

    fn key(&self) -> Address {
        self.address
    }
}

/// People chosen from the contacts; an empty choice is the method's to refuse, with 20035.
pub type Choice = List<Chosen, 0, { limits::PAGE_ROWS as usize }>;

/// The new group's name and first members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateGroup {
    /// The name; made of the members' nicknames if there is none.
    pub group_name: Option<Text<1_024>>,
    /// The other members.
    pub item_list: Choice,
}

/// The group that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedGroup {
    /// The group's id.
    #[serde(rename = "g_id")]
    pub id: String,
}

/// Whose settings to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GetGroupConfig {
    /// The group's id.
    pub gid: GroupRef,
}

/// Whose members to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetMembers {
    /// The group's id.
    pub g_id: GroupRef,
    /// Whether to say which remarks one has on them; yes if left out.
    pub is_get_ps: Option<bool>,
}

choices! {
    /// How this account stands to a group.
    pub enum GroupState {
        /// A member.
        Normal = 1,
        /// It has left, or was removed.
        Left = 2,
        /// The group was dissolved.
        Dissolved = 3,
        /// The group is being made.
        Creating = 4,
    }

    /// How a person stands to a group.
    pub enum MemberState {
        /// Never a member.
        Unknown = -1,
        /// No longer, or not yet, a member.
        Removed = 0,
        /// A member.
        Member = 1,
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupRow {
    /// The row's id; the group's id.
    pub id: String,
    /// The group's id.
    #[serde(rename = "g_id")]
    pub group: String,
    /// The name.
    #[serde(rename = "g_name")]
    pub name: String,
    /// The announcement.
    #[serde(rename = "g_info")]
    pub info: String,
    /// The built-in avatar; -1 for none.
    #[serde(rename = "g_pfp_id")]
    pub avatar_id: i64,
    /// Where the avatar's picture is.
    #[serde(rename = "g_pfp_url")]
    pub avatar_url: String,
    /// How many messages the group has had.
    #[serde(rename = "g_msg_version")]
    pub message_version: u64,
    /// When the group was made.
    pub created_time: Millis,
    /// When the group was last changed.
    pub updated_time: Millis,
    /// How this account stands to the group.
    pub state: GroupState,
    /// The vault the group is in.
    #[serde(rename = "b_id")]
    pub vault: String,
    /// For how long the group is hidden; 0 if not.
    #[serde(rename = "b_hide_state")]
    pub hidden: i64,
    /// The group's domain name, or nothing.
    #[serde(rename = "c_domain")]
    pub domain: String,
}

/// A group's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupConfigRow {
    /// The row's id; the group's id.
    pub id: String,
    /// The group's id.
    #[serde(rename = "g_id")]
    pub group: String,
    /// Whether only owner and administrators may change name and avatar.
    #[serde(rename = "g_is_rename")]
    pub rename_restricted: Bit,
    /// Whether members are protected: no private chat between those who are not friends.
    #[serde(rename = "g_is_astrict")]
    pub members_protected: Bit,
    /// Whether only owner and administrators may write.
    #[serde(rename = "g_is_all_chat")]
    pub muted_for_all: Bit,
    /// Whether one may join by QR code.
    #[serde(rename = "g_is_qr_allow")]
    pub join_by_qr: Bit,
    /// Whether joining needs approval.
    #[serde(rename = "g_is_applied")]
    pub join_needs_approval: Bit,
    /// Members at most.
    #[serde(rename = "g_num")]
    pub max_members: u32,
    /// Administrators at most.
    #[serde(rename = "g_admin_num")]
    pub max_admins: u32,
    /// Whether members may not chat with each other. The name is the document's.
    #[serde(rename = "g_mbr_chat_")]
    pub private_chat_banned: Bit,
    /// Whether members may not call each other.
    #[serde(rename = "g_mbr_ac")]
    pub audio_calls_banned: Bit,
    /// Whether members may not see each other in calls.
    #[serde(rename = "g_mbr_vc")]
    pub video_calls_banned: Bit,
    /// Whether this account muted the group.
    #[serde(rename = "g_is_disturb")]
    pub muted: Bit,
    /// Whether the conversation stands on top.
    #[serde(rename = "g_is_top")]
    pub top: Bit,
    /// How often the group was changed.
    #[serde(rename = "g_version")]
    pub version: u64,
    /// When the group was made.
    pub created_time: Millis,
    /// When the settings were last changed.
    pub updated_time: Millis,
}

/// A group's member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberRow {
    /// The row's id: the group's id and the member's address, one behind the other.
    pub id: String,
    /// The group's id.
    #[serde(rename = "g_id")]
    pub group: String,
    /// Whether the member is an administrator.
    #[serde(rename = "g_is_admin")]
    pub admin: Bit,
    /// Whether the member is the owner.
    #[serde(rename = "g_is_owner")]
    pub owner: Bit,
    /// Where the avatar's picture is.
    #[serde(rename = "u_pfp_url")]
    pub avatar_url: String,
    /// The member's name in the group.
    #[serde(rename = "g_nick")]
    pub nickname: String,
    /// When the member joined.
    pub created_time: Millis,
    /// When the member was last changed.
    pub updated_time: Millis,
    /// The remark on the member.
    #[serde(rename = "g_ps")]
    pub remark: String,
    /// Whether the person is a member.
    pub state: MemberState,
    /// The key that messages to the member are sealed to: 64 hex digits.
    #[serde(rename = "pubkey")]
    pub curve_key: String,
    /// The member's address.
    #[serde(rename = "u_nd_add")]
    pub address: Address,
    /// The built-in avatar.
    #[serde(rename = "u_pfp_id")]
    pub avatar_id: i64,
    /// The member's domain name, or nothing.
    #[serde(rename = "c_domain")]
    pub domain: String,
    /// `"1"` if the member chose a name for this group, `"0"` if not. The name is the document's.
    #[serde(rename = "g_is_edit_nice")]
    pub nickname_edited: String,
}
