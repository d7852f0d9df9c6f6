//! The people an account knows, those who asked to be known, and those it blocked.

use super::{
    field::{Bit, Millis, Page, PageSize, Remark, Text, VaultRef, choices},
    methods::methods,
    shape::{Empty, Number, OnePerson, Status},
};
use crate::{address::Address, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// The people an account knows, those who asked to be known, and those it blocked.
    pub trait Contact = "contact" {
        /// Lists the friends.
        "getContacts" get_contacts(GetContacts) -> Vec<ContactRow>, read;
        /// Asks someone to become a friend; the answer arrives as an event. 20063 if they are one already, 20074 and 20075 if either side blocked the other.
        "addFriend" add_friend(AddFriend) -> Empty, chat;
        /// Accepts someone's request to become a friend.
        "agreeApplySync" agree_apply_sync(AgreeApply) -> Empty, chat;
        /// Shows a friend. 20058 if there is none with this address.
        "getContactByNoId" get_contact_by_no_id(OnePerson) -> ContactRow, read;
        /// Changes the remark on a friend.
        "updateRemake" update_remake(UpdateRemark) -> Empty, chat;
        /// Ends the friendship; the other side is told.
        "deleteFriend" delete_friend(OnePerson) -> Empty, chat;
        /// Shows what the network knows about a person, known or not.
        "getUserInfo" get_user_info(OnePerson) -> UserInfo, read later;
        /// Says whether someone is a friend.
        "isFriend" is_friend(OnePerson) -> Status, read;
        /// Counts the requests that were not looked at yet.
        "getApplyBridge" get_apply_bridge(Empty) -> Number, read;
        /// Removes someone from the blacklist.
        "deleteBlack" delete_black(OnePerson) -> Empty, chat;
        /// Puts someone on the blacklist: nothing of theirs is taken in any more.
        "onBlack" on_black(OnePerson) -> Empty, chat;
        /// Lists who is on the blacklist.
        "getBlacklist" get_blacklist(GetBlocked) -> Vec<BlockedRow>, read;
        /// Says that all requests were looked at.
        "clearApplyBridge" clear_apply_bridge(Empty) -> Empty, chat;
        /// Deletes someone's request, which declines it.
        "deleteApply" delete_apply(OnePerson) -> Empty, chat;
        /// Lists the requests to become a friend, newest first.
        "getApplyList" get_apply_list(Empty) -> Vec<ApplyRow>, read;
    }
}

/// Whose friends to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetContacts {
    /// The vault; the open one if there is none.
    pub block_id: Option<VaultRef>,
}

/// Whom to ask, and what to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddFriend {
    /// The address of the person asked.
    pub node_id: Address,
    /// A greeting; may be empty.
    pub content: Text<{ limits::GREETING_CHARS }>,
    /// A remark on them for one's own eyes.
    pub remark: Option<Remark>,
}

/// Whose request to accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgreeApply {
    /// The address of the person who asked.
    pub node_id: Address,
    /// A remark on them for one's own eyes.
    pub remark: Option<Remark>,
}

/// The new remark on a friend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRemark {
    /// The friend's address.
    pub node_id: Address,
    /// The remark; empty removes it. The name is the document's spelling.
    #[serde(rename = "remake")]
    pub remark: Remark,
    /// Whether the account's other devices learn of it; yes if left out.
    pub is_update_p2p: Option<bool>,
}

choices! {
    /// How far a friendship has come.
    pub enum FriendState {
        /// The request was not accepted.
        NotAccepted = -1,
        /// The request was sent.
        Asked = 0,
        /// There is no such friend, or no longer.
        NoFriend = 1,
        /// Friends.
        Friend = 2,
    }
}

/// A friend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactRow {
    /// The contact's id; its address.
    #[serde(rename = "c_id")]
    pub id: Address,
    /// The friend's address.
    #[serde(rename = "c_nd_add")]
    pub address: Address,
    /// The friend's nickname.
    #[serde(rename = "c_nic")]
    pub nickname: String,
    /// The built-in avatar.
    #[serde(rename = "c_pfp_id")]
    pub avatar_id: i64,
    /// The key that messages to the friend are sealed to: 64 hex digits.
    #[serde(rename = "c_pub_curve")]
    pub curve_key: String,
    /// The friend's signing key: 64 hex digits.
    #[serde(rename = "c_pub_key")]
    pub public_key: String,
    /// How often the friend's profile was changed.
    #[serde(rename = "c_version")]
    pub version: u64,
    /// How far the friendship has come.
    #[serde(rename = "c_state")]
    pub state: FriendState,
    /// Whether this account blocked the friend.
    #[serde(rename = "c_black_state")]
    pub blocked: Bit,
    /// Whether the friend blocked this account, as far as it is known.
    #[serde(rename = "c_be_black_state")]
    pub blocked_by: Bit,
    /// Where the avatar's picture is.
    #[serde(rename = "c_pfp_url")]
    pub avatar_url: String,
    /// The remark on the friend.
    #[serde(rename = "c_ps")]
    pub remark: String,
    /// Always empty.
    #[serde(rename = "c_number_id")]
    pub number_id: String,
    /// When they became a contact.
    pub created_time: Millis,
    /// When the contact was last changed.
    pub updated_time: Millis,
    /// Whether the conversation stands on top.
    #[serde(rename = "c_is_top")]
    pub top: Bit,
    /// Whether the conversation is muted.
    #[serde(rename = "c_is_disturb")]
    pub muted: Bit,
    /// The vault the friend is in.
    #[serde(rename = "b_id")]
    pub vault: String,
    /// For how long the friend is hidden; 0 if not.
    #[serde(rename = "b_hide_state")]
    pub hidden: i64,
    /// Whether this is a group: it is not.
    #[serde(rename = "c_is_group")]
    pub is_group: Bit,
    /// The friend's domain name, or nothing.
    #[serde(rename = "c_domain")]
    pub domain: String,
    /// Whether messages burn after reading.
    #[serde(rename = "b_exp")]
    pub burn: Bit,
    /// For how long a message stays after it was read.
    #[serde(rename = "b_exp_time")]
    pub burn_after: Millis,
    /// Whether the conversation is marked as unread.
    pub mark_unread: Bit,
    /// Where the friend receives money, if it is known.
    pub wallet_address: Option<String>,
    /// The public key of that, if it is known.
    #[serde(rename = "wallet_puk")]
    pub wallet_key: Option<String>,
    /// Which of the friend's wallets that is, if it is known.
    pub wallet_index: Option<i64>,
}

/// What the network knows about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The nickname.
    #[serde(rename = "nic")]
    pub nickname: String,
    /// The built-in avatar.
    pub pfp_id: i64,
    /// Where the avatar's picture is.
    pub pfp_url: String,
    /// The signing key: 64 hex digits.
    pub pub_key: String,
    /// The key that messages are sealed to: 64 hex digits.
    pub pub_curve: String,
    /// How often the profile was changed.
    pub version: u64,
    /// How often the list of contacts was changed; 0 for others, who do not learn it.
    pub list_version: u64,
    /// Members of a group's video call at most.
    #[serde(rename = "maxGpVcMbr")]
    pub max_call_members: u32,
    /// Domain names, separated by commas.
    pub domain_list: String,
}

/// Which part of the blacklist to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetBlocked {
    /// The vault; the open one if there is none.
    pub block_id: Option<VaultRef>,
    /// Part of a nickname, remark or address; everybody if there is none.
    pub keyword: Option<Text<{ limits::REMARK_CHARS }>>,
    /// The page, from 1.
    pub page: Option<Page>,
    /// Rows in a page; 20 if there is none.
    pub size: Option<PageSize>,
}

/// Yes or no, as the blacklist writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum YesNo {
    /// It is so.
    Yes,
    /// It is not.
    No,
}

impl From<bool> for YesNo {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Someone on the blacklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockedRow {
    /// The built-in avatar.
    pub pfp_id: i64,
    /// Where the avatar's picture is.
    pub pfp_url: String,
    /// The remark on them, or their nickname.
    #[serde(rename = "nic")]
    pub nickname: String,
    /// Their address.
    #[serde(rename = "ndAdd")]
    pub address: Address,
    /// The key that messages to them are sealed to: 64 hex digits.
    pub pub_curve: String,
    /// Whether this account blocked them.
    pub black_state: YesNo,
    /// Whether they blocked this account, as far as it is known.
    pub be_black_state: YesNo,
    /// Their domain name, or nothing.
    pub domain: String,
}

choices! {
    /// What became of a request to become a friend.
    pub enum ApplyState {
        /// It was declined.
        Declined = -1,
        /// It waits for an answer.
        Waiting = 1,
        /// It was accepted.
        Accepted = 2,
    }

    /// How the person who asks found the account.
    pub enum ApplySource {
        /// By its address.
        Address = 0,
    }
}

/// A request to become a friend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplyRow {
    /// The row's id; the address of the person who asks.
    pub id: Address,
    /// Their built-in avatar.
    pub pfp_id: i64,
    /// Where their avatar's picture is.
    pub pfp_url: String,
    /// Their nickname.
    pub nickname: String,
    /// Their address.
    pub node_id: Address,
    /// The remark on them. The name is the document's spelling.
    #[serde(rename = "remake")]
    pub remark: String,
    /// The key that messages to them are sealed to: 64 hex digits.
    pub pub_curve: String,
    /// The request's own id.
    pub apply_id: String,
    /// What became of it.
    pub apply_state: ApplyState,
    /// How often they asked again.
    pub apply_count: u32,
    /// Their greeting.
    pub apply_remark: String,
    /// How they found the account.
    pub apply_src: ApplySource,
    /// Their domain name, or nothing.
    pub domain: String,
}
