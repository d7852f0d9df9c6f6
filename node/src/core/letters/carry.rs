//! Carrying: what is sealed for a device goes to it if it is connected, else to its mailbox.

use super::{
    progress::Progress,
    rows::{KEPT, Number, ON_WAY, OUTBOX, Outgoing, STORED},
};
use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::{decode, encode},
    direct::{self, Ack, Answer, Refusal, Request},
    ids::MessageId,
    limits::{DAY_MS, DIRECT_ENVELOPES, MAIL_ENVELOPES},
};
use magpie_storage::{engine::Order, table::Keys};
use std::collections::BTreeSet;

/// How long an envelope may be on its way before it counts as failed, milliseconds.
const GIVE_UP_MS: u64 = 7 * DAY_MS;

/// How long what is for a device goes to its mailbox after it did not take it, milliseconds.
const BY_MAIL_MS: u64 = 30_000;

/// Deliveries under way to a device, at most: while one is opened, others are sealed and acknowledged.
const DELIVERIES: usize = 4;

/// Envelopes under way to a device while there is more than one delivery, at most: they may overtake
/// each other, and a session keeps the keys of 40 that are skipped.
const AHEAD: usize = 32;

/// Returns whether a device with these deliveries under way gets no further one.
fn is_full(under_way: &[Vec<u64>]) -> bool {
    under_way.len() >= DELIVERIES || under_way.iter().map(Vec::len).sum::<usize>() >= AHEAD
}

impl Turn<'_> {
    /// Sends what is sealed for a device: all that waits travels in one request, or in two halves if it
    /// is little, so that one is opened while the other is written or acknowledged.
    pub(crate) fn carry(&mut self, node: NodeId) -> ApiResult<()> {
        let under_way = self.under_way(node);
        if is_full(&under_way) {
            // An answer plans the next one.
            return Ok(());
        }
        if !self.core.net.has(&node) || self.is_by_mail(node)? {
            let depositing = |p: &Purpose| matches!(p, Purpose::Deposit(to, _) if *to == node);
            let supers = self.core.supers();
            if supers.iter().all(|to| self.core.requests.is_waiting(*to, depositing)) {
                return Ok(());
            }
            let rows = self.outgoing(node, 0, MAIL_ENVELOPES)?;
            return self.deposit(node, rows);
        }
        self.take_back_stored(node)?;
        let sent: Vec<u64> = under_way.concat();
        // What is older than those under way came back from one of them: it goes when all are answered.
        let behind = sent.iter().max().map_or(0, |last| last.saturating_add(1));
        let mut direct = self.outgoing(node, behind, DIRECT_ENVELOPES)?;
        if !sent.is_empty() {
            direct.truncate(AHEAD.saturating_sub(sent.len()));
        }
        if direct.is_empty() {
            return Ok(());
        }
        let more = sent.is_empty() && direct.len() > 1 && direct.len() <= AHEAD;
        if more {
            direct.truncate(direct.len().div_ceil(2));
        }
        let batch = direct::batch(direct.iter().map(|(_, row)| &row.envelope[..]));
        let numbers: Vec<u64> = direct.iter().take(batch.len()).map(|(n, _)| *n).collect();
        let Ok(bytes) = encode(&Request::Deliver(batch)) else { return Ok(()) };
        if !self.ask_peer(node, Protocol::Direct, bytes, Purpose::Deliver(numbers)) {
            self.retry(Task::Carry(node));
        } else if more {
            self.core.agenda.plan(Task::Carry(node), self.now);
        }
        Ok(())
    }

    /// Returns the envelopes under way to a device, by request.
    fn under_way(&self, node: NodeId) -> Vec<Vec<u64>> {
        let requests = self.core.requests.to(node);
        let deliveries = requests.filter_map(|purpose| match purpose {
            Purpose::Deliver(numbers) => Some(numbers.clone()),
            _ => None,
        });
        deliveries.collect()
    }

    /// Returns whether each of these devices that takes envelopes directly has as many under way as it
    /// may, and there is one: what is sealed now would only wait for an answer.
    pub(super) fn all_are_taking(
        &mut self,
        nodes: impl Iterator<Item = NodeId>,
    ) -> ApiResult<bool> {
        let mut any = false;
        for node in nodes {
            if self.core.net.has(&node) && !self.is_by_mail(node)? {
                if !is_full(&self.under_way(node)) {
                    return Ok(false);
                }
                any = true;
            }
        }
        Ok(any)
    }

    /// Takes a device's answer to a delivery, or that there is none.
    pub(crate) fn delivered(
        &mut self,
        node: NodeId,
        numbers: Vec<u64>,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let mut accounts = BTreeSet::new();
        let mut rows = Vec::with_capacity(numbers.len());
        for number in numbers {
            let row = self.read(&OUTBOX, &(), &(node, number))?;
            accounts.extend(row.as_ref().map(|row| row.to));
            rows.push((number, row));
        }
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        match answer {
            Some(Answer::Acks(acks)) if acks.len() == rows.len() => {
                self.core.agenda.went_well(Task::Carry(node));
                for ((number, row), ack) in rows.into_iter().zip(acks) {
                    let Some(row) = row else { continue };
                    self.acknowledged((node, number), row, ack)?;
                }
            }
            // It does not take us, or answers nonsense, or is gone: the mailbox does.
            _ => self.leave_to_mail(node)?,
        }
        // What was posted meanwhile waited for this, to travel together.
        for account in accounts {
            self.core.agenda.plan(Task::Seal(account), self.now);
        }
        self.core.agenda.plan(Task::Carry(node), self.now);
        Ok(())
    }

    fn acknowledged(
        &mut self,
        (node, number): (NodeId, u64),
        row: Outgoing,
        ack: Ack,
    ) -> ApiResult<()> {
        match ack {
            Ack::Delivered => self.finish_row((node, number), row, Progress::Delivered),
            Ack::Held | Ack::Refused(Refusal::Stranger | Refusal::Full | Refusal::Sender) => {
                self.leave_to_mail(node)
            }
            Ack::Refused(Refusal::Session) => self.send_again(node, number),
            Ack::Refused(Refusal::Malformed | Refusal::NotMine | Refusal::Expired) => self
                .finish_row((node, number), row, Progress::Failed("the device refused it".into())),
        }
    }

    /// Leaves what is for a device to its mailbox for a while.
    fn leave_to_mail(&mut self, node: NodeId) -> ApiResult<()> {
        let until = self.now + BY_MAIL_MS;
        self.open_mut()?.letters.by_mail.insert(node, until);
        self.core.agenda.plan(Task::Carry(node), until);
        Ok(())
    }

    fn is_by_mail(&mut self, node: NodeId) -> ApiResult<bool> {
        let now = self.now;
        let by_mail = &mut self.open_mut()?.letters.by_mail;
        by_mail.retain(|_, until| *until > now);
        Ok(by_mail.contains_key(&node))
    }

    /// Brings what super nodes store for a device back into the outbox: it is connected, and has to
    /// get the old before the new, or its session forgets the keys of what comes late.
    fn take_back_stored(&mut self, node: NodeId) -> ApiResult<()> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(node, 0)).at_most(&(node, u64::MAX));
        let found = STORED.scan(&self.tx, &rows, &(), &range, Order::Ascending, DIRECT_ENVELOPES);
        for (key, row) in self.stored(found)? {
            self.delete(&STORED, &(), &key)?;
            self.write(&OUTBOX, &(), &key, &row)?;
            self.open_mut()?.letters.on_way += row.weight();
        }
        Ok(())
    }

    /// Keeps an envelope that enough super nodes store until its device says that it has it.
    pub(crate) fn keep_stored(
        &mut self,
        node: NodeId,
        number: u64,
        row: &Outgoing,
        progress: Progress,
    ) -> ApiResult<()> {
        if row.about.is_empty() {
            return self.finish_outgoing(node, number, progress);
        }
        self.delete(&OUTBOX, &(), &(node, number))?;
        self.left_way(row.weight())?;
        self.open_mut()?.letters.mints.remove(&(node, number));
        self.write(&STORED, &(), &(node, number), row)?;
        for message in row.about.iter() {
            self.progressed(*message, row.to, progress.clone())?;
        }
        Ok(())
    }

    /// Forgets the envelope of a message that a device says it has: it opened the envelope, so it has
    /// what else was in it.
    pub(crate) fn arrived(&mut self, message: MessageId, node: NodeId) -> ApiResult<()> {
        let Some(Number(number)) = self.read(&ON_WAY, &(), &(message, node))? else {
            return Ok(());
        };
        self.delete(&ON_WAY, &(), &(message, node))?;
        let kept = self.read(&KEPT, &(), &(node, number))?.map(|kept| (kept.to, kept.about));
        let known = match kept {
            Some(kept) => Some(kept),
            // What it brings may have given way to newer payloads.
            None => {
                let stored = self.read(&STORED, &(), &(node, number))?;
                let row = match stored {
                    Some(row) => Some(row),
                    None => self.read(&OUTBOX, &(), &(node, number))?,
                };
                row.map(|row| (row.to, row.about))
            }
        };
        if let Some((to, about)) = known {
            for other in about {
                self.forget_place(other, node)?;
                self.progressed(other, to, Progress::Delivered)?;
            }
        }
        self.forget_kept(node, number)?;
        self.forget_envelope(node, number)
    }

    /// Notes which envelope brings these messages to a device's mailbox: a receipt will name one of them.
    pub(super) fn note_place(
        &mut self,
        node: NodeId,
        number: u64,
        about: &[MessageId],
    ) -> ApiResult<()> {
        for message in about {
            // A retry finds it there.
            let known = self.read(&ON_WAY, &(), &(*message, node))?;
            if known.is_none_or(|known| known.0 != number) {
                self.write(&ON_WAY, &(), &(*message, node), &Number(number))?;
            }
        }
        Ok(())
    }

    /// Forgets which envelope brings a message to a device's mailbox, if one does.
    pub(super) fn forget_place(&mut self, message: MessageId, node: NodeId) -> ApiResult<()> {
        // A deleted row costs as much as a written one, and most messages go directly.
        match self.read(&ON_WAY, &(), &(message, node))? {
            Some(_) => self.delete(&ON_WAY, &(), &(message, node)),
            None => Ok(()),
        }
    }

    /// Deletes an envelope, wherever it is.
    pub(crate) fn forget_envelope(&mut self, node: NodeId, number: u64) -> ApiResult<()> {
        self.delete(&STORED, &(), &(node, number))?;
        self.open_mut()?.letters.mints.remove(&(node, number));
        if let Some(row) = self.read(&OUTBOX, &(), &(node, number))? {
            self.delete(&OUTBOX, &(), &(node, number))?;
            self.left_way(row.weight())?;
        }
        Ok(())
    }

    /// Takes an envelope out of the outbox and tells the rules how far its message has come.
    pub(crate) fn finish_outgoing(
        &mut self,
        node: NodeId,
        number: u64,
        progress: Progress,
    ) -> ApiResult<()> {
        match self.read(&OUTBOX, &(), &(node, number))? {
            Some(row) => self.finish_row((node, number), row, progress),
            None => Ok(()),
        }
    }

    fn finish_row(
        &mut self,
        (node, number): (NodeId, u64),
        row: Outgoing,
        progress: Progress,
    ) -> ApiResult<()> {
        self.delete(&OUTBOX, &(), &(node, number))?;
        self.left_way(row.weight())?;
        self.open_mut()?.letters.mints.remove(&(node, number));
        // What super nodes store is not read yet.
        if !matches!(progress, Progress::Stored { .. }) {
            self.forget_kept(node, number)?;
        }
        for message in row.about {
            self.forget_place(message, node)?;
            self.progressed(message, row.to, progress.clone())?;
        }
        Ok(())
    }

    /// Reads what is on its way to a device, from a number on, and gives up what is on its way for too
    /// long.
    fn outgoing(
        &mut self,
        node: NodeId,
        first: u64,
        limit: usize,
    ) -> ApiResult<Vec<(u64, Outgoing)>> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(node, first)).at_most(&(node, u64::MAX));
        let found = OUTBOX.scan(&self.tx, &rows, &(), &range, Order::Ascending, limit);
        let mut kept = Vec::new();
        for ((_, number), row) in self.stored(found)? {
            if row.since_ms + GIVE_UP_MS < self.now {
                self.finish_outgoing(
                    node,
                    number,
                    Progress::Failed("it was on its way too long".into()),
                )?;
            } else {
                kept.push((number, row));
            }
        }
        Ok(kept)
    }
}
