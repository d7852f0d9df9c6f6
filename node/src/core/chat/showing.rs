//! Messages and conversations as the local API shows them.

use super::rows::{Conversation, MESSAGES, Order, Room, Stored, order_key};
use crate::core::{people::DEFAULT_VAULT, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        chat::{ConversationRow, MessageRow, MessageSource, MessageState},
        field::{Bit, OneOrGroup12},
    },
    content::{Content, Kind, SystemEvent, VerifiedMessage},
};
use serde_json::json;

/// What stands for a content that this build does not read.
const NEEDS_NEWER: &str = "needs a newer Magpie";

/// Who wrote a message, as its row shows them.
struct Author {
    nickname: String,
    remark: String,
    avatar_id: i64,
    avatar_url: String,
}

impl Turn<'_> {
    /// Shows a message.
    pub(crate) fn message_row(
        &mut self,
        room: Room,
        order: Order,
        row: &Stored,
    ) -> ApiResult<MessageRow> {
        let author = self.author(row.author)?;
        let is_own = self.is_own(row.author)?;
        let is_read =
            !is_own && self.conversation(room)?.is_some_and(|found| row.number <= found.read_to);
        Ok(MessageRow {
            id: order.1.to_string(),
            conversation: room.peer().to_string(),
            kind: row.kind.0.into(),
            source: match row.kind {
                Kind::SYSTEM => MessageSource::System,
                _ if is_own => MessageSource::Own,
                _ => MessageSource::Other,
            },
            content: row.shown_content(),
            state: if is_read { MessageState::Read } else { row.reach.state() },
            created_time: row.time_ms,
            updated_time: row.updated_ms,
            sent: row.sent.state(),
            burn: Bit(false),
            author: row.author,
            version: row.number,
            conversation_kind: OneOrGroup12::One,
            avatar_id: author.avatar_id,
            avatar_url: author.avatar_url,
            nickname: String::new(),
            domain: String::new(),
            remark: author.remark,
            original_nickname: author.nickname,
            burns_at: 0,
            members_protected: Bit(false),
            author_is_admin: Bit(false),
            author_is_owner: Bit(false),
            order: hex::encode(order_key(order).to_bytes()),
        })
    }

    /// Shows a conversation.
    pub(super) fn conversation_row(
        &mut self,
        room: Room,
        conversation: &Conversation,
    ) -> ApiResult<ConversationRow> {
        let peer = room.peer();
        let person = self.person(peer)?;
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
            id: peer.to_string(),
            vault: DEFAULT_VAULT.to_owned(),
            unread: conversation.shown_unread(),
            other: peer.to_string(),
            other_id: peer.to_string(),
            kind: OneOrGroup12::One,
            created_time: conversation.created_ms,
            updated_time: conversation.updated_ms,
            top_time: 0,
            message: text(|row| row.id.clone()),
            message_kind: newest.as_ref().map_or(0, |row| row.kind),
            message_content: text(|row| row.content.clone()),
            message_author: text(|row| row.author.to_string()),
            message_nickname: text(|row| row.original_nickname.clone()),
            message_time: newest.as_ref().map_or(0, |row| row.created_time),
            avatar_id: person.avatar_id(),
            avatar_url: person.avatar_url(),
            name: person.name(peer),
            curve_key: person.curve_key(),
            muted: Bit(false),
            state: 0,
            hidden: 0,
            ext: String::new(),
            missed_call: false,
            domain: String::new(),
            message_domain: String::new(),
            remark: person.remark.clone(),
            group_nickname: String::new(),
            message_remark: text(|row| row.remark.clone()),
            original_nickname: person.nickname(peer),
            members_protected: Bit(false),
            is_admin: Bit(false),
            is_owner: Bit(false),
            items: Vec::new(),
            mentioned: Bit(false),
        })
    }

    fn author(&mut self, who: Address) -> ApiResult<Author> {
        if self.is_own(who)? {
            let profile = &self.open()?.profile;
            return Ok(Author {
                nickname: profile.nickname.clone(),
                remark: String::new(),
                avatar_id: profile.pfp_id,
                avatar_url: profile.pfp_url.clone(),
            });
        }
        let person = self.person(who)?;
        Ok(Author {
            nickname: person.nickname(who),
            remark: person.remark.clone(),
            avatar_id: person.avatar_id(),
            avatar_url: person.avatar_url(),
        })
    }
}

impl Stored {
    /// Returns the content as JSON in a text.
    fn shown_content(&self) -> String {
        if self.kind == Kind::RECALL {
            return json!({ "text": "" }).to_string();
        }
        let content = match VerifiedMessage::from_store(&self.canonical) {
            Ok(message) => match message.content() {
                Content::Text(text) => json!({ "text": &*text.text }),
                Content::System(system) => match system.event {
                    SystemEvent::Friends => json!({ "type": 0, "nodeId": system.account }),
                },
                Content::Recall(_) | Content::Unknown { .. } => json!({ "text": NEEDS_NEWER }),
            },
            Err(_) => json!({ "text": NEEDS_NEWER }),
        };
        content.to_string()
    }
}
