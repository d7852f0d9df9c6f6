//! The rows of groups.

use crate::core::secret_bytes;
use magpie_protocol::{
    address::{Address, NodeId},
    bounded::Blob,
    codec::Format,
    content::MegolmKey,
    group::{EpochKey, EpochSecret, FRAME_PAYLOAD, OperationId},
    ids::{DeviceId, FrameId, GroupId, MegolmSession, MessageId},
    limits::{FRAME, OPERATION},
};
use magpie_storage::personal::PersonalTable;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

macro_rules! format {
    ($row:ty, $name:literal, $limit:expr) => {
        impl Format for $row {
            const NAME: &'static str = $name;
            const VERSION: u8 = 1;
            const LIMIT: usize = $limit;
        }
    };
}

/// Groups that are kept, those that were left among them.
pub(crate) const GROUPS_MAX: usize = 512;
/// Epoch secrets read of one group: those listened to, and a few that wait for their operation.
pub(crate) const SECRETS_MAX: usize = 32;
/// Parcels, frames and shares of groups that are on their way at once.
pub(crate) const GROUP_ON_WAY: usize = 5_000;
/// What one share carries at most: a session key or some secrets, no message.
pub(crate) const SHARE: usize = 4 << 10;

/// A group that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupRow {
    /// Since when, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
    /// Whether this account was a member, so that it is shown.
    pub(crate) shown: bool,
    /// When the person last saw a change of it, milliseconds since the Unix epoch.
    pub(crate) updated_ms: u64,
}
format!(GroupRow, "group row", 32);

/// A signed operation as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OperationRow(pub(crate) Blob<OPERATION>);
format!(OperationRow, "group operation row", OPERATION + 16);

/// The secret of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretRow {
    /// The secret.
    pub(crate) secret: EpochSecret,
    /// When it was learned, milliseconds since the Unix epoch.
    pub(crate) learned_ms: u64,
}
format!(SecretRow, "epoch secret row", 64);

/// Something that waits to be sealed in a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ParcelRow {
    /// The parcel's bytes.
    pub(crate) parcel: Blob<FRAME_PAYLOAD>,
    /// The epoch it is for; the last one if none is named.
    pub(crate) on: Option<EpochKey>,
    /// The message whose progress it decides.
    pub(crate) about: Option<MessageId>,
    /// Since when it waits, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
}
format!(ParcelRow, "waiting parcel row", FRAME_PAYLOAD + 128);

/// A frame on its way to the super nodes: a retry sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FrameRow {
    /// Its group.
    pub(crate) group: GroupId,
    /// Its epoch.
    pub(crate) epoch: EpochKey,
    /// Its id.
    pub(crate) id: FrameId,
    /// The frame.
    pub(crate) frame: Blob<FRAME>,
    /// The message whose progress it decides.
    pub(crate) about: Option<MessageId>,
    /// Since when it is on its way, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
    /// The super nodes that have it: a bit for each, in the order of the genesis.
    pub(crate) stored: u64,
}
format!(FrameRow, "outgoing frame row", FRAME + 256);

/// A payload for one member, to be sealed in an envelope inside a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShareRow {
    /// For whom.
    pub(crate) to: Address,
    /// The encoded payload.
    #[serde(with = "secret_bytes")]
    pub(crate) payload: Zeroizing<Vec<u8>>,
    /// The epoch whose frames carry it; the last one if none is named.
    pub(crate) on: Option<EpochKey>,
    /// Since when it waits, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
}
format!(ShareRow, "waiting share row", SHARE);

/// How far the frames of an epoch were fetched from a super node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor(pub(crate) u64);
format!(Cursor, "frame cursor row", 16);

/// This device's Megolm session in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutboundRow {
    /// The session.
    pub(crate) session: MegolmSession,
    /// The one before it, whose holders are still remembered.
    pub(crate) previous: Option<MegolmSession>,
    /// The pickle.
    #[serde(with = "secret_bytes")]
    pub(crate) pickle: Zeroizing<Vec<u8>>,
    /// When it was made, milliseconds since the Unix epoch.
    pub(crate) made_ms: u64,
}
format!(OutboundRow, "outbound group session row", 8 << 10);

/// The key as it was shared with one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HolderRow {
    /// Of the session, from the index at which it was shared.
    pub(crate) key: MegolmKey,
}
format!(HolderRow, "session holder row", 512);

/// Another device's Megolm session in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InboundRow {
    /// Whose it is.
    pub(crate) account: Address,
    /// The pickle.
    #[serde(with = "secret_bytes")]
    pub(crate) pickle: Zeroizing<Vec<u8>>,
    /// When it came, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
}
format!(InboundRow, "inbound group session row", 8 << 10);

/// Something said that cannot be read, or judged, yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnreadRow {
    /// The encoded [`Said`](magpie_protocol::group::Said).
    pub(crate) said: Blob<FRAME_PAYLOAD>,
    /// By whom it claims to be said.
    pub(crate) account: Address,
    /// Since when it waits, milliseconds since the Unix epoch.
    pub(crate) since_ms: u64,
}
format!(UnreadRow, "unread utterance row", FRAME_PAYLOAD + 128);

/// Something said, as it came: other members' devices may lack it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SaidRow(pub(crate) Blob<FRAME_PAYLOAD>);
format!(SaidRow, "utterance row", FRAME_PAYLOAD + 16);

/// Groups.
pub(crate) const GROUPS: PersonalTable<(), GroupId, GroupRow> = PersonalTable::new("groups");
/// Operations, by group, parents first.
pub(crate) const OPERATIONS: PersonalTable<GroupId, (u32, OperationId), OperationRow> =
    PersonalTable::new("group operations");
/// Epoch secrets, by group.
pub(crate) const SECRETS: PersonalTable<GroupId, EpochKey, SecretRow> =
    PersonalTable::new("epoch secrets");
/// Parcels that wait for a frame, by group and number.
pub(crate) const PARCELS: PersonalTable<(), (GroupId, u64), ParcelRow> =
    PersonalTable::new("waiting parcels");
/// Frames on their way, by number.
pub(crate) const FRAMES: PersonalTable<(), u64, FrameRow> = PersonalTable::new("outgoing frames");
/// Payloads for members, by group and number.
pub(crate) const SHARES: PersonalTable<(), (GroupId, u64), ShareRow> =
    PersonalTable::new("waiting shares");
/// How far frames were fetched, by epoch and super node.
pub(crate) const CURSORS: PersonalTable<(), (EpochKey, NodeId), Cursor> =
    PersonalTable::new("frame cursors");
/// This device's Megolm sessions, by group.
pub(crate) const OUTBOUND: PersonalTable<(), GroupId, OutboundRow> =
    PersonalTable::new("outbound group sessions");
/// With whom a session was shared, by session and device.
pub(crate) const HOLDERS: PersonalTable<GroupId, (MegolmSession, DeviceId), HolderRow> =
    PersonalTable::new("session holders");
/// Other devices' Megolm sessions, by group, device and session: a key can be passed on by who was
/// given it, so each device's word stands for itself.
pub(crate) const INBOUND: PersonalTable<GroupId, (DeviceId, MegolmSession), InboundRow> =
    PersonalTable::new("inbound group sessions");
/// What was said and cannot be read yet, by group, the device that claims it (zeros for one that is no
/// member's), its session, and the hash of what was said.
pub(crate) const UNREAD: PersonalTable<GroupId, (DeviceId, MegolmSession, [u8; 32]), UnreadRow> =
    PersonalTable::new("unread utterances");
/// A row whose key says all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark;
format!(Mark, "utterance place row", 4);

/// What was said, by group, clock and message: to compare with others.
pub(crate) const SAID_ORDER: PersonalTable<GroupId, (u64, MessageId), Mark> =
    PersonalTable::new("utterance places");
/// What was said, by group and message.
pub(crate) const SAID: PersonalTable<GroupId, MessageId, SaidRow> =
    PersonalTable::new("utterances");
