//! Leaving mail: an envelope goes to every super node, and is stored when a majority signed for it.

use super::{
    progress::Progress,
    rows::{OUTBOX, Outgoing, TOKENS},
};
use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::List,
    codec::{decode, encode},
    limits::{DAY_MS, MAIL_ENVELOPES, MAIL_FRAME},
    mail::{Answer, Auth, Put, PutAnswer, Refusal, Request},
    receipt::Stored,
    stamp::{Mint, Subject},
};
use std::collections::BTreeMap;

/// How long an unknown token is tried again before the message counts as failed (page 5).
const UNKNOWN_TOKEN_MS: u64 = DAY_MS;
/// Tries at a stamp in one step: about ten milliseconds.
const TRIES_PER_STEP: u32 = 1 << 15;
/// What a put takes in a frame beside its envelope, at most.
const PUT_OVERHEAD: usize = 160;

impl Turn<'_> {
    /// Leaves envelopes at every super node that does not have them yet.
    pub(crate) fn deposit(&mut self, node: NodeId, rows: Vec<(u64, Outgoing)>) -> ApiResult<()> {
        let supers = self.core.supers();
        let mut ready = Vec::new();
        for (number, row) in rows {
            // It was taken back for a connection that did not last.
            if !row.about.is_empty() && self.is_stored(&row) {
                self.stored_at(node, number, row)?;
                continue;
            }
            let taken = self.read(&TOKENS, &(), &row.to)?.and_then(|pair| pair.taken);
            let auth = match (taken, row.stamp) {
                (Some(token), _) => Auth::Token(token),
                (None, Some(stamp)) => Auth::Stamp(stamp),
                (None, None) => {
                    let effort = self.core.stamp_effort();
                    self.plan_mint(node, number, &row, effort)?;
                    continue;
                }
            };
            ready.push((number, row, auth));
        }
        let (mut asked, mut noted) = (false, BTreeMap::new());
        for to in supers {
            let Some((index, ..)) = self.core.super_at(to) else { continue };
            let busy = |p: &Purpose| matches!(p, Purpose::Deposit(device, _) if *device == node);
            if self.core.requests.is_waiting(to, busy) {
                asked = true;
                continue;
            }
            let mut puts = List::<Put, MAIL_ENVELOPES>::default();
            let (mut numbers, mut room) = (Vec::new(), MAIL_FRAME - 64);
            for (number, row, auth) in &ready {
                let size = row.envelope.len() + PUT_OVERHEAD;
                if row.stored & (1 << index) != 0 {
                    continue;
                }
                let (account, envelope) = (row.to, row.envelope.clone());
                let put = Put { account, mailbox: node, auth: auth.clone(), envelope };
                if room < size || puts.push(put).is_err() {
                    break;
                }
                room -= size;
                numbers.push(*number);
                if row.stored == 0 {
                    noted.insert(*number, row.about.clone());
                }
            }
            if numbers.is_empty() {
                continue;
            }
            let Ok(bytes) = encode(&Request::Put(puts)) else { continue };
            asked |= self.ask_peer(to, Protocol::Mail, bytes, Purpose::Deposit(node, numbers));
        }
        for (number, about) in noted {
            self.note_place(node, number, &about)?;
        }
        if !asked && !ready.is_empty() {
            self.retry(Task::Carry(node));
        }
        Ok(())
    }

    /// Takes a super node's answer to a deposit, or that there is none.
    pub(crate) fn deposited(
        &mut self,
        from: NodeId,
        node: NodeId,
        numbers: Vec<u64>,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let mut again = true;
        if let Some(Answer::Put(results)) = answer
            && results.len() == numbers.len()
        {
            again = false;
            for (number, result) in numbers.into_iter().zip(results) {
                again |= self.one_deposited(from, node, number, result)?;
            }
        }
        let busy = |p: &Purpose| matches!(p, Purpose::Deposit(device, _) if *device == node);
        if !again {
            self.core.agenda.went_well(Task::Carry(node));
            self.core.agenda.plan(Task::Carry(node), self.now);
        } else if !self.core.supers().iter().any(|to| self.core.requests.is_waiting(*to, busy)) {
            self.retry(Task::Carry(node));
        }
        Ok(())
    }

    /// Returns whether the super node has to be asked again.
    fn one_deposited(
        &mut self,
        from: NodeId,
        node: NodeId,
        number: u64,
        result: PutAnswer,
    ) -> ApiResult<bool> {
        let Some(mut row) = self.read(&OUTBOX, &(), &(node, number))? else { return Ok(false) };
        let refusal = match result {
            PutAnswer::Stored(receipt) => {
                let put = Stored::Envelope { mailbox: node, envelope: row.id };
                let Some((index, keys, network)) = self.core.super_at(from) else {
                    return Ok(false);
                };
                if receipt.verify(network, &keys, &put).is_err() {
                    return Ok(true);
                }
                row.stored |= 1 << index;
                return self.stored_at(node, number, row);
            }
            PutAnswer::Refused(refusal) => refusal,
        };
        match refusal {
            // Whoever works again and again, or for what nobody may ask, works for a liar: the others
            // get what there is.
            Refusal::StampWanted { effort }
                if effort > self.core.stamp_effort_at_most()
                    || row.stamp.is_some_and(|stamp| stamp.claims(self.now, effort)) =>
            {
                Ok(true)
            }
            Refusal::StampWanted { effort } => {
                row.stamp = None;
                self.write(&OUTBOX, &(), &(node, number), &row)?;
                self.plan_mint(node, number, &row, effort)?;
                Ok(false)
            }
            Refusal::UnknownToken if row.since_ms + UNKNOWN_TOKEN_MS < self.now => {
                let failed =
                    Progress::Failed("the recipient's super nodes do not let it in".into());
                self.finish_outgoing(node, number, failed)?;
                Ok(false)
            }
            Refusal::UnknownToken
            | Refusal::OverQuota
            | Refusal::Full
            | Refusal::NotHere
            | Refusal::UnknownDevice
            | Refusal::Wait { .. } => Ok(true),
            Refusal::TooLarge | Refusal::Expiry | Refusal::Malformed => {
                let failed = Progress::Failed("the super nodes refuse it".into());
                self.finish_outgoing(node, number, failed)?;
                Ok(false)
            }
        }
    }

    fn is_stored(&self, row: &Outgoing) -> bool {
        usize::try_from(row.stored.count_ones()).is_ok_and(|k| k >= self.core.enough_to_write())
    }

    fn stored_at(&mut self, node: NodeId, number: u64, row: Outgoing) -> ApiResult<bool> {
        let n = self.core.supers().len();
        let k = row.stored.count_ones();
        // From the majority on the mailbox answers for it; the others get it while they are asked
        // anyway, but nothing waits for them.
        if self.is_stored(&row) {
            let (k, n) = (u8::try_from(k).unwrap_or(u8::MAX), u8::try_from(n).unwrap_or(u8::MAX));
            self.keep_stored(node, number, &row, Progress::Stored { k, n })?;
        } else {
            self.write(&OUTBOX, &(), &(node, number), &row)?;
        }
        Ok(false)
    }

    fn plan_mint(
        &mut self,
        node: NodeId,
        number: u64,
        row: &Outgoing,
        effort: u8,
    ) -> ApiResult<()> {
        let subject = Subject::Envelope { mailbox: node, envelope: row.id };
        let start = self.rng.next_u64();
        match Mint::new(&subject, self.now, effort, start) {
            Ok(mint) => {
                let mints = &mut self.open_mut()?.letters.mints;
                mints.entry((node, number)).or_insert(mint);
                self.core.agenda.plan(Task::Mint(node), self.now);
                Ok(())
            }
            Err(_) => {
                let failed = Progress::Failed("the super nodes ask for too much work".into());
                self.finish_outgoing(node, number, failed)
            }
        }
    }

    /// Works on the stamps for a device's mailbox for a moment.
    pub(crate) fn mint(&mut self, node: NodeId) -> ApiResult<()> {
        let mints = &mut self.open_mut()?.letters.mints;
        let next = mints.range_mut((node, 0)..=(node, u64::MAX)).next();
        let Some((&(_, number), mint)) = next else { return Ok(()) };
        let Some(stamp) = mint.step(TRIES_PER_STEP) else {
            self.core.agenda.plan(Task::Mint(node), self.now);
            return Ok(());
        };
        self.open_mut()?.letters.mints.remove(&(node, number));
        if let Some(mut row) = self.read(&OUTBOX, &(), &(node, number))? {
            row.stamp = Some(stamp);
            self.write(&OUTBOX, &(), &(node, number), &row)?;
        }
        self.core.agenda.plan(Task::Mint(node), self.now);
        self.core.agenda.plan(Task::Carry(node), self.now);
        Ok(())
    }
}
