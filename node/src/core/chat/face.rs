//! The other side of a conversation, as its row shows it.

use super::rows::Room;
use crate::core::{groups::GroupAuthor, turn::Turn};
use magpie_protocol::api::{ApiResult, field::Choice, group::GroupState};

/// The other side of a conversation.
#[derive(Debug, Default)]
pub(super) struct Face {
    /// The name to show.
    pub(super) name: String,
    /// The nickname that a person gave themselves.
    pub(super) original_nickname: String,
    /// The remark on a person.
    pub(super) remark: String,
    /// The built-in avatar.
    pub(super) avatar_id: i64,
    /// Where the avatar's picture is.
    pub(super) avatar_url: String,
    /// The key that the documents seal to; nothing for a group.
    pub(super) curve_key: String,
    /// How this account stands to a group; 0 for a person.
    pub(super) state: i64,
    /// Whether a group protects its members.
    pub(super) members_protected: bool,
    /// This account as the group knows it.
    pub(super) own: GroupAuthor,
}

impl Turn<'_> {
    /// Returns the other side of a conversation; of a group that is no longer known, only that it was
    /// left.
    pub(super) fn face(&mut self, room: Room) -> ApiResult<Face> {
        let group = match room {
            Room::Group(group) => group,
            Room::Direct(peer) => {
                let person = self.person(peer)?;
                return Ok(Face {
                    name: person.name(peer),
                    original_nickname: person.nickname(peer),
                    avatar_id: person.avatar_id(),
                    avatar_url: person.avatar_url(),
                    curve_key: person.curve_key(),
                    remark: person.remark,
                    ..Face::default()
                });
            }
        };
        let Some(glance) = self.group_glance(group)? else {
            return Ok(Face { avatar_id: -1, state: GroupState::Left.number(), ..Face::default() });
        };
        let me = self.open()?.account.address;
        let nickname = self.group_author(group, me)?.nickname;
        let state = if glance.is_member { GroupState::Normal } else { GroupState::Left };
        Ok(Face {
            name: glance.name,
            avatar_id: glance.avatar_id,
            avatar_url: glance.avatar_url,
            state: state.number(),
            members_protected: glance.members_protected,
            own: GroupAuthor { nickname, is_admin: glance.is_admin, is_owner: glance.is_owner },
            ..Face::default()
        })
    }
}
