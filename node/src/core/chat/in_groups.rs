//! What a group brings to its conversation: the conversation itself, messages, who is writing, and
//! how far one's own messages have come. That the sender is a member was checked before.

use super::rows::{Conversation, PLACES, Room, Sent};
use crate::core::{
    letters::sender::{Refusal, Taken},
    turn::Turn,
};
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        event::{Event, TypingNotice},
    },
    content::{Kind, Message},
    ids::{DeviceId, GroupId, MessageId},
};

impl Turn<'_> {
    /// Makes the conversation of a group that one made or joined, so that it is listed; one that is
    /// there stays as it is.
    pub(crate) fn open_group_room(&mut self, group: GroupId) -> ApiResult<()> {
        let room = Room::Group(group);
        if self.conversation(room)?.is_some() {
            return Ok(());
        }
        self.save_conversation(room, None, Conversation::made(self.now))
    }

    /// Takes a message of a group in that a device of an account encrypted for it.
    pub(crate) fn hear_group_message(
        &mut self,
        group: GroupId,
        account: Address,
        device: DeviceId,
        message: Message,
    ) -> ApiResult<Taken> {
        let room = Room::Group(group);
        if message.conversation != room.named() {
            return Ok(Taken::Refused(Refusal::Malformed));
        }
        let Ok(message) = message.verify(account, device) else {
            return Ok(Taken::Refused(Refusal::Malformed));
        };
        // That two became friends, a group has nothing to say of.
        if message.message().kind == Kind::SYSTEM {
            return Ok(Taken::Refused(Refusal::Malformed));
        }
        if self.read(&PLACES, &(), &message.id())?.is_some() {
            return Ok(Taken::Kept);
        }
        self.admit(room, &message)
    }

    /// Hears that somebody is writing in a group, or no longer; another device of this account says
    /// nothing new by it.
    pub(crate) fn hear_group_typing(
        &mut self,
        group: GroupId,
        account: Address,
        on: bool,
    ) -> ApiResult<()> {
        if self.is_own(account)? {
            return Ok(());
        }
        self.emit(Event::Typing(TypingNotice {
            cnd: group.to_string(),
            node_id: account,
            is_inputting: on,
        }))
    }

    /// Notes that `k` of `n` super nodes signed for one of this account's messages in a group.
    pub(crate) fn group_stored(&mut self, message: MessageId, k: u8, n: u8) -> ApiResult<()> {
        self.advance_in_group(message, Sent::Done { stored: Some((k, n)) })
    }

    /// Notes that one of this account's messages in a group was given up.
    pub(crate) fn group_failed(&mut self, message: MessageId, reason: String) -> ApiResult<()> {
        self.advance_in_group(message, Sent::Failed(reason))
    }

    fn advance_in_group(&mut self, message: MessageId, sent: Sent) -> ApiResult<()> {
        match self.find_message(message)? {
            Some((room @ Room::Group(_), _, _)) => self.advance_in(room, message, None, sent),
            _ => Ok(()),
        }
    }
}
