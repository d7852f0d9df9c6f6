//! The account's own profile, and the state of this node.

use super::{
    field::{AvatarId, AvatarUrl, Bit, Millis, NonEmptyText, Text, choices},
    methods::methods,
    shape::{Empty, Word},
};
use crate::{address::Address, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// The account's own profile, and the state of this node.
    pub trait User = "user" {
        /// Shows the account's profile.
        "getUserSingleInfo" get_user_single_info(Empty) -> Profile, read;
        /// Changes the account's profile and tells contacts and groups; what is left out stays.
        "updateUserSingleInfo" update_user_single_info(UpdateProfile) -> Profile, chat;
        /// Says whether the node is connected to the network.
        "connectionState" connection_state(Empty) -> Connection, read open;
        /// Names this device.
        "getMachineId" get_machine_id(Empty) -> Word, read open;
        /// Shows how often each kind of data has changed, so that a program knows what to read again.
        "getVersion" get_version(Empty) -> Versions, read;
        /// Counts the peers that the node is connected to.
        "getSessionNum" get_session_num(Empty) -> Word, read open;
    }
}

/// The account's profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// The account's id; its address.
    #[serde(rename = "u_id")]
    pub id: String,
    /// The nickname.
    #[serde(rename = "u_nick")]
    pub nickname: String,
    /// The account's address.
    #[serde(rename = "u_nd_add")]
    pub address: Address,
    /// The built-in avatar.
    #[serde(rename = "u_pfp_id")]
    pub avatar_id: i64,
    /// Where the avatar's picture is.
    #[serde(rename = "u_pfp_url")]
    pub avatar_url: String,
    /// No longer used: always empty.
    #[serde(rename = "u_empty_pwd")]
    pub wipe_password: String,
    /// Always empty: addresses of the transport are not shown.
    #[serde(rename = "u_ip")]
    pub ip: String,
    /// The account's signing key: 64 hex digits.
    #[serde(rename = "c_pub_key")]
    pub public_key: String,
    /// The key that messages to the account are sealed to: 64 hex digits.
    #[serde(rename = "c_pub_curve")]
    pub curve_key: String,
    /// No longer used: always empty.
    #[serde(rename = "u_anon_pwd")]
    pub anonymous_password: String,
    /// Vaults at most. The name is the document's spelling.
    #[serde(rename = "u_max_bolcks")]
    pub max_vaults: u32,
    /// Members of a group at most.
    #[serde(rename = "u_max_gp_mbr")]
    pub max_group_members: u32,
    /// How often the profile was changed.
    #[serde(rename = "u_version")]
    pub version: u64,
    /// How often the list of contacts was changed.
    #[serde(rename = "c_list_version")]
    pub list_version: u64,
    /// Members of a group's video call at most.
    #[serde(rename = "u_max_gp_vc_mbr")]
    pub max_call_members: u32,
    /// When the account was made.
    pub created_time: Millis,
    /// When the profile was last changed.
    pub updated_time: Millis,
    /// The account's domain name, or nothing.
    #[serde(rename = "u_domain")]
    pub domain: String,
    /// Whether private records are backed up. The name is the document's.
    #[serde(rename = "back_back_file")]
    pub backup: Bit,
}

/// What to change in the profile; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateProfile {
    /// Whether the change may wait in the outbox until the network is there; it always may.
    pub cache: Option<bool>,
    /// The nickname.
    pub nickname: Option<NonEmptyText<{ limits::NICKNAME_CHARS }>>,
    /// The built-in avatar.
    pub pfp_id: Option<AvatarId>,
    /// Where the avatar's picture is.
    pub pfp_url: Option<AvatarUrl>,
    /// The domain name to show.
    pub m_domain: Option<Text<253>>,
    /// Whether private records are backed up.
    pub back_up: Option<bool>,
}

choices! {
    /// How the node stands to the network.
    pub enum Link {
        /// It is looking for peers.
        Connecting = 0,
        /// It is connected to at least one peer.
        Connected = 1,
        /// It has lost its peers and waits before it tries again.
        Disconnected = 2,
    }
}

/// How the node stands to the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Connection {
    /// The state.
    pub value: Link,
}

/// How often each kind of data has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Versions {
    /// Contacts.
    pub contact_version: u64,
    /// Groups.
    pub group_version: u64,
    /// The account's profile.
    pub user_version: u64,
    /// Vaults.
    #[serde(rename = "blockVersion")]
    pub vault_version: u64,
    /// Domain names.
    pub domain_name: u64,
    /// The login password.
    pub login_pwd: u64,
    /// Favorites.
    pub favorite_version: u64,
    /// The blacklist.
    #[serde(rename = "blackVersion")]
    pub blocked_version: u64,
    /// Messages in groups.
    pub group_message: u64,
    /// Messages between two people.
    pub user_message: u64,
}
