//! The rows of a super node and the tables they stand in: tags 0x20 to 0x2d; groups' frames
//! have their own.
//!
//! An account stands in keys as its bare bytes: an `Address` would be checked as a curve point with
//! every row that is read.

use magpie_protocol::{
    address::NodeId,
    bounded::Blob,
    codec::Format,
    ids::{EnvelopeId, RecordHash, TokenHash},
    limits::{ENVELOPE, RECORD},
    record::{RecordKey, RecordKind},
    token::Quota,
};
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

/// An account's bytes.
pub(super) type AccountKey = [u8; 32];
/// A mailbox: one device of one account. The account is part of it, because a device list names
/// nodes that never agreed to stand there.
pub(super) type MailboxKey = (AccountKey, NodeId);

/// How much is kept in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Totals {
    /// Accounts in the directory.
    pub(super) accounts: u64,
    /// Bytes, as the bounds count them.
    pub(super) bytes: u64,
}
format!(Totals, "mesh totals row", 32);

/// A public record and how new it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptRecord {
    pub(super) term: u32,
    pub(super) version: u32,
    pub(super) counter: u64,
    pub(super) hash: RecordHash,
    /// When it came, milliseconds since the Unix epoch.
    pub(super) stored_ms: u64,
    /// As it came.
    pub(super) record: Blob<RECORD>,
}
format!(KeptRecord, "kept record row", RECORD + 128);

/// A device list that claims the place of the kept one: evidence of a fork.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fork {
    pub(super) record: Blob<RECORD>,
    pub(super) seen_ms: u64,
}
format!(Fork, "forked list row", RECORD + 32);

/// A row whose key says all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark;
format!(Mark, "mark row", 4);

/// How many tokens an account has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TokenCount(pub(super) u32);
format!(TokenCount, "token count row", 8);

/// What a token lets wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Granted(pub(super) Quota);
format!(Granted, "granted token row", 32);

/// What waits of one token in one mailbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    pub(super) envelopes: u32,
    pub(super) bytes: u64,
}
format!(Count, "token use row", 32);

/// What a mailbox holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MailboxRow {
    /// The last sequence number given out.
    pub(super) last: u64,
    /// Envelopes that wait.
    pub(super) waiting: u32,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Envelopes with a token, tombstones included.
    pub(super) places: u32,
    /// Strangers' envelopes that wait.
    pub(super) strangers: u32,
    /// Strangers' envelopes that left and are remembered.
    pub(super) past: u32,
}
format!(MailboxRow, "mailbox row", 64);

/// One sealed envelope, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mail(pub(super) Blob<ENVELOPE>);
format!(Mail, "mail row", ENVELOPE + 16);

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// It waits, let in by a token.
    Token(TokenHash),
    /// It waits in the strangers' pool.
    Stranger,
    /// It came with a token and was acknowledged: a tombstone.
    Drained,
    /// It came from a stranger and was acknowledged: a tombstone.
    Passed,
    /// It came from a stranger and gave way to a newer one: its stamp is spent.
    Pushed,
}

/// An envelope that a mailbox has, or had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its sequence number.
    pub(super) sequence: u64,
    /// Its bytes.
    pub(super) len: u32,
    /// When it came, milliseconds since the Unix epoch.
    pub(super) stored_ms: u64,
    /// When it may be forgotten, milliseconds since the Unix epoch.
    pub(super) expiry_ms: u64,
    pub(super) state: State,
}
format!(Place, "envelope place row", 96);

/// The envelope at a place of the strangers' order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StrangerRow(pub(super) EnvelopeId);
format!(StrangerRow, "stranger row", 48);

/// How much is kept in all; one row.
pub(super) const TOTALS: Table<(), Totals> = Table::new("mesh totals", 0x20);
/// Public records, by account, kind and part.
pub(super) const RECORDS: Table<(AccountKey, u8, [u8; 32]), KeptRecord> =
    Table::new("records", 0x21);
/// The first fork seen of an account's device list.
pub(super) const FORKS: Table<AccountKey, Fork> = Table::new("forked lists", 0x22);
/// The nodes of an account's devices, by its newest list.
pub(super) const LISTED: Table<MailboxKey, Mark> = Table::new("listed nodes", 0x23);
/// How many tokens an account has.
pub(super) const TOKEN_COUNTS: Table<AccountKey, TokenCount> = Table::new("token counts", 0x24);
/// The tokens that are good, by account and hash.
pub(super) const GRANTED: Table<(AccountKey, [u8; 32]), Granted> =
    Table::new("granted tokens", 0x25);
/// What waits of a token, by mailbox and hash.
pub(super) const COUNTS: Table<(AccountKey, NodeId, [u8; 32]), Count> =
    Table::new("token use", 0x26);
/// What a mailbox holds.
pub(super) const MAILBOXES: Table<MailboxKey, MailboxRow> = Table::new("mailboxes", 0x27);
/// Envelopes that wait, by mailbox and sequence number.
pub(super) const MAIL: Table<(AccountKey, NodeId, u64), Mail> = Table::new("mail", 0x28);
/// Envelopes that a mailbox has or had, until they expire.
pub(super) const PLACES: Table<(AccountKey, NodeId, EnvelopeId), Place> =
    Table::new("envelope places", 0x29);
/// The same by the time they expire.
pub(super) const EXPIRY: Table<(u64, AccountKey, NodeId, EnvelopeId), Mark> =
    Table::new("envelope expiry", 0x2a);
/// Strangers' envelopes that wait, by mailbox and sequence number.
pub(super) const POOL: Table<(AccountKey, NodeId, u64), StrangerRow> =
    Table::new("strangers' pool", 0x2b);
/// Strangers' envelopes that left, by mailbox and sequence number.
pub(super) const PAST: Table<(AccountKey, NodeId, u64), StrangerRow> =
    Table::new("past strangers", 0x2c);
/// Mailboxes whose device left its account's list: to be emptied.
pub(super) const LEFT: Table<MailboxKey, Mark> = Table::new("left mailboxes", 0x2d);

/// Returns the byte that stands for a kind of record on disk.
pub(super) const fn kind_byte(kind: RecordKind) -> u8 {
    match kind {
        RecordKind::DeviceList => 0,
        RecordKind::KeyBundle => 1,
        RecordKind::Profile => 2,
        RecordKind::Addresses => 3,
    }
}

/// Returns the key under which a record is kept.
pub(super) const fn record_key(key: &RecordKey) -> (AccountKey, u8, [u8; 32]) {
    (*key.account.as_bytes(), kind_byte(key.kind), key.part)
}
