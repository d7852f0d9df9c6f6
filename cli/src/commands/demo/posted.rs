//! What was sent, and what the nodes say became of it.

use super::{
    room::{Room, Who},
    tale::Tale,
};
use crate::{error::Error, rows::number};

/// `msg_is_send` of a message that is stored or delivered.
const SENT: i64 = 1;
/// `msg_state` of a message that was read.
const READ: i64 = 2;
/// `msg_state` of a message that was delivered.
const DELIVERED: i64 = 3;

/// A message that somebody sent.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    pub(super) by: Who,
    pub(super) room: Room,
    pub(super) id: String,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) sent: bool,
    pub(super) delivered: bool,
    pub(super) read: bool,
}

/// How many messages have come how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) sent: usize,
    pub(super) delivered: usize,
    pub(super) read: usize,
}

impl Posted {
    /// Asks the nodes how far the message has come. Between two the author's node says it, by the
    /// receipts it got. In a group nobody is sent receipts: there the nodes of all others say it.
    pub(super) fn reach(&self, tale: &Tale) -> Result<Reach, Error> {
        let Some(own) = tale.people[self.by].message(&self.id)? else {
            return Ok(Reach::default());
        };
        let sent = number(&own, "msg_is_send") == SENT;
        if let Room::Direct(..) = self.room {
            let state = number(&own, "msg_state");
            let read = state == READ;
            return Ok(Reach { sent, delivered: read || state == DELIVERED, read });
        }
        let (mut delivered, mut read) = (true, true);
        for other in self.room.others(self.by) {
            let other = &tale.people[other];
            // Who is away has not said yet that it is there.
            let row = if other.node.is_some() { other.message(&self.id)? } else { None };
            delivered &= row.is_some();
            read &= row.is_some_and(|row| number(&row, "msg_state") == READ);
        }
        Ok(Reach { sent, delivered, read })
    }
}

impl Counts {
    /// Adds a message.
    pub(super) const fn add(&mut self, reach: Reach) {
        self.sent += reach.sent as usize;
        self.delivered += reach.delivered as usize;
        self.read += reach.read as usize;
    }
}
