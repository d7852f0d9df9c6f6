//! Carrying: what is sealed for a device goes to it if it is connected, else to its mailbox.

use super::{
    progress::Progress,
    rows::{OUTBOX, Outgoing},
};
use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::{decode, encode},
    direct::{self, Ack, Answer, Refusal, Request},
    limits::{DAY_MS, DIRECT_ENVELOPES, MAIL_ENVELOPES},
};
use magpie_storage::{engine::Order, table::Keys};

/// How long an envelope may be on its way before it counts as failed, milliseconds.
const GIVE_UP_MS: u64 = 7 * DAY_MS;

impl Turn<'_> {
    /// Sends what is sealed for a device, one request at a time: all that waits travels in one.
    pub(crate) fn carry(&mut self, node: NodeId) -> ApiResult<()> {
        let busy = |purpose: &Purpose| matches!(purpose, Purpose::Deliver(_));
        if self.core.requests.is_waiting(node, busy) {
            // Its answer plans the next one.
            return Ok(());
        }
        if !self.core.net.has(&node) {
            let depositing = |p: &Purpose| matches!(p, Purpose::Deposit(to, _) if *to == node);
            let supers = self.core.supers();
            if supers.iter().all(|to| self.core.requests.is_waiting(*to, depositing)) {
                return Ok(());
            }
            let rows = self.outgoing(node, MAIL_ENVELOPES)?;
            return self.deposit(node, rows);
        }
        let rows = self.outgoing(node, DIRECT_ENVELOPES)?;
        let (by_mail, direct): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(_, row)| row.by_mail);
        if !by_mail.is_empty() {
            self.deposit(node, by_mail)?;
        }
        if direct.is_empty() {
            return Ok(());
        }
        let batch = direct::batch(direct.iter().map(|(_, row)| &row.envelope[..]));
        let numbers: Vec<u64> = direct.iter().take(batch.len()).map(|(n, _)| *n).collect();
        let Ok(bytes) = encode(&Request::Deliver(batch)) else { return Ok(()) };
        if !self.ask_peer(node, Protocol::Direct, bytes, Purpose::Deliver(numbers)) {
            self.retry(Task::Carry(node));
        }
        Ok(())
    }

    /// Takes a device's answer to a delivery, or that there is none.
    pub(crate) fn delivered(
        &mut self,
        node: NodeId,
        numbers: Vec<u64>,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        match answer {
            Some(Answer::Acks(acks)) if acks.len() == numbers.len() => {
                self.core.agenda.went_well(Task::Carry(node));
                for (number, ack) in numbers.into_iter().zip(acks) {
                    self.acknowledged(node, number, ack)?;
                }
            }
            // It does not take us, or answers nonsense, or is gone: the mailbox does.
            _ => {
                for number in numbers {
                    self.leave_to_mail(node, number)?;
                }
            }
        }
        self.core.agenda.plan(Task::Carry(node), self.now);
        Ok(())
    }

    fn acknowledged(&mut self, node: NodeId, number: u64, ack: Ack) -> ApiResult<()> {
        match ack {
            Ack::Delivered => self.finish_outgoing(node, number, Progress::Delivered),
            Ack::Held | Ack::Refused(Refusal::Stranger | Refusal::Full | Refusal::Sender) => {
                self.leave_to_mail(node, number)
            }
            Ack::Refused(Refusal::Session) => {
                self.finish_outgoing(node, number, Progress::Failed("it could not be read".into()))
            }
            Ack::Refused(Refusal::Malformed | Refusal::NotMine | Refusal::Expired) => {
                self.finish_outgoing(node, number, Progress::Failed("the device refused it".into()))
            }
        }
    }

    fn leave_to_mail(&mut self, node: NodeId, number: u64) -> ApiResult<()> {
        if let Some(mut row) = self.read(&OUTBOX, &(), &(node, number))? {
            row.by_mail = true;
            self.write(&OUTBOX, &(), &(node, number), &row)?;
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
        let Some(row) = self.read(&OUTBOX, &(), &(node, number))? else { return Ok(()) };
        self.delete(&OUTBOX, &(), &(node, number))?;
        self.left_way()?;
        self.open_mut()?.letters.mints.remove(&(node, number));
        match row.about {
            Some(message) => self.progressed(message, row.to, progress),
            None => Ok(()),
        }
    }

    /// Reads what is on its way to a device, and gives up what is on its way for too long.
    fn outgoing(&mut self, node: NodeId, limit: usize) -> ApiResult<Vec<(u64, Outgoing)>> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(node, 0)).at_most(&(node, u64::MAX));
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
