//! How far one's own messages have come; never backwards.

use super::rows::{Order, Reach, Room, Sent, Stored};
use crate::core::{event_rows::Noted, letters::progress::Progress, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{
        ApiResult,
        chat::{MessageState, SendState},
    },
    ids::MessageId,
};

impl Turn<'_> {
    /// Notes how far a message that was posted to an account has come.
    pub(crate) fn progressed(
        &mut self,
        message: MessageId,
        to: Address,
        progress: Progress,
    ) -> ApiResult<()> {
        match progress {
            Progress::Stored { k, n } => {
                self.advance(message, to, None, Sent::Done { stored: Some((k, n)) })
            }
            Progress::Delivered => {
                self.advance(message, to, Some(Reach::Delivered), Sent::Done { stored: None })
            }
            Progress::Failed(reason) => self.advance(message, to, None, Sent::Failed(reason)),
            Progress::Unreadable => self.unreadable(message, to),
        }
    }

    /// Brings one of the messages written to an account further, and tells listeners if it is.
    pub(super) fn advance(
        &mut self,
        id: MessageId,
        to: Address,
        reach: Option<Reach>,
        sent: Sent,
    ) -> ApiResult<()> {
        self.advance_in(Room::Direct(to), id, reach, sent)
    }

    /// Brings one of one's own messages in a conversation further, and tells listeners if it is.
    pub(super) fn advance_in(
        &mut self,
        within: Room,
        id: MessageId,
        reach: Option<Reach>,
        sent: Sent,
    ) -> ApiResult<()> {
        let Some((room, order, old)) = self.find_message(id)? else { return Ok(()) };
        if room != within || !self.is_own(old.author)? {
            return Ok(());
        }
        let mut new = old.clone();
        new.reach = reach.map_or(old.reach, |reach| reach.max(old.reach));
        new.sent = old.sent.clone().after(sent);
        self.save_progress((room, order), old, new)
    }

    /// Notes that a device cannot read a message, so that what was stored for it failed, unless
    /// another device of theirs has read it.
    fn unreadable(&mut self, id: MessageId, to: Address) -> ApiResult<()> {
        let Some((room, order, old)) = self.find_message(id)? else { return Ok(()) };
        if room != Room::Direct(to) || !self.is_own(old.author)? || old.reach != Reach::Unread {
            return Ok(());
        }
        let sent = Sent::Failed("their device could not read it".into());
        let new = Stored { sent, ..old.clone() };
        self.save_progress((room, order), old, new)
    }

    fn save_progress(
        &mut self,
        (room, order): (Room, Order),
        old: Stored,
        mut new: Stored,
    ) -> ApiResult<()> {
        if new == old {
            return Ok(());
        }
        self.save_message(room, order, &mut new)?;
        let told = |row: &Stored| (row.reach, row.sent.state());
        if told(&new) == told(&old) {
            return Ok(());
        }
        let (state, sent, updated_ms) = (new.reach.state(), new.sent.state(), new.updated_ms);
        self.emit_noted(Noted::Progress { room, id: order.1, state, sent, updated_ms })
    }
}

impl Sent {
    /// Returns the later one of two states: what was sent did not fail, and of two counts of super
    /// nodes the larger one is true.
    fn after(self, next: Self) -> Self {
        match (self, next) {
            (Self::Done { stored: a }, Self::Done { stored: b }) => Self::Done { stored: a.max(b) },
            (sent @ Self::Done { .. }, _) | (_, sent) => sent,
        }
    }

    /// Returns the state as it is shown.
    pub(super) const fn state(&self) -> SendState {
        match self {
            Self::Sending => SendState::Sending,
            Self::Done { .. } => SendState::Sent,
            Self::Failed(_) => SendState::Failed,
        }
    }
}

impl Reach {
    /// Returns the state as it is shown.
    pub(super) const fn state(self) -> MessageState {
        match self {
            Self::Unread => MessageState::Unread,
            Self::Delivered => MessageState::Delivered,
            Self::Read => MessageState::Read,
        }
    }
}
