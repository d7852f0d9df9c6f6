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
    /// Notes that messages of a friend were read, tells them of those that were not told before, and
    /// returns all that are read now; what is no message of theirs here is left out.
    pub(crate) fn acknowledge(
        &mut self,
        from: Address,
        ids: &[MessageId],
    ) -> ApiResult<Vec<MessageId>> {
        let room = Room::Direct(from);
        let Some(old) = self.conversation(room)? else { return Ok(vec![]) };
        let (mut new, mut read, mut told) = (old.clone(), Vec::new(), Vec::new());
        for id in ids {
            let Some((found, order, mut row)) = self.find_message(*id)? else { continue };
            if found != room || row.author != from {
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
        let is_friend = self.standing(from)? == Standing::Friend;
        if is_friend && !told.is_empty() {
            // A call names no more messages than a receipt.
            let read = List::new(told).unwrap_or_default();
            let receipt = DeliveryReceipt { delivered: List::default(), read };
            self.post(from, &Payload::Receipt(Box::new(receipt)), None)?;
        }
        if new.unread == 0 {
            new.marked = false;
        }
        if new != old {
            self.save_conversation(room, Some(&old), new)?;
        }
        Ok(read)
    }

    /// Marks a conversation as read or unread. Errors: 20058 with somebody who is no friend and with
    /// whom there is none.
    pub(crate) fn set_read(&mut self, with: Address, is_read: bool) -> ApiResult<()> {
        let room = Room::Direct(with);
        let old = self.conversation(room)?;
        let mut new = match &old {
            Some(found) => found.clone(),
            None => {
                self.friend(with)?;
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
