//! Messages, receipts and notices from others.

use super::rows::{PLACES, Reach, Role, Room, Sent};
use crate::core::{
    letters::sender::{Refusal, Sender, Taken},
    people::Standing,
    turn::Turn,
};
use magpie_protocol::{
    api::{
        ApiResult,
        event::{Event, TypingNotice},
    },
    content::{
        Conversation, DeliveryReceipt, Message, Place as When, Typing, VerifiedMessage, check_clock,
    },
    ids::MessageId,
};

impl Turn<'_> {
    /// Takes the messages of one envelope in, from a friend, from somebody who was asked to be one, or
    /// from another device of this account. Returns their ids if all are kept, now or before, else why
    /// the first was refused that was: an envelope is acknowledged as a whole.
    pub(crate) fn hear_messages(
        &mut self,
        from: Sender,
        messages: Vec<Message>,
    ) -> ApiResult<(Taken, Vec<MessageId>)> {
        let mut ids = Vec::with_capacity(messages.len());
        let mut refused = messages.is_empty().then_some(Refusal::Malformed);
        for message in messages {
            match message.verify(from.account, from.device) {
                Ok(message) => {
                    ids.push(message.id());
                    if let Taken::Refused(why) = self.hear_message(from, &message)? {
                        refused = refused.or(Some(why));
                    }
                }
                Err(_) => refused = refused.or(Some(Refusal::Malformed)),
            }
        }
        Ok(match refused {
            Some(why) => (Taken::Refused(why), vec![]),
            None => (Taken::Kept, ids),
        })
    }

    fn hear_message(&mut self, from: Sender, message: &VerifiedMessage) -> ApiResult<Taken> {
        if matches!(message.message().conversation, Conversation::Group(_)) {
            return Ok(Taken::Refused(Refusal::Unserved));
        }
        let me = self.open()?.account.address;
        let is_own = from.account == me;
        if !is_own && let Some(refusal) = self.refuses(from)? {
            return Ok(Taken::Refused(refusal));
        }
        let Some(peer) = message.peer_of(me).filter(|peer| *peer != me) else {
            return Ok(Taken::Refused(Refusal::Malformed));
        };
        if self.read(&PLACES, &(), &message.id())?.is_some() {
            return Ok(Taken::Kept);
        }
        self.admit(Room::Direct(peer), message)
    }

    /// Places a message whose clock allows it; one that is ahead of its time waits.
    pub(super) fn admit(&mut self, room: Room, message: &VerifiedMessage) -> ApiResult<Taken> {
        let content = message.message();
        let mut known = Vec::new();
        // Which parents have come differs between a group's members, and what one of them takes all
        // have to take: a clock that its author set back only misplaces his own message.
        let parents: &[MessageId] = match room {
            Room::Direct(_) => &content.parents,
            Room::Group(_) => &[],
        };
        let heads = self.conversation(room)?.unwrap_or_default().heads;
        for parent in parents {
            if let Some((lamport, _)) = heads.iter().find(|(_, id)| id == parent) {
                known.push(*lamport);
                continue;
            }
            let place = self.read(&PLACES, &(), parent)?;
            let here = place.filter(|place| place.room == room && place.role != Role::Ahead);
            known.extend(here.map(|place| place.lamport));
        }
        match check_clock(content.lamport, &known, self.now) {
            Err(_) => Ok(Taken::Refused(Refusal::Malformed)),
            Ok(When::At(due_ms)) => self.wait(room, message, due_ms),
            Ok(When::Now) => {
                self.place(room, message, Sent::Done { stored: None })?;
                Ok(Taken::Kept)
            }
        }
    }

    /// Takes in what arrived at a peer's device and what they read of what was written to them.
    pub(crate) fn hear_receipt(
        &mut self,
        from: Sender,
        receipt: DeliveryReceipt,
    ) -> ApiResult<Taken> {
        if self.standing(from.account)? == Standing::Blocked {
            return Ok(Taken::Refused(Refusal::Blocked));
        }
        let delivered = receipt.delivered.iter().map(|id| (id, Reach::Delivered));
        let read = receipt.read.iter().map(|id| (id, Reach::Read));
        for (id, reach) in delivered.chain(read) {
            self.advance(*id, from.account, Some(reach), Sent::Done { stored: None })?;
        }
        Ok(Taken::Kept)
    }

    /// Hears that a friend is writing, or no longer.
    pub(crate) fn hear_typing(&mut self, from: Sender, typing: Typing) -> ApiResult<Taken> {
        if let Some(refusal) = self.refuses(from)? {
            return Ok(Taken::Refused(refusal));
        }
        self.emit(Event::Typing(TypingNotice {
            cnd: from.account.to_string(),
            node_id: from.account,
            is_inputting: typing.on,
        }))?;
        Ok(Taken::Kept)
    }

    /// Returns why nothing said in a conversation is taken from an account, if so. Who was asked to
    /// be a friend may write: the answer may still be on its way.
    fn refuses(&mut self, from: Sender) -> ApiResult<Option<Refusal>> {
        Ok(match self.standing(from.account)? {
            Standing::Friend | Standing::Asked => None,
            Standing::Stranger => Some(Refusal::NotFriend),
            Standing::Blocked => Some(Refusal::Blocked),
        })
    }
}
