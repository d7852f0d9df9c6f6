//! The mailbox of an epoch: read once by a rule, changed, and written back once.

use super::{
    super::{
        bounds::{
            EPOCH_BYTES, EPOCHS_KEPT, FRAMES_PER_EPOCH, GROUP_DISK_BYTES, MAIL_DISK_BYTES,
            ROW_BYTES, SENDER_BYTES, SENDER_FRAMES,
        },
        rows::{TOTALS, Totals},
    },
    rows::{EPOCHS, EpochBytes, EpochRow, GROUP_TOTALS, GroupTotals, SHARES, Share},
};
use crate::core::turn::Turn;
use magpie_protocol::mail::Refusal;
use magpie_storage::table::TableError;

/// An epoch in the hands of a rule.
#[derive(Debug)]
pub(super) struct OpenEpoch {
    pub(super) at: EpochBytes,
    row: EpochRow,
    /// Whether it had frames when it was taken in hand.
    pub(super) known: bool,
    groups: GroupTotals,
    totals: Totals,
}

impl OpenEpoch {
    /// Says why a frame of `len` bytes by a sender with this share may not come in, if it may not.
    pub(super) fn refusal(&self, share: &Share, len: u64) -> Option<Refusal> {
        let crowded = self.row.frames >= FRAMES_PER_EPOCH || share.frames >= SENDER_FRAMES;
        let heavy = self.row.bytes.saturating_add(len) > EPOCH_BYTES
            || share.bytes.saturating_add(len) > SENDER_BYTES;
        if crowded || heavy {
            return Some(Refusal::OverQuota);
        }
        let cost = len.saturating_add(self.row_cost());
        let full = self.groups.bytes.saturating_add(cost) > GROUP_DISK_BYTES
            || self.totals.bytes.saturating_add(cost) > MAIL_DISK_BYTES
            || (!self.known && self.groups.epochs >= EPOCHS_KEPT);
        full.then_some(Refusal::Full)
    }

    /// Counts a frame in and returns its sequence number.
    pub(super) fn count_in(&mut self, len: u32, now: u64) -> u64 {
        if self.row.frames == 0 {
            self.groups.epochs = self.groups.epochs.saturating_add(1);
        }
        let cost = u64::from(len).saturating_add(self.row_cost());
        self.groups.bytes = self.groups.bytes.saturating_add(cost);
        self.totals.bytes = self.totals.bytes.saturating_add(cost);
        // The time is the least number, so that numbers rise over the end of an epoch's mailbox and
        // its beginning anew, and a member's cursor stays behind what it has not seen.
        self.row.last = self.row.last.saturating_add(1).max(now);
        self.row.frames = self.row.frames.saturating_add(1);
        self.row.bytes = self.row.bytes.saturating_add(u64::from(len));
        self.row.last
    }

    /// Counts a frame out.
    pub(super) fn count_out(&mut self, len: u32) {
        self.row.frames = self.row.frames.saturating_sub(1);
        self.row.bytes = self.row.bytes.saturating_sub(u64::from(len));
        let cost = u64::from(len).saturating_add(self.row_cost());
        self.groups.bytes = self.groups.bytes.saturating_sub(cost);
        self.totals.bytes = self.totals.bytes.saturating_sub(cost);
        if self.row.frames == 0 {
            self.groups.epochs = self.groups.epochs.saturating_sub(1);
        }
    }

    /// Whether nothing of the epoch is left.
    pub(super) const fn is_empty(&self) -> bool {
        self.row.frames == 0
    }

    /// Bytes beside a frame's own: the first of an epoch pays for the epoch's row, and the last
    /// gives it back.
    const fn row_cost(&self) -> u64 {
        if self.row.frames == 0 { 2 * ROW_BYTES } else { ROW_BYTES }
    }
}

impl Turn<'_> {
    /// Takes an epoch in hand.
    pub(super) fn open_epoch(&self, at: EpochBytes) -> Result<OpenEpoch, TableError> {
        let row = EPOCHS.get(&self.tx, &at)?;
        let groups = GROUP_TOTALS.get(&self.tx, &())?.unwrap_or_default();
        let (known, totals) = (row.is_some(), self.totals()?);
        Ok(OpenEpoch { at, row: row.unwrap_or_default(), known, groups, totals })
    }

    /// Writes back what changed of an epoch in hand.
    pub(super) fn close_epoch(&mut self, epoch: &OpenEpoch) -> Result<(), TableError> {
        if epoch.is_empty() {
            EPOCHS.delete(&mut self.tx, &epoch.at);
        } else {
            EPOCHS.put(&mut self.tx, &epoch.at, &epoch.row)?;
        }
        GROUP_TOTALS.put(&mut self.tx, &(), &epoch.groups)?;
        TOTALS.put(&mut self.tx, &(), &epoch.totals)
    }

    /// Returns what is kept of a sender's in an epoch.
    pub(super) fn share(&self, at: EpochBytes, sender: [u8; 32]) -> Result<Share, TableError> {
        Ok(SHARES.get(&self.tx, &(at, sender))?.unwrap_or_default())
    }
}
