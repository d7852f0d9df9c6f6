//! The payload of each envelope, kept until its device has it: what the device cannot read is sent
//! again, a few times.

use super::{
    progress::Progress,
    rows::{KEPT, Kept, SENT_AS, SentAs},
    seal::Load,
    sender::Sender,
};
use crate::core::turn::Turn;
use magpie_protocol::{address::NodeId, api::ApiResult, ids::EnvelopeId};
use magpie_storage::{engine::Order, table::Keys};

/// How often a payload is sent again, at most: the first time in the session there is, for the
/// envelope was merely late; then each time in a new session, for the device has lost its own.
const SENT_AGAIN: u8 = 3;
/// Payloads kept for one device, at most; the oldest gives way. Super nodes let fewer wait.
const KEPT_PER_DEVICE: usize = 8_192;
/// Outdated payloads forgotten for each new one, at most.
const FORGOTTEN_PER_PAYLOAD: usize = 2;
/// How long nobody looks for outdated ones after there was none, milliseconds.
const LOOK_MS: u64 = 60_000;

impl Turn<'_> {
    /// Keeps what an envelope brings, and forgets what is too old for anybody to ask for.
    pub(super) fn keep_payload(&mut self, node: NodeId, number: u64, kept: &Kept) -> ApiResult<()> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(node, 0)).at_most(&(node, u64::MAX));
        let count = match self.open()?.letters.kept.get(&node) {
            Some(count) => *count,
            None => {
                let all =
                    KEPT.scan(&self.tx, &rows, &(), &range, Order::Ascending, KEPT_PER_DEVICE);
                self.stored(all)?.len()
            }
        };
        self.open_mut()?.letters.kept.insert(node, count);
        let looked_ms = self.open()?.letters.kept_looked.get(&node).copied();
        if count >= KEPT_PER_DEVICE || looked_ms.is_none_or(|at| at + LOOK_MS <= self.now) {
            let oldest =
                KEPT.scan(&self.tx, &rows, &(), &range, Order::Ascending, FORGOTTEN_PER_PAYLOAD);
            let retention_ms = self.core.mail_retention_ms();
            let mut all_outdated = true;
            for (at, ((_, old), row)) in self.stored(oldest)?.into_iter().enumerate() {
                if row.since_ms + retention_ms < self.now || count >= KEPT_PER_DEVICE + at {
                    self.forget_kept(node, old)?;
                } else {
                    all_outdated = false;
                }
            }
            if !all_outdated {
                let now = self.now;
                self.open_mut()?.letters.kept_looked.insert(node, now);
            }
        }
        self.write(&KEPT, &(), &(node, number), kept)?;
        self.write(&SENT_AS, &(), &kept.id, &SentAs { node, number })?;
        *self.open_mut()?.letters.kept.entry(node).or_default() += 1;
        Ok(())
    }

    /// Forgets what an envelope brings: its device has it, or it was given up.
    pub(super) fn forget_kept(&mut self, node: NodeId, number: u64) -> ApiResult<()> {
        let Some(kept) = self.read(&KEPT, &(), &(node, number))? else { return Ok(()) };
        self.delete(&KEPT, &(), &(node, number))?;
        self.delete(&SENT_AS, &(), &kept.id)?;
        if let Some(count) = self.open_mut()?.letters.kept.get_mut(&node) {
            *count = count.saturating_sub(1);
        }
        Ok(())
    }

    /// Returns the device and number of an envelope, if it was sent to the device that names it.
    pub(super) fn sent_as(
        &mut self,
        id: EnvelopeId,
        by: Sender,
    ) -> ApiResult<Option<(NodeId, u64)>> {
        let Some(SentAs { node, number }) = self.read(&SENT_AS, &(), &id)? else {
            return Ok(None);
        };
        let kept = self.read(&KEPT, &(), &(node, number))?;
        let is_theirs = kept.is_some_and(|k| (k.to, k.device) == (by.account, by.device));
        Ok(is_theirs.then_some((node, number)))
    }

    /// Sends what an envelope brought in another one, for its device cannot read it; too often, and
    /// its message counts as failed.
    pub(super) fn send_again(&mut self, node: NodeId, number: u64) -> ApiResult<()> {
        let Some(kept) = self.read(&KEPT, &(), &(node, number))? else {
            return self.finish_outgoing(node, number, Progress::Unreadable);
        };
        self.forget_kept(node, number)?;
        self.forget_envelope(node, number)?;
        let person = self.correspondent(kept.to)?.filter(|_| kept.unread < SENT_AGAIN);
        let bundle = person.as_ref().and_then(|person| person.bundles.get(&kept.device));
        if let (Some(person), Some(bundle)) = (&person, bundle) {
            if kept.unread > 0 {
                self.open_anew(kept.device)?;
            }
            let (payload, about) = (kept.payload, kept.about.clone());
            let load = Load { payload, about, since_ms: kept.since_ms };
            if self.seal_to(person, bundle, &load, kept.unread + 1)? {
                return Ok(());
            }
        }
        for message in kept.about {
            self.forget_place(message, node)?;
            self.progressed(message, kept.to, Progress::Unreadable)?;
        }
        Ok(())
    }
}
