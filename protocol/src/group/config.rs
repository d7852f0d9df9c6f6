//! The switches of a group, as the documents' group config has them, and those of page 6.

use crate::{
    bounded::{List, Text},
    limits::{GROUP_ADMINS, GROUP_KEYWORD_CHARS, GROUP_KEYWORDS, GROUP_MEMBERS},
};
use serde::{Deserialize, Serialize};

/// Words that members' nodes filter.
pub type Keywords = List<Text<GROUP_KEYWORD_CHARS>, GROUP_KEYWORDS>;

/// What is allowed in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Only owner and administrators change name and avatar (`g_is_rename`).
    pub rename_restricted: bool,
    /// Members who are no friends do not chat privately (`g_is_astrict`).
    pub members_protected: bool,
    /// Only owner and administrators write (`g_is_all_chat`).
    pub muted_for_all: bool,
    /// One may join by QR code (`g_is_qr_allow`).
    pub join_by_qr: bool,
    /// Only owner and administrators add members (`g_is_applied`).
    pub join_needs_approval: bool,
    /// Members at most (`g_num`).
    pub max_members: u32,
    /// Administrators at most (`g_admin_num`).
    pub max_admins: u32,
    /// Members do not chat with each other (`g_mbr_chat_`).
    pub private_chat_banned: bool,
    /// Members do not call each other (`g_mbr_ac`).
    pub audio_calls_banned: bool,
    /// Members do not see each other in calls (`g_mbr_vc`).
    pub video_calls_banned: bool,
    /// Members send no links.
    pub links_banned: bool,
    /// Members send no QR codes.
    pub qr_codes_banned: bool,
    /// Members mention nobody.
    pub mentions_banned: bool,
}

impl Default for Config {
    /// The documents' new group: everything open, 200 members, 5 administrators.
    fn default() -> Self {
        Self {
            rename_restricted: false,
            members_protected: false,
            muted_for_all: false,
            join_by_qr: true,
            join_needs_approval: false,
            max_members: 200,
            max_admins: 5,
            private_chat_banned: false,
            audio_calls_banned: false,
            video_calls_banned: false,
            links_banned: false,
            qr_codes_banned: false,
            mentions_banned: false,
        }
    }
}

impl Config {
    /// Whether the limits are ones that a group may have.
    pub fn is_valid(&self) -> bool {
        (1..=GROUP_MEMBERS).contains(&self.max_members) && self.max_admins <= GROUP_ADMINS
    }
}

/// One switch and its new position, so that two changes at once do not undo each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Switch {
    /// [`Config::rename_restricted`].
    RenameRestricted(bool),
    /// [`Config::members_protected`].
    MembersProtected(bool),
    /// [`Config::muted_for_all`].
    MutedForAll(bool),
    /// [`Config::join_by_qr`].
    JoinByQr(bool),
    /// [`Config::join_needs_approval`].
    JoinNeedsApproval(bool),
    /// [`Config::max_members`].
    MaxMembers(u32),
    /// [`Config::max_admins`].
    MaxAdmins(u32),
    /// [`Config::private_chat_banned`].
    PrivateChatBanned(bool),
    /// [`Config::audio_calls_banned`].
    AudioCallsBanned(bool),
    /// [`Config::video_calls_banned`].
    VideoCallsBanned(bool),
    /// [`Config::links_banned`].
    LinksBanned(bool),
    /// [`Config::qr_codes_banned`].
    QrCodesBanned(bool),
    /// [`Config::mentions_banned`].
    MentionsBanned(bool),
}

impl Switch {
    /// Sets the switch in `config`.
    pub const fn set(self, config: &mut Config) {
        match self {
            Self::RenameRestricted(on) => config.rename_restricted = on,
            Self::MembersProtected(on) => config.members_protected = on,
            Self::MutedForAll(on) => config.muted_for_all = on,
            Self::JoinByQr(on) => config.join_by_qr = on,
            Self::JoinNeedsApproval(on) => config.join_needs_approval = on,
            Self::MaxMembers(number) => config.max_members = number,
            Self::MaxAdmins(number) => config.max_admins = number,
            Self::PrivateChatBanned(on) => config.private_chat_banned = on,
            Self::AudioCallsBanned(on) => config.audio_calls_banned = on,
            Self::VideoCallsBanned(on) => config.video_calls_banned = on,
            Self::LinksBanned(on) => config.links_banned = on,
            Self::QrCodesBanned(on) => config.qr_codes_banned = on,
            Self::MentionsBanned(on) => config.mentions_banned = on,
        }
    }
}
