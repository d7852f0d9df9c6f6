//! The rows of group mail and the tables they stand in: tags 0x2e to 0x33.
//!
//! An epoch and a frame stand in keys as their bare bytes.

use super::super::rows::Mark;
use magpie_protocol::{bounded::Blob, codec::Format, limits::FRAME};
use magpie_storage::table::Table;
use serde::{Deserialize, Serialize};

macro_rules! format {
    ($row:ty, $name:literal, $limit:expr) => {
        impl Format for $row {
            const NAME: &'static str = $name;
            const VERSION: u8 = 1;
            const LIMIT: usize = $limit;
        }
    };
}

/// An epoch's public key.
pub(in super::super) type EpochBytes = [u8; 32];
/// A frame's id.
pub(in super::super) type FrameBytes = [u8; 32];

/// How much group mail is kept in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct GroupTotals {
    /// Epochs with frames.
    pub(in super::super) epochs: u64,
    /// Bytes, as the bounds count them; `Totals` counts them as well.
    pub(in super::super) bytes: u64,
}
format!(GroupTotals, "group mail totals row", 32);

/// What is kept of an epoch; there is no row without a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct EpochRow {
    /// The last sequence number given out, at least the time when it was.
    pub(in super::super) last: u64,
    /// Frames.
    pub(in super::super) frames: u32,
    /// Their bytes.
    pub(in super::super) bytes: u64,
}
format!(EpochRow, "epoch row", 32);

/// One frame, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct KeptFrame(pub(in super::super) Blob<FRAME>);
format!(KeptFrame, "kept frame row", FRAME + 16);

/// Where a frame stands in its epoch, and on whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct FramePlace {
    /// Its sequence number.
    pub(in super::super) sequence: u64,
    /// Its bytes.
    pub(in super::super) len: u32,
    /// When it came, milliseconds since the Unix epoch.
    pub(in super::super) stored_ms: u64,
    /// When it is forgotten, milliseconds since the Unix epoch.
    pub(in super::super) expiry_ms: u64,
    /// What its sender is called in the epoch.
    pub(in super::super) sender: [u8; 32],
}
format!(FramePlace, "frame place row", 80);

/// What is kept of one sender's in an epoch; there is no row without a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Share {
    /// Frames.
    pub(in super::super) frames: u32,
    /// Their bytes.
    pub(in super::super) bytes: u64,
}
format!(Share, "sender share row", 32);

/// What is kept of an epoch.
pub(in super::super) const EPOCHS: Table<EpochBytes, EpochRow> = Table::new("epochs", 0x2e);
/// Frames, by epoch and sequence number.
pub(in super::super) const FRAMES: Table<(EpochBytes, u64), KeptFrame> = Table::new("frames", 0x2f);
/// Where frames stand, by epoch and id.
pub(in super::super) const FRAME_PLACES: Table<(EpochBytes, FrameBytes), FramePlace> =
    Table::new("frame places", 0x30);
/// Frames by the time they expire.
pub(in super::super) const FRAME_EXPIRY: Table<(u64, EpochBytes, FrameBytes), Mark> =
    Table::new("frame expiry", 0x31);
/// What is kept of each sender's, by epoch and what the sender is called there.
pub(in super::super) const SHARES: Table<(EpochBytes, [u8; 32]), Share> =
    Table::new("sender shares", 0x32);
/// How much group mail is kept in all; one row.
pub(in super::super) const GROUP_TOTALS: Table<(), GroupTotals> =
    Table::new("group mail totals", 0x33);
