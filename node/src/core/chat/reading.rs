//! Reading: messages, and whole conversations.

use super::rows::{Conversation, Reach, Room};
use crate::core::{people::Standing, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    bounded::List,
    content::{DeliveryReceipt, Payload},
    ids::MessageId,
};

impl Turn<'_> {
    /// Notes that messages of others were read and returns all that are read now; what is no message
    /// of others here is left out. A friend is told of those they were not told of before, a group is
    /// told of none. Errors: 20043 for a group that is not known.
    pub(crate) fn acknowledge(
        &mut self,
        room: Room,
        ids: &[MessageId],
    ) -> ApiResult<Vec<MessageId>> {
        self.check_known(room)?;
        let Some(old) = self.conversation(room)? else { return Ok(vec![]) };
        let (mut new, mut read, mut told) = (old.clone(), Vec::new(), Vec::new());
        for id in ids {
            let Some((found, order, mut row)) = self.find_message(*id)? else { continue };
            if found != room || self.is_own(row.author)? {
                continue;
            }
            read.push(*id);
            if row.reach == Reach::Read {
                continue;
            }
            if new.counts_unread(&row) {
                new.unread = new.unread.saturating_sub(1);
            }
            row.reach = Reach::Read;
            self.save_message(room, order, &mut row)?;
            told.push(*id);
        }
        if let Room::Direct(from) = room {
            self.tell_read(from, told)?;
        }
        if new.unread == 0 {
            new.marked = false;
        }
        if new != old {
            self.save_conversation(room, Some(&old), new)?;
        }
        Ok(read)
    }

    /// Tells a friend which of their messages were read.
    fn tell_read(&mut self, from: Address, told: Vec<MessageId>) -> ApiResult<()> {
        if told.is_empty() || self.standing(from)? != Standing::Friend {
            return Ok(());
        }
        // A call names no more messages than a receipt.
        let read = List::new(told).unwrap_or_default();
        let receipt = DeliveryReceipt { delivered: List::default(), read };
        self.post(from, &Payload::Receipt(Box::new(receipt)), None)
    }

    /// Marks a conversation as read or unread. Errors, if there is none: 20058 with somebody who is no
    /// friend, 20043 with a group that is not known.
    pub(crate) fn set_read(&mut self, room: Room, is_read: bool) -> ApiResult<()> {
        let old = self.conversation(room)?;
        let mut new = match &old {
            Some(found) => found.clone(),
            None => {
                match room {
                    Room::Direct(with) => drop(self.friend(with)?),
                    Room::Group(_) => self.check_known(room)?,
                }
                Conversation::made(self.now)
            }
        };
        new.marked = !is_read;
        if is_read {
            new.unread = 0;
            new.read_to = new.count;
        }
        if old.is_none() && is_read || old.as_ref() == Some(&new) {
            return Ok(());
        }
        self.save_conversation(room, old.as_ref(), new)
    }
}
