//! Messages and conversations as the local API shows them.

use super::rows::{Conversation, MESSAGES, Order, Room, Stored, order_key};
use crate::core::{groups::GroupAuthor, people::DEFAULT_VAULT, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        chat::{ConversationRow, MessageRow, MessageSource, MessageState},
        field::Bit,
    },
    content::{Content, Kind, SystemEvent, VerifiedMessage},
};
use serde_json::json;
use std::collections::{BTreeMap, btree_map::Entry};

/// What stands for a content that this build does not read.
const NEEDS_NEWER: &str = "needs a newer Magpie";

/// Who wrote a message, as its row shows them.
struct Author {
    nickname: String,
    remark: String,
    avatar_id: i64,
    avatar_url: String,
    in_group: GroupAuthor,
}

/// What the rows of one conversation's messages share.
pub(super) struct Scene {
    room: Room,
    /// Messages up to this number were read at once.
    read_to: u64,
    members_protected: bool,
    /// Who wrote those shown so far; no more than a page has rows.
    authors: BTreeMap<Address, Author>,
}

impl Turn<'_> {
    /// Shows a message.
    pub(crate) fn message_row(
        &mut self,
        room: Room,
        order: Order,
        row: &Stored,
    ) -> ApiResult<MessageRow> {
        let mut scene = self.scene(room)?;
        self.show(&mut scene, order, row)
    }

    /// Shows the message at a place, if there is one.
    pub(crate) fn shown_at(&mut self, room: Room, order: Order) -> ApiResult<Option<MessageRow>> {
        match self.read(&MESSAGES, &room, &order)? {
            Some(row) => self.message_row(room, order, &row).map(Some),
            None => Ok(None),
        }
    }

    /// Returns what the rows of a conversation's messages share.
    pub(super) fn scene(&mut self, room: Room) -> ApiResult<Scene> {
        let read_to = self.conversation(room)?.map_or(0, |found| found.read_to);
        let members_protected = match room {
            Room::Direct(_) => false,
            Room::Group(group) => {
                self.group_glance(group)?.is_some_and(|glance| glance.members_protected)
            }
        };
        Ok(Scene { room, read_to, members_protected, authors: BTreeMap::new() })
    }

    /// Shows a message among others of its conversation.
    pub(super) fn show(
        &mut self,
        scene: &mut Scene,
        order: Order,
        row: &Stored,
    ) -> ApiResult<MessageRow> {
        let is_own = self.is_own(row.author)?;
        let is_read = !is_own && row.number <= scene.read_to;
        let room = scene.room;
        let content = self.shown_content(room, row)?;
        let author = match scene.authors.entry(row.author) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.author(room, row.author)?),
        };
        Ok(MessageRow {
            id: order.1.to_string(),
            conversation: room.to_string(),
            kind: row.kind.0.into(),
            source: match row.kind {
                Kind::SYSTEM => MessageSource::System,
                _ if is_own => MessageSource::Own,
                _ => MessageSource::Other,
            },
            content,
            state: if is_read { MessageState::Read } else { row.reach.state() },
            created_time: row.time_ms,
            updated_time: row.updated_ms,
            sent: row.sent.state(),
            burn: Bit(false),
            author: row.author,
            version: row.number,
            conversation_kind: room.kind(),
            avatar_id: author.avatar_id,
            avatar_url: author.avatar_url.clone(),
            nickname: author.in_group.nickname.clone(),
            domain: String::new(),
            remark: author.remark.clone(),
            original_nickname: author.nickname.clone(),
            burns_at: 0,
            members_protected: Bit(scene.members_protected),
            author_is_admin: Bit(author.in_group.is_admin),
            author_is_owner: Bit(author.in_group.is_owner),
            order: hex::encode(order_key(order).to_bytes()),
        })
    }

    /// Shows a conversation.
    pub(super) fn conversation_row(
        &mut self,
        room: Room,
        conversation: &Conversation,
    ) -> ApiResult<ConversationRow> {
        let face = self.face(room)?;
        let newest = match conversation.newest {
            Some(order) => self.read(&MESSAGES, &room, &order)?.map(|row| (order, row)),
            None => None,
        };
        let newest = match newest {
            Some((order, row)) => Some(self.message_row(room, order, &row)?),
            None => None,
        };
        let text = |of: fn(&MessageRow) -> String| newest.as_ref().map_or_else(String::new, of);
        Ok(ConversationRow {
            id: room.to_string(),
            vault: DEFAULT_VAULT.to_owned(),
            unread: conversation.shown_unread(),
            other: room.to_string(),
            other_id: room.to_string(),
            kind: room.kind(),
            created_time: conversation.created_ms,
            updated_time: conversation.updated_ms,
            top_time: 0,
            message: text(|row| row.id.clone()),
            message_kind: newest.as_ref().map_or(0, |row| row.kind),
            message_content: text(|row| row.content.clone()),
            message_author: text(|row| row.author.to_string()),
            message_nickname: text(|row| match row.nickname.as_str() {
                "" => row.original_nickname.clone(),
                chosen => chosen.to_owned(),
            }),
            message_time: newest.as_ref().map_or(0, |row| row.created_time),
            avatar_id: face.avatar_id,
            avatar_url: face.avatar_url,
            name: face.name,
            curve_key: face.curve_key,
            muted: Bit(false),
            state: face.state,
            hidden: 0,
            ext: String::new(),
            missed_call: false,
            domain: String::new(),
            message_domain: String::new(),
            remark: face.remark,
            group_nickname: face.own.nickname,
            message_remark: text(|row| row.remark.clone()),
            original_nickname: face.original_nickname,
            members_protected: Bit(face.members_protected),
            is_admin: Bit(face.own.is_admin),
            is_owner: Bit(face.own.is_owner),
            items: Vec::new(),
            mentioned: Bit(false),
        })
    }

    fn author(&mut self, room: Room, who: Address) -> ApiResult<Author> {
        let in_group = match room {
            Room::Direct(_) => GroupAuthor::default(),
            Room::Group(group) => self.group_author(group, who)?,
        };
        if self.is_own(who)? {
            let profile = &self.open()?.profile;
            return Ok(Author {
                nickname: profile.nickname.clone(),
                remark: String::new(),
                avatar_id: profile.pfp_id,
                avatar_url: profile.pfp_url.clone(),
                in_group,
            });
        }
        let person = self.known_person(who)?;
        Ok(Author {
            nickname: person.nickname(who),
            remark: person.remark.clone(),
            avatar_id: person.avatar_id(),
            avatar_url: person.avatar_url(),
            in_group,
        })
    }
}

impl Turn<'_> {
    /// Returns a message's content as JSON in a text.
    fn shown_content(&mut self, room: Room, row: &Stored) -> ApiResult<String> {
        if row.kind == Kind::RECALL {
            return Ok(json!({ "text": "" }).to_string());
        }
        let content = match VerifiedMessage::from_store(&row.canonical) {
            Ok(message) => match message.content() {
                Content::RedPacket(about) => self.packet_content(room, row.author, about)?,
                Content::Transfer(about) => self.transfer_content(row.author, about)?,
                Content::Text(text) => json!({ "text": &*text.text }),
                Content::System(system) => match system.event {
                    SystemEvent::Friends => json!({ "type": 0, "nodeId": system.account }),
                },
                Content::Recall(_) | Content::Unknown { .. } => json!({ "text": NEEDS_NEWER }),
            },
            Err(_) => json!({ "text": NEEDS_NEWER }),
        };
        Ok(content.to_string())
    }
}
