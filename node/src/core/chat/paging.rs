//! Pages of messages, and the list of conversations.

use super::rows::{CLOCK_SLACK_MS, Conversation, MESSAGES, Mark, Order, RECENT, Room, Stored};
use crate::core::turn::Turn;
use magpie_protocol::{
    api::{
        ApiError, ApiResult, ErrorCode,
        chat::{ConversationRow, MessageRow},
        field,
    },
    content::OrderKey,
    ids::MessageId,
    limits::PAGE_ROWS,
};
use magpie_storage::{engine, table::Keys};

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// At the end that the order begins with.
    End,
    /// At the first message, in the order, that is not before this time, milliseconds since the
    /// Unix epoch; newest first, not after it.
    Time(u64),
    /// Behind the message with this place.
    After(Order),
}

impl From {
    /// Reads the `order` of a row. Error: 600.
    pub(crate) fn after(mark: &str) -> ApiResult<Self> {
        let mut bytes = [0; 40];
        hex::decode_to_slice(mark, &mut bytes).map_err(|_| {
            ApiError::new(ErrorCode::BadParameter, "afterOrder: must be the order of a message")
        })?;
        let OrderKey { lamport, id } = OrderKey::from_bytes(&bytes);
        Ok(Self::After((lamport, id)))
    }
}

impl Turn<'_> {
    /// Lists at most `size` messages of a conversation. Errors: 20043 for a group that is not known.
    pub(crate) fn list_messages(
        &mut self,
        room: Room,
        from: From,
        order: field::Order,
        size: usize,
    ) -> ApiResult<Vec<MessageRow>> {
        self.check_known(room)?;
        let (first, last) = (MessageId([0; 32]), MessageId([0xff; 32]));
        let ascending = order == field::Order::Ascending;
        let mut range = match (from, ascending) {
            (From::End, _) => Keys::all(),
            // A message's clock is never before the time it shows, and never far behind it.
            (From::Time(time), true) => Keys::all().at_least(&(time, first)),
            (From::Time(time), false) => {
                Keys::all().at_most(&(time.saturating_add(CLOCK_SLACK_MS), last))
            }
            (From::After(place), true) => Keys::all().above(&place),
            (From::After(place), false) => Keys::all().below(&place),
        };
        let too_early = |row: &Stored| match from {
            From::Time(time) if ascending => row.time_ms < time,
            From::Time(time) => row.time_ms > time,
            From::End | From::After(_) => false,
        };
        let direction =
            if ascending { engine::Order::Ascending } else { engine::Order::Descending };
        let keys = self.rows()?;
        let mut page: Vec<(Order, Stored)> = Vec::new();
        while page.len() < size {
            let wanted = size - page.len();
            let found = MESSAGES.scan(&self.tx, &keys, &room, &range, direction, wanted);
            let found = self.stored(found)?;
            let is_last = found.len() < wanted;
            let Some((end, _)) = found.last() else { break };
            range = match ascending {
                true => Keys::all().above(end),
                false => Keys::all().below(end),
            };
            for (key, row) in found {
                if !page.is_empty() || !too_early(&row) {
                    page.push((key, row));
                }
            }
            if is_last {
                break;
            }
        }
        let mut scene = self.scene(room)?;
        page.into_iter().map(|(key, row)| self.show(&mut scene, key, &row)).collect()
    }

    /// Lists the conversations, by their newest message, newest first; at most [`PAGE_ROWS`].
    pub(crate) fn list_conversations(&mut self) -> ApiResult<Vec<ConversationRow>> {
        // They are listed by rows.
        self.write_conversations()?;
        let keys = self.rows()?;
        let most = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
        let found =
            RECENT.scan(&self.tx, &keys, &(), &Keys::all(), engine::Order::Descending, most);
        let mut rows = Vec::new();
        for ((_, room), Mark) in self.stored(found)? {
            if let Some(conversation) = self.conversation(room)? {
                rows.push(self.conversation_row(room, &conversation)?);
            }
        }
        Ok(rows)
    }

    /// Returns the conversation with somebody or in a group; makes it with a friend, or in a group
    /// one is a member of, if `make` says so. Errors: 20068 if there is none, 20043 for a group that
    /// is not known.
    pub(crate) fn find_conversation(
        &mut self,
        room: Room,
        make: bool,
    ) -> ApiResult<ConversationRow> {
        if let Some(found) = self.conversation(room)? {
            return self.conversation_row(room, &found);
        }
        let (may_be_made, why) = match room {
            Room::Direct(peer) => {
                (self.person(peer)?.is_friend(), "there is no conversation with this person")
            }
            Room::Group(group) => {
                let glance = self.group_glance(group)?.ok_or(ErrorCode::GroupUnknown)?;
                (glance.is_member, "there is no conversation in this group")
            }
        };
        if !make || !may_be_made {
            return Err(ApiError::new(ErrorCode::CreateConversation, why));
        }
        let made = Conversation::made(self.now);
        self.save_conversation(room, None, made.clone())?;
        self.conversation_row(room, &Conversation { updated_ms: self.now, ..made })
    }
    /// Checks that a conversation can be: one in a group that was never heard of is 20043. A group
    /// that was left stays readable.
    pub(super) fn check_known(&mut self, room: Room) -> ApiResult<()> {
        let Room::Group(group) = room else { return Ok(()) };
        if self.conversation(room)?.is_none() && self.group_glance(group)?.is_none() {
            return Err(ErrorCode::GroupUnknown.into());
        }
        Ok(())
    }
}
