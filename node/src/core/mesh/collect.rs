//! A device collects its mail: fetching by cursor, and acknowledging what it has safely.

use super::{
    paging::page,
    rows::{MAIL, MAILBOXES, Mail, PLACES, State},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::NodeId,
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
        let page = page(fetch.after, fetch.limit, |after, limit| {
            let keys = Keys::under(&(account, from)).above(&(account, from, after));
            let rows = MAIL.scan(&self.tx, &keys, Order::Ascending, limit)?;
            Ok(rows.into_iter().map(|((.., sequence), Mail(mail))| (sequence, mail)).collect())
        })?;
        Ok(Answer::Fetched(Fetched { envelopes: page.items, next: page.next, more: page.more }))
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
