//! A device collects its mail: fetching by cursor, and acknowledging what it has safely.

use super::{
    bounds::{ANSWER_MARGIN, FETCH_PAGE},
    rows::{MAIL, MAILBOXES, Mail, PLACES, State},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::NodeId,
    limits::{MAIL_ENVELOPES, MAIL_FRAME},
    mail::{Ack, Answer, Fetch, Fetched, Refusal},
};
use magpie_storage::{
    engine::Order,
    table::{Keys, TableError},
};

impl Turn<'_> {
    /// Answers a device with mail of its own mailbox, oldest first, as much as one answer holds.
    pub(crate) fn fetch_mail(&self, from: NodeId, fetch: &Fetch) -> Result<Answer, TableError> {
        if !self.is_device(fetch.account, from)? {
            return Ok(Answer::Refused(Refusal::UnknownDevice));
        }
        let account = *fetch.account.as_bytes();
        let wanted = usize::from(fetch.limit).min(MAIL_ENVELOPES);
        let mut fetched = Fetched { next: fetch.after, ..Fetched::default() };
        let mut room = MAIL_FRAME - ANSWER_MARGIN;
        loop {
            let keys = Keys::under(&(account, from)).above(&(account, from, fetched.next));
            // One row more than wanted tells whether more waits.
            let page = FETCH_PAGE.min(wanted - fetched.envelopes.len() + 1);
            let rows = MAIL.scan(&self.tx, &keys, Order::Ascending, page)?;
            let last = rows.len() < page;
            for ((_, _, sequence), Mail(envelope)) in rows {
                // Five bytes of length before each, at most.
                let rest = room.checked_sub(envelope.len() + 5);
                let full = fetched.envelopes.len() >= wanted;
                let Some(rest) = rest.filter(|_| !full) else {
                    fetched.more = true;
                    return Ok(Answer::Fetched(fetched));
                };
                if fetched.envelopes.push(envelope).is_err() {
                    fetched.more = true;
                    return Ok(Answer::Fetched(fetched));
                }
                room = rest;
                fetched.next = sequence;
            }
            if last {
                return Ok(Answer::Fetched(fetched));
            }
        }
    }

    /// Forgets what a device has safely, held or delivered, and leaves tombstones. Another device's
    /// mail is in another mailbox: nothing here reaches it.
    pub(crate) fn ack_mail(&mut self, from: NodeId, ack: &Ack) -> Result<Answer, TableError> {
        if !self.is_device(ack.account, from)? {
            return Ok(Answer::Refused(Refusal::UnknownDevice));
        }
        let at = (*ack.account.as_bytes(), from);
        if !MAILBOXES.contains(&self.tx, &at)? {
            return Ok(Answer::Done);
        }
        let mut mailbox = self.open_mailbox(at)?;
        for id in ack.ids.iter() {
            let Some(place) = PLACES.get(&self.tx, &(at.0, at.1, *id))? else { continue };
            let state = match place.state {
                State::Token(_) => State::Drained,
                State::Stranger => State::Passed,
                State::Drained | State::Passed | State::Pushed => continue,
            };
            self.part(&mut mailbox, *id, state)?;
        }
        self.close_mailbox(&mailbox)?;
        Ok(Answer::Done)
    }
}
