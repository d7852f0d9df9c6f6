//! Mailboxes: letting sealed envelopes in, and the accounts kept of what waits.

use super::{
    bounds::{MAIL_DISK_BYTES, MAILBOX_BYTES, MAILBOX_PLACES, ROW_BYTES},
    office::Office,
    rows::{
        COUNTS, Count, EXPIRY, GRANTED, MAIL, MAILBOXES, Mail, MailboxKey, MailboxRow, Mark,
        PLACES, Place, State, TOTALS, Totals,
    },
};
use crate::core::turn::Turn;
use magpie_protocol::{
    bounded::Blob,
    digest::digest,
    domain::ENVELOPE_ID,
    ids::{EnvelopeId, TokenHash},
    mail::{Put, PutAnswer, Refusal, VerifiedAuth, VerifiedPut},
    receipt::Stored,
};
use magpie_storage::table::TableError;

/// A mailbox in the hands of a rule: read once, changed, and written back once.
#[derive(Debug)]
pub(super) struct OpenMailbox {
    pub(super) at: MailboxKey,
    pub(super) row: MailboxRow,
    pub(super) totals: Totals,
}

impl Turn<'_> {
    /// Judges one envelope, and keeps it if it may come in.
    pub(crate) fn put_mail(&mut self, office: &Office, put: Put) -> Result<PutAnswer, TableError> {
        if !self.is_device(put.account, put.mailbox)? {
            return Ok(PutAnswer::Refused(Refusal::UnknownDevice));
        }
        let at = (*put.account.as_bytes(), put.mailbox);
        // Whoever sends the same bytes again hears the same, whatever became of them or of what let
        // them in. The id covers the header, which was checked when they came first.
        let id = EnvelopeId(digest(ENVELOPE_ID, &put.envelope));
        if let Some(place) = PLACES.get(&self.tx, &(at.0, at.1, id))? {
            return Ok(match place.state {
                State::Pushed => PutAnswer::Refused(Refusal::OverQuota),
                _ => mail_receipt(office, at, id, &place),
            });
        }
        let effort = self.core.mesh.strangers.effort(office.effort, self.now);
        let put = match put.verify(self.now, office.retention_ms, effort) {
            Ok(put) => put,
            Err(error) => return Ok(PutAnswer::Refused(error.refusal())),
        };
        self.let_in(office, at, put)
    }

    /// Looks a verified envelope's sender up, and stores it.
    fn let_in(
        &mut self,
        office: &Office,
        at: MailboxKey,
        put: VerifiedPut,
    ) -> Result<PutAnswer, TableError> {
        let mut mailbox = self.open_mailbox(at)?;
        let len = put.bytes.len() as u64;
        let use_now = match put.auth {
            VerifiedAuth::Token(hash) => {
                let Some(granted) = GRANTED.get(&self.tx, &(at.0, hash.0))? else {
                    return Ok(PutAnswer::Refused(Refusal::UnknownToken));
                };
                let count = COUNTS.get(&self.tx, &(at.0, at.1, hash.0))?.unwrap_or_default();
                if !granted.0.admits(count.envelopes, count.bytes, put.bytes.len()) {
                    return Ok(PutAnswer::Refused(Refusal::OverQuota));
                }
                Some((hash, count))
            }
            VerifiedAuth::Stranger => None,
        };
        let crowded = use_now.is_some() && mailbox.row.places >= MAILBOX_PLACES;
        if crowded || !mailbox.has_room(len) {
            return Ok(PutAnswer::Refused(Refusal::Full));
        }
        let (Ok(envelope), Ok(len)) = (Blob::new(put.bytes), u32::try_from(len)) else {
            return Ok(PutAnswer::Refused(Refusal::TooLarge));
        };
        // From here on nothing is refused.
        let state = match use_now {
            Some((hash, count)) => {
                let count = Count {
                    envelopes: count.envelopes.saturating_add(1),
                    bytes: count.bytes.saturating_add(u64::from(len)),
                };
                COUNTS.put(&mut self.tx, &(at.0, at.1, hash.0), &count)?;
                mailbox.row.places = mailbox.row.places.saturating_add(1);
                State::Token(hash)
            }
            None => {
                self.core.mesh.strangers.note(self.now);
                self.make_room_for_stranger(&mut mailbox)?;
                State::Stranger
            }
        };
        // The time is the least number, so that numbers rise over the end of a mailbox and its
        // beginning anew, and a device's cursor stays behind what it has not seen.
        let sequence = mailbox.row.last.saturating_add(1).max(self.now);
        mailbox.row.last = sequence;
        mailbox.row.waiting = mailbox.row.waiting.saturating_add(1);
        mailbox.row.bytes = mailbox.row.bytes.saturating_add(u64::from(len));
        let cost = u64::from(len).saturating_add(ROW_BYTES);
        mailbox.totals.bytes = mailbox.totals.bytes.saturating_add(cost);
        if state == State::Stranger {
            self.enter_pool(&mut mailbox, sequence, put.id)?;
        }
        let expiry_ms = put.header.expiry_ms;
        let place = Place { sequence, len, stored_ms: self.now, expiry_ms, state };
        MAIL.put(&mut self.tx, &(at.0, at.1, sequence), &Mail(envelope))?;
        PLACES.put(&mut self.tx, &(at.0, at.1, put.id), &place)?;
        EXPIRY.put(&mut self.tx, &(expiry_ms, at.0, at.1, put.id), &Mark)?;
        self.close_mailbox(&mailbox)?;
        self.core.mesh.forget_not_after(expiry_ms);
        self.notice(at.1, mailbox.row.waiting);
        Ok(mail_receipt(office, at, put.id, &place))
    }

    /// Takes a mailbox in hand.
    pub(super) fn open_mailbox(&self, at: MailboxKey) -> Result<OpenMailbox, TableError> {
        let row = MAILBOXES.get(&self.tx, &at)?.unwrap_or_default();
        Ok(OpenMailbox { at, row, totals: self.totals()? })
    }

    /// Writes back what changed of a mailbox in hand.
    pub(super) fn close_mailbox(&mut self, mailbox: &OpenMailbox) -> Result<(), TableError> {
        MAILBOXES.put(&mut self.tx, &mailbox.at, &mailbox.row)?;
        TOTALS.put(&mut self.tx, &(), &mailbox.totals)
    }

    /// Deletes the bytes of an envelope that waits, and counts it out; its place stays.
    pub(super) fn release(
        &mut self,
        mailbox: &mut OpenMailbox,
        place: &Place,
    ) -> Result<(), TableError> {
        let (account, node) = mailbox.at;
        let len = u64::from(place.len);
        match place.state {
            State::Token(hash) => self.count_out(mailbox.at, hash, len)?,
            State::Stranger => self.leave_pool(mailbox, place.sequence),
            State::Drained | State::Passed | State::Pushed => return Ok(()),
        }
        MAIL.delete(&mut self.tx, &(account, node, place.sequence));
        mailbox.row.waiting = mailbox.row.waiting.saturating_sub(1);
        mailbox.row.bytes = mailbox.row.bytes.saturating_sub(len);
        mailbox.totals.bytes = mailbox.totals.bytes.saturating_sub(len);
        Ok(())
    }

    fn count_out(
        &mut self,
        (account, node): MailboxKey,
        hash: TokenHash,
        len: u64,
    ) -> Result<(), TableError> {
        let key = (account, node, hash.0);
        let count = COUNTS.get(&self.tx, &key)?.unwrap_or_default();
        if count.envelopes <= 1 {
            COUNTS.delete(&mut self.tx, &key);
            return Ok(());
        }
        let count =
            Count { envelopes: count.envelopes - 1, bytes: count.bytes.saturating_sub(len) };
        COUNTS.put(&mut self.tx, &key, &count)
    }
}

impl OpenMailbox {
    fn has_room(&self, len: u64) -> bool {
        let disk = self.totals.bytes.saturating_add(len).saturating_add(ROW_BYTES);
        disk <= MAIL_DISK_BYTES && self.row.bytes.saturating_add(len) <= MAILBOX_BYTES
    }
}

fn mail_receipt(office: &Office, at: MailboxKey, id: EnvelopeId, place: &Place) -> PutAnswer {
    let stored = Stored::Envelope { mailbox: at.1, envelope: id };
    PutAnswer::Stored(office.receipt(stored, place.stored_ms, place.expiry_ms))
}
