//! Keeping a conversation, and writing its row, the order of all and their counts.

use super::{
    kept::Kept,
    rows::{
        CHAT_COUNTS, CONVERSATIONS, Conversation, Counts, GROUP_CHANGES, GroupChanges, MESSAGES,
        Mark, Order, PLACES, RECENT, Role, Room, Stored,
    },
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult, ErrorCode,
        event::{ConversationChange, Event},
    },
    ids::MessageId,
};

impl Turn<'_> {
    /// Returns a conversation, if it was made.
    pub(crate) fn conversation(&mut self, room: Room) -> ApiResult<Option<Conversation>> {
        if let Some(kept) = self.open()?.chat.rooms.get(&room) {
            return Ok(Some(kept.now.clone()));
        }
        let Some(now) = self.read(&CONVERSATIONS, &(), &room)? else { return Ok(None) };
        let kept = Kept { listed_ms: Some(now.ranked_ms), now: now.clone() };
        self.open_mut()?.chat.rooms.insert(room, kept);
        Ok(Some(now))
    }

    /// Returns the counts over all conversations.
    pub(crate) fn chat_counts(&mut self) -> ApiResult<Counts> {
        if let Some(counts) = self.open()?.chat.counts {
            return Ok(counts);
        }
        let counts = self.read(&CHAT_COUNTS, &(), &())?.unwrap_or_default();
        self.open_mut()?.chat.counts = Some(counts);
        Ok(counts)
    }

    /// Returns how often messages in groups were changed.
    pub(crate) fn group_changes(&mut self) -> ApiResult<u64> {
        Ok(self.read(&GROUP_CHANGES, &(), &())?.unwrap_or_default().0)
    }

    /// Returns whether the person marked the conversation with an account as unread.
    pub(crate) fn is_marked_unread(&mut self, who: Address) -> ApiResult<bool> {
        Ok(self.conversation(Room::Direct(who))?.is_some_and(|found| found.marked))
    }

    /// Keeps a conversation in place of `old`, nothing if it is made; [`tell_conversations`](Self::tell_conversations)
    /// writes it and tells listeners.
    pub(super) fn save_conversation(
        &mut self,
        room: Room,
        old: Option<&Conversation>,
        mut new: Conversation,
    ) -> ApiResult<()> {
        new.updated_ms = self.now;
        let mut counts = self.chat_counts()?;
        let before = old.map_or(0, |old| old.unread);
        counts.unread = counts.unread.saturating_add(new.unread).saturating_sub(before);
        match room {
            Room::Direct(_) => counts.version += 1,
            Room::Group(_) => {
                let changes = GroupChanges(self.group_changes()?.saturating_add(1));
                self.write(&GROUP_CHANGES, &(), &(), &changes)?;
            }
        }
        let open = self.core.open.as_mut().ok_or(ErrorCode::NotLoggedIn)?;
        let chat = &mut open.chat;
        self.chat_before.note(chat, room);
        chat.counts = Some(counts);
        let listed_ms = chat.rooms.get(&room).and_then(|kept| kept.listed_ms);
        chat.rooms.insert(room, Kept { now: new, listed_ms });
        chat.unwritten.insert(room);
        chat.untold.insert(room);
        Ok(())
    }

    /// Writes the rows of the conversations that changed, and with them the order of all and their
    /// counts.
    pub(crate) fn write_conversations(&mut self) -> ApiResult<()> {
        let Ok(open) = self.open_mut() else { return Ok(()) };
        if open.chat.unwritten.is_empty() {
            return Ok(());
        }
        while let Some(room) = self.open()?.chat.unwritten.first().copied() {
            let open = self.core.open.as_mut().ok_or(ErrorCode::NotLoggedIn)?;
            self.chat_before.note(&open.chat, room);
            let Some(kept) = open.chat.rooms.get_mut(&room) else { continue };
            let (now, listed) = (kept.now.clone(), kept.listed_ms.replace(kept.now.ranked_ms));
            if listed != Some(now.ranked_ms) {
                if let Some(before) = listed {
                    self.delete(&RECENT, &(), &(before, room))?;
                }
                self.write(&RECENT, &(), &(now.ranked_ms, room), &Mark)?;
            }
            self.write(&CONVERSATIONS, &(), &room, &now)?;
            self.open_mut()?.chat.unwritten.remove(&room);
        }
        let counts = self.chat_counts()?;
        self.write(&CHAT_COUNTS, &(), &(), &counts)
    }

    /// Ends a group of steps: writes the conversations that changed in it and tells listeners of them,
    /// once of each: only what a conversation has become matters.
    pub(crate) fn tell_conversations(&mut self) -> ApiResult<()> {
        self.write_conversations()?;
        let Ok(open) = self.open_mut() else { return Ok(()) };
        let mut changed = Vec::new();
        for room in std::mem::take(&mut open.chat.untold) {
            changed.extend(open.chat.rooms.get(&room).map(|kept| (room, kept.now.clone())));
        }
        open.chat.trim();
        for (room, now) in changed {
            self.emit(Event::Conversation(ConversationChange {
                conversation: room.to_string(),
                kind: room.kind(),
                unread: now.shown_unread(),
                message: now.newest.map_or_else(String::new, |(_, id)| id.to_string()),
                updated_time: now.updated_ms,
                deleted: false,
            }))?;
        }
        Ok(())
    }

    /// Returns a listed message with its conversation and order, or 20091.
    pub(crate) fn message(&mut self, id: MessageId) -> ApiResult<(Room, Order, Stored)> {
        let found = self.find_message(id)?;
        found.ok_or_else(|| ErrorCode::MessageUnknown.into())
    }

    /// Returns a listed message with its conversation and order, if there is one.
    pub(crate) fn find_message(
        &mut self,
        id: MessageId,
    ) -> ApiResult<Option<(Room, Order, Stored)>> {
        let Some(place) = self.read(&PLACES, &(), &id)? else { return Ok(None) };
        if place.role != Role::Listed {
            return Ok(None);
        }
        let order = (place.lamport, id);
        let row = self.read(&MESSAGES, &place.room, &order)?;
        Ok(row.map(|row| (place.room, order, row)))
    }

    /// Writes a listed message that has changed.
    pub(super) fn save_message(
        &mut self,
        room: Room,
        order: Order,
        row: &mut Stored,
    ) -> ApiResult<()> {
        row.updated_ms = self.now;
        self.write(&MESSAGES, &room, &order, row)
    }
}

impl Conversation {
    /// Returns a conversation that is made now.
    pub(super) fn made(now: u64) -> Self {
        Self { created_ms: now, ranked_ms: now, ..Self::default() }
    }

    /// Returns the unread messages as they are shown: at least one while it is marked as unread.
    pub(super) fn shown_unread(&self) -> u64 {
        self.unread.max(self.marked.into())
    }
}
