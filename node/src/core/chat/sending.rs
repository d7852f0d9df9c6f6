//! Writing to somebody.

use super::rows::{Room, Sent};
use crate::core::{people::rows::Person, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiResult, ErrorCode, chat::MessageRow},
    bounded::{Blob, List, Text},
    content::{
        Content, Conversation, Kind, Message, MessageText, Payload, Typing, VerifiedMessage,
        next_clock,
    },
    ids::MessageId,
    limits::MESSAGE_TEXT_CHARS,
};

impl Turn<'_> {
    /// Sends a text to a friend and answers with its row. Errors: 20070, 20074, 20075, 21010,
    /// 21011.
    pub(crate) fn send_text(
        &mut self,
        to: Address,
        text: Text<MESSAGE_TEXT_CHARS>,
    ) -> ApiResult<MessageRow> {
        if text.is_empty() {
            return Err(ErrorCode::TextEmpty.into());
        }
        self.check_writable(to)?;
        self.check_room_on_way()?;
        let id = self.say(to, &Content::Text(MessageText { text }))?;
        let (room, order, row) = self.message(id)?;
        self.message_row(room, order, &row)
    }

    /// Tells a friend that one is writing, or no longer. Errors: 20074, 20075, 21010.
    pub(crate) fn send_typing(&mut self, to: Address, on: bool) -> ApiResult<()> {
        self.check_writable(to)?;
        self.whisper(to, &Payload::Typing(Box::new(Typing { on })))
    }

    /// Returns the row of someone who may be written to. Errors: 20074, 20075, 21010.
    pub(super) fn check_writable(&mut self, to: Address) -> ApiResult<Person> {
        let person = self.person(to)?;
        person.check_blocks()?;
        if person.is_friend() { Ok(person) } else { Err(ErrorCode::NotFriend.into()) }
    }

    /// Writes a message, posts it and places it here. Errors: 20060 if it cannot be made.
    pub(super) fn say(&mut self, to: Address, content: &Content) -> ApiResult<MessageId> {
        let room = Room::Direct(to);
        let message = self.compose(room, content)?;
        let payload = Payload::Message(Box::new(message.message().clone()));
        self.post(to, &payload, Some(message.id()))?;
        self.place(room, &message, Sent::Sending)?;
        Ok(message.id())
    }

    /// Returns a new message behind the latest ones of the conversation.
    fn compose(&mut self, room: Room, content: &Content) -> ApiResult<VerifiedMessage> {
        let heads = self.conversation(room)?.unwrap_or_default().heads;
        let latest = heads.get(heads.len().saturating_sub(2)..).unwrap_or_default();
        let clocks: Vec<u64> = latest.iter().map(|(lamport, _)| *lamport).collect();
        let mut parents: Vec<MessageId> = latest.iter().map(|(_, id)| *id).collect();
        parents.sort_unstable();
        let account = &self.open()?.account;
        let (author, device) = (account.address, account.device_key.id());
        let message = Message {
            conversation: Conversation::Direct(room.peer()),
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
