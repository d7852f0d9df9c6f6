//! How much a super node keeps, and how much one peer may make it do.
//!
//! Sizes are bytes, times are milliseconds, unless the name says otherwise.

use magpie_protocol::limits::DAY_MS;

/// All rows of directory and mail together, as `Totals` counts them.
pub(super) const DISK_BYTES: u64 = 64 << 30;
/// The part of it that mail and tokens may take: mail never keeps a record out.
pub(super) const MAIL_DISK_BYTES: u64 = 48 << 30;
/// Accounts in the directory.
pub(super) const ACCOUNTS_KEPT: u64 = 1_000_000;
/// What one row costs beside its value: its keys, its indices and the engine's share.
pub(super) const ROW_BYTES: u64 = 512;
/// How long a storage receipt says that a record is kept.
pub(super) const RECORD_KEPT_MS: u64 = 365 * DAY_MS;

/// Tokens of one account.
pub(super) const TOKENS_PER_ACCOUNT: u32 = 4_096;
/// Envelopes with a token in one mailbox, those that left a tombstone included.
pub(super) const MAILBOX_PLACES: u32 = 131_072;
/// Envelopes that wait in one mailbox, in bytes.
pub(super) const MAILBOX_BYTES: u64 = 1 << 30;
/// Strangers' envelopes that wait in one mailbox.
pub(super) const STRANGERS_POOL: u32 = 64;
/// Strangers' envelopes that one mailbox remembers after they left it.
pub(super) const STRANGERS_PAST: u32 = 1_024;

/// The part of the mail's disk that frames of groups may take. A put of a frame shows no token, so
/// frames never keep other mail out.
pub(super) const GROUP_DISK_BYTES: u64 = 16 << 30;
/// Epochs of which frames are kept.
pub(super) const EPOCHS_KEPT: u64 = 65_536;
/// Frames of one epoch.
pub(super) const FRAMES_PER_EPOCH: u32 = 131_072;
/// Frames of one epoch, in bytes.
pub(super) const EPOCH_BYTES: u64 = 256 << 20;
/// Frames of one sender in an epoch.
pub(super) const SENDER_FRAMES: u32 = 16_384;
/// Frames of one sender in an epoch, in bytes.
pub(super) const SENDER_BYTES: u64 = 64 << 20;
/// Epochs new to this node that one peer may bring at once, by a put or by asking.
pub(super) const PEER_EPOCHS: u32 = 256;
/// The time in which a peer gets one of them back: fewer than the epochs kept, over 30 days.
pub(super) const PEER_EPOCH_MS: u64 = 60_000;
/// Topics that are joined: as many as the transport subscribes to, but the ledger's.
pub(super) const TOPICS_JOINED: usize = 1_023;
/// A topic of which no frames are kept is left when nobody asked for so long; one that is kept gives
/// way to another after it.
pub(super) const TOPIC_IDLE_MS: u64 = 60 * 60 * 1_000;
/// Epochs read at a time while topics are joined at the start.
pub(super) const EPOCHS_PER_READ: usize = 1_024;

/// Frames, envelopes that expired, and envelopes whose device left, forgotten in one step.
pub(super) const FORGOTTEN_PER_STEP: usize = 128;
/// Rows that a fetch reads at a time: one answer's worth of the largest.
pub(super) const FETCH_PAGE: usize = 16;
/// Room left in an answer for what stands around its items.
pub(super) const ANSWER_MARGIN: usize = 256;

/// New accounts an hour, and strangers' envelopes an hour, that ask for no more than the base effort.
pub(super) const ARRIVALS_IDLE: u32 = 256;

/// A device is told of waiting mail at most once in this time.
pub(super) const NOTICE_EVERY_MS: u64 = 1_000;
/// Devices with a notice due or just sent.
pub(super) const NOTICES: usize = 4_096;

/// What one peer may spend at once, in units.
pub(super) const PEER_BURST: i64 = 1_024;
/// Units that a peer gets back in a second.
pub(super) const PEER_UNITS_PER_SECOND: i64 = 64;
/// How far below zero a peer that does not wait may fall before it counts as flooding.
pub(super) const PEER_DEBT: i64 = 1_024;
/// Bytes in or out that cost one unit.
pub(super) const UNIT_BYTES: usize = 16 << 10;
/// Envelopes put, tokens or acknowledgements that cost one unit; a record put costs one each.
pub(super) const UNIT_ITEMS: usize = 8;
/// Peers whose spending is remembered.
pub(super) const PEERS_REMEMBERED: usize = 8_192;
/// The longest that a peer is told to wait, in seconds.
pub(super) const WAIT_SECONDS_MAX: u16 = 60;
