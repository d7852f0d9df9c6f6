//! Writing to somebody, or to a group.

use super::rows::{Conversation, Order, Room, Sent, Stored};
use crate::core::turn::Turn;
use magpie_protocol::{
    api::{ApiResult, ErrorCode, chat::MessageRow},
    bounded::{Blob, List, Text},
    content::{
        Content, Conversation as Named, Kind, Message, MessageText, Payload, Typing,
        VerifiedMessage, next_clock,
    },
    ids::MessageId,
    limits::MESSAGE_TEXT_CHARS,
};

impl Turn<'_> {
    /// Sends a text to a friend or a group and answers with its row. Errors: 20070, 21011, and those
    /// of [`check_writable`](Self::check_writable).
    pub(crate) fn send_text(
        &mut self,
        room: Room,
        text: Text<MESSAGE_TEXT_CHARS>,
    ) -> ApiResult<MessageRow> {
        if text.is_empty() {
            return Err(ErrorCode::TextEmpty.into());
        }
        self.check_writable(room)?;
        if let Room::Direct(_) = room {
            self.check_room_on_way()?;
        }
        let (order, row) = self.say_row(room, &Content::Text(MessageText { text }))?;
        let row = row.ok_or(ErrorCode::MessageUnknown)?;
        self.message_row(room, order, &row)
    }

    /// Tells a friend or a group that one is writing, or no longer. Errors: those of
    /// [`check_writable`](Self::check_writable).
    pub(crate) fn send_typing(&mut self, room: Room, on: bool) -> ApiResult<()> {
        self.check_writable(room)?;
        match room {
            Room::Direct(to) => self.whisper(to, &Payload::Typing(Box::new(Typing { on }))),
            Room::Group(group) => self.speak_typing(group, on),
        }
    }

    /// Checks that one may write in a conversation. Errors: 20074, 20075, 21010 with a person; with
    /// a group those of [`check_group_writable`](Self::check_group_writable).
    pub(crate) fn check_writable(&mut self, room: Room) -> ApiResult<()> {
        let to = match room {
            Room::Direct(to) => to,
            Room::Group(group) => return self.check_group_writable(group),
        };
        let person = self.known_person(to)?;
        person.check_blocks()?;
        if person.is_friend() { Ok(()) } else { Err(ErrorCode::NotFriend.into()) }
    }

    /// Writes a message, sends it and places it here. Errors: 20060 if it cannot be made.
    pub(crate) fn say(&mut self, room: Room, content: &Content) -> ApiResult<MessageId> {
        self.say_row(room, content).map(|((_, id), _)| id)
    }

    /// As [`say`](Self::say), and returns the message's place and its row, if it is listed.
    fn say_row(&mut self, room: Room, content: &Content) -> ApiResult<(Order, Option<Stored>)> {
        let message = self.compose(room, content)?;
        match room {
            Room::Direct(to) => {
                let payload = Payload::Message(Box::new(message.message().clone()));
                self.post(to, &payload, Some(message.id()))?;
            }
            Room::Group(group) => self.speak(group, &message)?,
        }
        let row = self.place(room, &message, Sent::Sending)?;
        Ok(((message.message().lamport, message.id()), row))
    }

    /// Returns a new message behind the latest ones of the conversation.
    pub(super) fn compose(&mut self, room: Room, content: &Content) -> ApiResult<VerifiedMessage> {
        let Conversation { heads, newest, .. } = self.conversation(room)?.unwrap_or_default();
        let latest = heads.get(heads.len().saturating_sub(2)..).unwrap_or_default();
        // The newest is among the heads, unless somebody who set a clock back named it as a parent.
        let clocks: Vec<u64> = latest.iter().chain(&newest).map(|(lamport, _)| *lamport).collect();
        let mut parents: Vec<MessageId> = latest.iter().map(|(_, id)| *id).collect();
        parents.sort_unstable();
        let open = self.open()?;
        let (account, device) = (&open.account, open.device);
        let (author, device) = (account.address, device);
        let message = Message {
            conversation: room.named(),
            author,
            device,
            lamport: next_clock(&clocks, self.now).map_err(|_| ErrorCode::CreateMessage)?,
            parents: List::new(parents).map_err(|_| ErrorCode::CreateMessage)?,
            time_ms: self.now,
            burn_ms: 0,
            kind: Kind(0),
            body: Blob::default(),
        };
        let message = message.with_content(content).map_err(|_| ErrorCode::CreateMessage)?;
        Ok(message.verify(author, device).map_err(|_| ErrorCode::CreateMessage)?)
    }
}

impl Room {
    /// Returns the conversation as an author of this side names it.
    pub(super) const fn named(self) -> Named {
        match self {
            Self::Direct(peer) => Named::Direct(peer),
            Self::Group(group) => Named::Group(group),
        }
    }
}
