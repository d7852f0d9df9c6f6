//! Fetching one's own mail, also while locked: then it is kept as it came (page 2).

use super::{
    rows::{BROUGHT, Brought, HELD, HELD_ORDER, Held, HeldId, MAILBOX_OF},
    told::Told,
};
use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::{Blob, List},
    codec::{decode, encode},
    envelope::Envelope,
    ids::EnvelopeId,
    limits::ENVELOPE,
    mail::{Ack, Answer, Fetch, Request},
};
use magpie_storage::{engine::Order, table::Keys};

/// Envelopes fetched in one request.
const FETCHED: u16 = 64;
/// How often a super node is asked though it told of no mail, milliseconds.
const POLL_MS: u64 = 60_000;
/// Envelopes held while locked, at most; further ones stay at the super nodes.
pub(crate) const HELD_ENVELOPES: usize = 4_096;
/// Held envelopes opened in one step.
const OPENED_PER_STEP: usize = 64;
/// How long held mail rests when too much of it cannot be read, milliseconds.
const REST_MS: u64 = 60_000;

impl Turn<'_> {
    /// Asks a super node for this device's mail.
    pub(crate) fn collect(&mut self, from: NodeId) -> ApiResult<()> {
        let mailbox = MAILBOX_OF.get(&self.tx, &());
        let Some(account) = self.stored(mailbox)?.map(|row| row.0) else { return Ok(()) };
        let collecting = |p: &Purpose| *p == Purpose::Collect;
        if self.core.requests.is_waiting(from, collecting) {
            // What it told of may have come after it answered.
            self.core.collect_again.insert(from);
            return Ok(());
        }
        if !self.core.net.has(&from) {
            return Ok(());
        }
        let fetch = Fetch { account, after: 0, limit: FETCHED };
        let Ok(bytes) = encode(&Request::Fetch(fetch)) else { return Ok(()) };
        if !self.ask_peer(from, Protocol::Mail, bytes, Purpose::Collect) {
            self.retry(Task::Collect(from));
        }
        Ok(())
    }

    /// Takes mail that a super node handed over, or that it did not.
    pub(crate) fn collected(&mut self, from: NodeId, answer: Option<&[u8]>) -> ApiResult<()> {
        let again = self.core.collect_again.remove(&from);
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let Some(Answer::Fetched(fetched)) = answer else {
            self.retry(Task::Collect(from));
            return Ok(());
        };
        self.core.agenda.went_well(Task::Collect(from));
        let (mut done, mut told) = (Vec::new(), Told::default());
        // What is held goes ahead of what is newer: the ratchet keeps few keys of what comes late.
        let held = self.core.open.is_none() || self.core.held > 0;
        for bytes in fetched.envelopes {
            let Ok(envelope) = Envelope::parse(&bytes) else { continue };
            let id = envelope.id();
            if held {
                if !self.hold(id, bytes)? {
                    break;
                }
            } else if !self.open_mail(&envelope, &mut told)? {
                continue;
            }
            done.push(id);
        }
        self.tell(told)?;
        let more = fetched.more && !done.is_empty();
        self.forget_at(from, done, held)?;
        let next = if more || again { self.now } else { self.now + POLL_MS };
        self.core.agenda.plan(Task::Collect(from), next);
        Ok(())
    }

    /// Lets a super node forget envelopes, once this step is on disk.
    fn forget_at(&mut self, from: NodeId, ids: Vec<EnvelopeId>, held: bool) -> ApiResult<()> {
        let mailbox = MAILBOX_OF.get(&self.tx, &());
        let Some(account) = self.stored(mailbox)?.map(|row| row.0) else { return Ok(()) };
        let Ok(ids) = List::new(ids) else { return Ok(()) };
        if ids.is_empty() {
            return Ok(());
        }
        if let Ok(bytes) = encode(&Request::Ack(Ack { account, held, ids })) {
            self.ask_peer(from, Protocol::Mail, bytes, Purpose::Nothing);
        }
        Ok(())
    }

    /// Keeps an envelope as it came. Returns whether there was room.
    fn hold(&mut self, id: EnvelopeId, bytes: Blob<ENVELOPE>) -> ApiResult<bool> {
        if self.core.held >= HELD_ENVELOPES {
            return Ok(false);
        }
        let known = HELD.contains(&self.tx, &id);
        if !self.stored(known)? {
            let put = HELD.put(&mut self.tx, &id, &Held(bytes));
            self.stored(put)?;
            let last = HELD_ORDER.scan(&self.tx, &Keys::all(), Order::Descending, 1);
            let next = self.stored(last)?.first().map_or(0, |(number, _)| number + 1);
            let put = HELD_ORDER.put(&mut self.tx, &next, &HeldId(id));
            self.stored(put)?;
            self.core.held += 1;
        }
        Ok(true)
    }

    /// Opens what was held while locked, in the order it came, some of it in each step.
    pub(crate) fn open_held(&mut self) -> ApiResult<()> {
        let order = HELD_ORDER.scan(&self.tx, &Keys::all(), Order::Ascending, OPENED_PER_STEP);
        let mut order: Vec<_> =
            self.stored(order)?.into_iter().map(|(number, HeldId(id))| (number, id)).collect();
        if order.is_empty() {
            // A store of before the order was kept.
            let held = HELD.scan(&self.tx, &Keys::all(), Order::Ascending, OPENED_PER_STEP);
            order = self.stored(held)?.into_iter().map(|(id, _)| (0, id)).collect();
        }
        if order.is_empty() {
            self.core.held = 0;
        }
        let (mut told, mut next) = (Told::default(), self.now);
        for (number, id) in order {
            let row = HELD.get(&self.tx, &id);
            if let Some(Held(bytes)) = self.stored(row)?
                && let Ok(envelope) = Envelope::parse(&bytes)
                && !self.open_mail(&envelope, &mut told)?
            {
                next = self.now + REST_MS;
                break;
            }
            HELD_ORDER.delete(&mut self.tx, &number);
            HELD.delete(&mut self.tx, &id);
            self.core.held = self.core.held.saturating_sub(1);
        }
        self.tell(told)?;
        if self.core.held > 0 {
            self.core.agenda.plan(Task::OpenHeld, next);
        }
        Ok(())
    }

    /// Opens an envelope that came by mail, and notes for its sender that its messages arrived, or that
    /// it could not be read. Returns false if it has to be opened later: too much cannot be read.
    fn open_mail(&mut self, envelope: &Envelope, told: &mut Told) -> ApiResult<bool> {
        let opened = self.open_envelope(envelope)?;
        if let Some((account, device)) = opened.unread {
            return self.note_unread(envelope, (account, device), &mut told.unread);
        }
        if let Some(account) = opened.from {
            told.arrived(account, opened.messages);
            return Ok(true);
        }
        // Its first copy came directly, and whoever sent it does not know.
        let key = (envelope.header().expiry_ms, envelope.id());
        if let Some(Brought { account, message }) = self.read(&BROUGHT, &(), &key)? {
            self.delete(&BROUGHT, &(), &key)?;
            told.arrived(account, vec![message]);
        }
        Ok(true)
    }
}
