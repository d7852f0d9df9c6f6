//! Messages and conversations as answers and events show them.

use crate::{
    address::Address,
    api::{
        field::{Bit, Millis, OneOrGroup12, choices},
        group::MemberRow,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

choices! {
    /// Who wrote a message.
    pub enum MessageSource {
        /// This account.
        Own = 0,
        /// Somebody else.
        Other = 1,
        /// The system.
        System = 2,
    }

    /// How far a message has come with who it is for.
    pub enum MessageState {
        /// Not read yet.
        Unread = 1,
        /// Read.
        Read = 2,
        /// Delivered.
        Delivered = 3,
    }

    /// How far a message has come from here.
    pub enum SendState {
        /// It is not stored anywhere else yet.
        Sending = 0,
        /// It is stored for, or was delivered to, who it is for.
        Sent = 1,
        /// It was given up.
        Failed = 2,
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageRow {
    /// The message's id: 64 hex digits.
    #[serde(rename = "msg_id")]
    pub id: String,
    /// The conversation: the friend's address, or the group's id.
    #[serde(rename = "rs_id")]
    pub conversation: String,
    /// What kind it is: 1 text, 3 audio, 4 video, 5 file, 6 image, 10 card, 11 forwarded, 12 quote,
    /// 13 group notice, 14 call, 15 blocked, 16 recalled, 17 red packet, 18 transfer.
    #[serde(rename = "msg_type")]
    pub kind: u32,
    /// Who wrote it.
    #[serde(rename = "msg_source")]
    pub source: MessageSource,
    /// The content, as JSON in a text.
    #[serde(rename = "msg_cry")]
    pub content: String,
    /// How far it has come with who it is for.
    #[serde(rename = "msg_state")]
    pub state: MessageState,
    /// When it was written.
    pub created_time: Millis,
    /// When it was last changed.
    pub updated_time: Millis,
    /// How far it has come from here.
    #[serde(rename = "msg_is_send")]
    pub sent: SendState,
    /// Whether it burns after reading.
    #[serde(rename = "b_exp")]
    pub burn: Bit,
    /// The address of who wrote it.
    #[serde(rename = "c_nd_add")]
    pub author: Address,
    /// Its number in the conversation, as this node counts.
    #[serde(rename = "msg_version")]
    pub version: u64,
    /// Whether the conversation is with one person or a group.
    #[serde(rename = "rs_type")]
    pub conversation_kind: OneOrGroup12,
    /// The author's built-in avatar.
    #[serde(rename = "pfp_id")]
    pub avatar_id: i64,
    /// Where the author's avatar is.
    #[serde(rename = "pfp_url")]
    pub avatar_url: String,
    /// The author's name in the group, or nothing.
    #[serde(rename = "nic")]
    pub nickname: String,
    /// The author's domain name, or nothing.
    #[serde(rename = "msg_domain")]
    pub domain: String,
    /// The remark on the author.
    #[serde(rename = "cps")]
    pub remark: String,
    /// The author's own nickname.
    #[serde(rename = "origin_nic")]
    pub original_nickname: String,
    /// When it burns, or 0.
    #[serde(rename = "exp_red_time")]
    pub burns_at: Millis,
    /// Whether the group protects its members.
    #[serde(rename = "is_mbr_chat")]
    pub members_protected: Bit,
    /// Whether the author is an administrator of the group.
    #[serde(rename = "is_admin")]
    pub author_is_admin: Bit,
    /// Whether the author is the group's owner.
    #[serde(rename = "is_owner")]
    pub author_is_owner: Bit,
    /// Where it stands: the same on every peer; send it as `afterOrder` to list what follows.
    pub order: String,
}

/// A conversation, with its newest message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationRow {
    /// The conversation: the friend's address, or the group's id.
    #[serde(rename = "rs_id")]
    pub id: String,
    /// The vault it is in.
    #[serde(rename = "b_id")]
    pub vault: String,
    /// Unread messages.
    #[serde(rename = "rs_unread")]
    pub unread: u64,
    /// The friend's address, or the group's id.
    #[serde(rename = "c_nd_add")]
    pub other: String,
    /// The same again.
    #[serde(rename = "c_id")]
    pub other_id: String,
    /// Whether it is with one person or a group.
    #[serde(rename = "rs_type")]
    pub kind: OneOrGroup12,
    /// When it was made.
    pub created_time: Millis,
    /// When it was last changed.
    pub updated_time: Millis,
    /// When it was put on top; 0 if it is not.
    pub top_time: Millis,
    /// The newest message, or nothing.
    #[serde(rename = "msg_id")]
    pub message: String,
    /// Its kind; 0 if there is none.
    #[serde(rename = "msg_type")]
    pub message_kind: u32,
    /// Its content, as JSON in a text.
    #[serde(rename = "msg_cry")]
    pub message_content: String,
    /// The address of who wrote it, or nothing.
    #[serde(rename = "msgCndadd")]
    pub message_author: String,
    /// The nickname of who wrote it.
    #[serde(rename = "msgNic")]
    pub message_nickname: String,
    /// When it was written; 0 if there is none.
    #[serde(rename = "msg_created_time")]
    pub message_time: Millis,
    /// The built-in avatar of the friend or group.
    #[serde(rename = "pfpid")]
    pub avatar_id: i64,
    /// Where that avatar's picture is.
    #[serde(rename = "pfpurl")]
    pub avatar_url: String,
    /// The name to show: the remark, the nickname, or the group's name.
    #[serde(rename = "nic")]
    pub name: String,
    /// The key that messages to the friend are sealed to; nothing for a group.
    #[serde(rename = "pubCurve")]
    pub curve_key: String,
    /// Whether it is muted.
    #[serde(rename = "disturb")]
    pub muted: Bit,
    /// How the account stands to the group, as its row says; 0 for a friend.
    pub state: i64,
    /// For how long it is hidden; 0 if not.
    #[serde(rename = "hideState")]
    pub hidden: i64,
    /// Always empty.
    pub ext: String,
    /// Whether a call was missed.
    #[serde(rename = "hasAvTips")]
    pub missed_call: bool,
    /// The domain name of the friend or group.
    #[serde(rename = "c_domain")]
    pub domain: String,
    /// The domain name of who wrote the newest message.
    #[serde(rename = "msg_domain")]
    pub message_domain: String,
    /// The remark on the friend.
    #[serde(rename = "cps")]
    pub remark: String,
    /// One's own name in the group.
    #[serde(rename = "gps")]
    pub group_nickname: String,
    /// The remark on who wrote the newest message.
    #[serde(rename = "msgCps")]
    pub message_remark: String,
    /// The friend's own nickname.
    #[serde(rename = "orgNic")]
    pub original_nickname: String,
    /// Whether the group protects its members.
    #[serde(rename = "isMbrChat")]
    pub members_protected: Bit,
    /// Whether this account is an administrator of the group.
    #[serde(rename = "isAdmin")]
    pub is_admin: Bit,
    /// Whether this account owns the group.
    #[serde(rename = "isOwner")]
    pub is_owner: Bit,
    /// The group's members; empty for a friend.
    pub items: Vec<MemberRow>,
    /// 1 if somebody mentioned this account in it, 0 if not.
    #[serde(rename = "tip_status")]
    pub mentioned: Bit,
}
