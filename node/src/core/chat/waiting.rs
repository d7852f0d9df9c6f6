//! Messages ahead of their time: kept, bounded, until every peer would place them alike.

use super::rows::{
    AHEAD, AHEAD_COUNTS, AHEAD_MAX, Ahead, DUE_PER_STEP, PLACES, Place, Role, Room, Sent,
};
use crate::core::{
    letters::sender::{Refusal, Taken},
    turn::Turn,
};
use magpie_protocol::{
    api::{ApiResult, ErrorCode},
    bounded::Blob,
    content::VerifiedMessage,
};
use magpie_storage::{engine::Order, table::Keys};

impl Turn<'_> {
    /// Keeps a message until it is due, milliseconds since the Unix epoch.
    pub(super) fn wait(
        &mut self,
        room: Room,
        message: &VerifiedMessage,
        due_ms: u64,
    ) -> ApiResult<Taken> {
        let mut count = self.read(&AHEAD_COUNTS, &(), &room)?.unwrap_or_default();
        if count.0 >= AHEAD_MAX {
            return Ok(Taken::Refused(Refusal::Full));
        }
        count.0 += 1;
        let canonical =
            Blob::new(message.bytes().to_vec()).map_err(|_| ErrorCode::CreateMessage)?;
        let lamport = message.message().lamport;
        self.write(&AHEAD_COUNTS, &(), &room, &count)?;
        self.write(&AHEAD, &(), &(due_ms, message.id()), &Ahead { room, canonical })?;
        let place = Place { room, lamport, role: Role::Ahead };
        self.write(&PLACES, &(), &message.id(), &place)?;
        let open = self.open_mut()?;
        open.due = Some(open.due.map_or(due_ms, |due| due.min(due_ms)));
        Ok(Taken::Kept)
    }

    /// Places the messages that are due, some in each step.
    pub(crate) fn place_due(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let range = Keys::all().below(&(self.now.saturating_add(1), FIRST));
        let due = AHEAD.scan(&self.tx, &rows, &(), &range, Order::Ascending, DUE_PER_STEP);
        for (key, ahead) in self.stored(due)? {
            let mut count = self.read(&AHEAD_COUNTS, &(), &ahead.room)?.unwrap_or_default();
            count.0 = count.0.saturating_sub(1);
            self.write(&AHEAD_COUNTS, &(), &ahead.room, &count)?;
            self.delete(&AHEAD, &(), &key)?;
            // Only what was verified is kept, so it always reads back.
            if let Ok(message) = VerifiedMessage::from_store(&ahead.canonical) {
                self.place(ahead.room, &message, Sent::Done { stored: None })?;
            }
        }
        self.next_due()
    }

    /// Notes when the next one is due.
    pub(crate) fn next_due(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let first = AHEAD.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, 1);
        let due = self.stored(first)?.pop().map(|((due_ms, _), _)| due_ms);
        self.open_mut()?.due = due;
        Ok(())
    }
}

/// The smallest id.
const FIRST: magpie_protocol::ids::MessageId = magpie_protocol::ids::MessageId([0; 32]);
