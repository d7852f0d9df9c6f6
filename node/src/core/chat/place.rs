//! Giving a message its place: the same one on every peer, in whatever order messages come.

use super::rows::{
    AWAITED, Conversation, HEADS, MESSAGES, Mark, Order, PLACES, Place, RECALLS, Reach, Role, Room,
    Sent, Stored,
};
use crate::core::{chat::rows::CLOCK_SLACK_MS, event_rows::Noted, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiResult, ErrorCode},
    bounded::{Blob, List},
    content::{Content, Kind, PacketMessage, TransferMessage, VerifiedMessage},
    ids::MessageId,
};
use magpie_storage::{engine::Order::Ascending, table::Keys};

impl Turn<'_> {
    /// Places a message that has none yet, and tells listeners of those that were not written here.
    /// Returns its row if it is listed.
    pub(super) fn place(
        &mut self,
        room: Room,
        message: &VerifiedMessage,
        sent: Sent,
    ) -> ApiResult<Option<Stored>> {
        let target = match message.content() {
            Content::Recall(recall) => Some(recall.target),
            _ => None,
        };
        let order = (message.message().lamport, message.id());
        let old = self.conversation(room)?;
        let mut new = old.clone().unwrap_or_else(|| Conversation::made(self.now));
        let is_new = sent == Sent::Sending;
        self.note_heads(&mut new, order, &message.message().parents, is_new)?;
        let role = if target.is_some() { Role::Hidden } else { Role::Listed };
        let place = Place { room, lamport: order.0, role };
        self.write(&PLACES, &(), &order.1, &place)?;
        match target {
            None => self.list(room, old.as_ref(), new, (order, message), sent).map(Some),
            Some(target) => {
                let author = message.message().author;
                self.take_back(room, old.as_ref(), new, target, author).map(|()| None)
            }
        }
    }

    /// Puts a message among the listed ones.
    fn list(
        &mut self,
        room: Room,
        old: Option<&Conversation>,
        mut new: Conversation,
        (order, message): (Order, &VerifiedMessage),
        sent: Sent,
    ) -> ApiResult<Stored> {
        let is_own = self.is_own(message.message().author)?;
        let is_here = sent == Sent::Sending;
        match message.content() {
            Content::RedPacket(PacketMessage::Card(card)) => {
                self.note_packet_card(room, order.1, message.message().author, card)?;
            }
            Content::Transfer(TransferMessage::Card(card)) => {
                self.note_transfer_card(order.1, message.message().author, card)?;
            }
            _ => {}
        }
        let mut row = self.stored_row(message, sent)?;
        new.count += 1;
        row.number = new.count;
        let early = (order.1, row.author);
        if !is_here && self.has_recalls(room)? && self.read(&RECALLS, &room, &early)?.is_some() {
            self.delete(&RECALLS, &room, &early)?;
            row.take_back();
        } else if !is_own {
            new.unread += 1;
        }
        new.newest = new.newest.max(Some(order));
        new.ranked_ms = self.now;
        self.write(&MESSAGES, &room, &order, &row)?;
        if !is_here {
            self.emit_message(Noted::Message(room, order), (room, order), &row)?;
        }
        self.save_conversation(room, old, new)?;
        Ok(row)
    }

    /// Takes back what the author wrote before, or remembers to once it comes.
    fn take_back(
        &mut self,
        room: Room,
        old: Option<&Conversation>,
        mut new: Conversation,
        target: MessageId,
        author: Address,
    ) -> ApiResult<()> {
        match self.find_message(target)? {
            Some((found, order, mut row)) => {
                if found == room && row.author == author && row.kind != Kind::RECALL {
                    if !self.is_own(author)? && new.counts_unread(&row) {
                        new.unread = new.unread.saturating_sub(1);
                    }
                    row.take_back();
                    self.save_message(room, order, &mut row)?;
                    let noted = Noted::MessageChanged(room, order);
                    self.emit_message(noted, (room, order), &row)?;
                }
            }
            None => {
                self.write(&RECALLS, &room, &(target, author), &Mark)?;
                self.open_mut()?.chat.recalls.insert(room, true);
            }
        }
        self.save_conversation(room, old, new)
    }

    /// Notes that a message is now among the latest, unless another names it as a parent already,
    /// and that its parents no longer are.
    fn note_heads(
        &mut self,
        conversation: &mut Conversation,
        order: Order,
        parents: &[MessageId],
        is_new: bool,
    ) -> ApiResult<()> {
        let mut heads = std::mem::take(&mut conversation.heads).into_vec();
        for parent in parents {
            // Those among the heads have come.
            let is_head = heads.iter().any(|(_, id)| id == parent);
            if !is_head && self.read(&PLACES, &(), parent)?.is_none() {
                self.write(&AWAITED, &(), parent, &Mark)?;
                self.open_mut()?.chat.awaits = Some(true);
            }
        }
        heads.retain(|(_, id)| !parents.contains(id));
        // Nobody can name what is made here and now.
        let awaited = match is_new || !self.awaits()? {
            true => None,
            false => self.read(&AWAITED, &(), &order.1)?,
        };
        match awaited {
            Some(Mark) => self.delete(&AWAITED, &(), &order.1)?,
            None => heads.push(order),
        }
        heads.sort_unstable();
        let surplus = heads.len().saturating_sub(HEADS);
        conversation.heads = List::new(heads.split_off(surplus)).unwrap_or_default();
        Ok(())
    }

    /// Returns whether a message may be awaited: if not, none has to be looked for.
    fn awaits(&mut self) -> ApiResult<bool> {
        if let Some(known) = self.open()?.chat.awaits {
            return Ok(known);
        }
        let rows = self.rows()?;
        let any = AWAITED.scan(&self.tx, &rows, &(), &Keys::all(), Ascending, 1);
        let any = !self.stored(any)?.is_empty();
        self.open_mut()?.chat.awaits = Some(any);
        Ok(any)
    }

    /// Returns whether a message of a conversation may have been taken back before it came.
    fn has_recalls(&mut self, room: Room) -> ApiResult<bool> {
        if let Some(known) = self.open()?.chat.recalls.get(&room) {
            return Ok(*known);
        }
        let rows = self.rows()?;
        let any = RECALLS.scan(&self.tx, &rows, &room, &Keys::all(), Ascending, 1);
        let any = !self.stored(any)?.is_empty();
        self.open_mut()?.chat.recalls.insert(room, any);
        Ok(any)
    }

    /// Returns the row of a message, not numbered yet.
    fn stored_row(&self, message: &VerifiedMessage, sent: Sent) -> ApiResult<Stored> {
        let content = message.message();
        // What is shown stays close to what orders, so that a page by time misses nothing.
        let earliest = content.lamport.saturating_sub(CLOCK_SLACK_MS);
        Ok(Stored {
            author: content.author,
            time_ms: content.time_ms.clamp(earliest, content.lamport),
            kind: content.kind,
            number: 0,
            reach: Reach::Unread,
            sent,
            updated_ms: self.now,
            canonical: Blob::new(message.bytes().to_vec()).map_err(|_| ErrorCode::CreateMessage)?,
        })
    }

    /// Returns whether an account is the one that is open.
    pub(crate) fn is_own(&self, account: Address) -> ApiResult<bool> {
        Ok(self.open()?.account.address == account)
    }
}

impl Stored {
    /// Empties a message that was taken back; nobody has to read it any more.
    fn take_back(&mut self) {
        self.kind = Kind::RECALL;
        self.canonical = Blob::default();
        self.reach = Reach::Read;
    }
}
