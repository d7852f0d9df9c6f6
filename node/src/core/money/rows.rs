//! The rows of money: the headers that are followed, what this account signed, and the packets and
//! transfers that it knows of.

use magpie_protocol::{
    address::Address,
    bounded::{Blob, Text},
    codec::Format,
    content::{PacketCard, PacketMessage, TransferCard, TransferMessage},
    ids::{GroupId, MessageId},
    ledger::{Amount, BlockHash, EntryId},
    limits::{ENTRY, LIGHT_BYTES},
};
use magpie_storage::{personal::PersonalTable, table::Table, tag};
use serde::{Deserialize, Serialize};

/// Signed entries of which the ledger has not said what became of them, at most.
pub(crate) const WAITING_MAX: usize = 256;
/// Cards of one packet that are kept, at most: one is its maker's.
pub(crate) const CARDS_MAX: usize = 16;
/// Characters of what is said of a ledger that broke its rules, at most.
const BREACH_CHARS: usize = 256;
/// For how long a key of a call names the same entry, milliseconds.
pub(crate) const IDEMPOTENT_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// The headers that this node follows, as [`Light`](magpie_wallet::light::Light) keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LightRow(pub(crate) Blob<LIGHT_BYTES>);

/// Where the ledger broke its own rules, as this node found by itself: kept for the person and as
/// evidence, and so that nothing is believed after a restart either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Breach {
    /// The packet whose shares are not those that its beacons draw.
    pub(crate) packet: EntryId,
    /// The height of the header under which that was proven.
    pub(crate) height: u64,
    /// That header with its certificate, as its validators signed it.
    pub(crate) header: Blob<LIGHT_BYTES>,
    /// What is wrong, in words.
    pub(crate) why: Text<BREACH_CHARS>,
    /// When it was found, milliseconds since the Unix epoch.
    pub(crate) found_ms: u64,
}

/// The checkpoint of a network file that this node has found in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// Its height.
    pub(crate) height: u64,
    /// Its hash.
    pub(crate) hash: BlockHash,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fate {
    /// It was handed to super nodes, or is about to be.
    Sent,
    /// It stands in a block, at the latest of this height.
    Final {
        /// The height under which it was proven.
        height: u64,
    },
    /// It stands in no block and never will.
    Never,
}

/// An entry that this account signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// The signed entry.
    pub(crate) entry: Blob<ENTRY>,
    /// When it was signed, milliseconds since the Unix epoch.
    pub(crate) signed_ms: u64,
    /// What became of it.
    pub(crate) fate: Fate,
}

/// What a key of a call stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    /// The entry that the call made.
    pub(crate) entry: EntryId,
    /// The digest of what was asked.
    pub(crate) request: [u8; 32],
    /// When, milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
}

/// A packet that this account made, or got a card of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PacketRow {
    /// The card; before one was sent, what it will say.
    pub(crate) card: PacketCard,
    /// Who made it.
    pub(crate) sender: Address,
    /// The group whose members may claim, once that is said.
    pub(crate) group: Option<GroupId>,
    /// The message that carries the card.
    pub(crate) message: Option<MessageId>,
    /// When it was made, or its card came, milliseconds since the Unix epoch.
    pub(crate) made_ms: u64,
}

/// A transfer that this account made, or got a card of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TransferRow {
    /// The card; before one was sent, what it will say.
    pub(crate) card: TransferCard,
    /// Who made it.
    pub(crate) sender: Address,
    /// The message that carries the card.
    pub(crate) message: Option<MessageId>,
    /// When it was made, or its card came, milliseconds since the Unix epoch.
    pub(crate) made_ms: u64,
}

/// Why a wallet's balance changed, by seed `000`'s numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// A transfer was accepted here: 3.
    Received,
    /// A transfer was paid: 4.
    Transferred,
    /// A packet was made: 5.
    Packet,
    /// A share was got: 6.
    Share,
    /// What was left of a packet, or a transfer, came back: 7.
    Returned,
}

/// One change of the balance that this node knows the reason of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Why.
    pub(crate) change: Change,
    /// How much, without the fee.
    pub(crate) amount: Amount,
    /// What it cost besides.
    pub(crate) fee: Amount,
    /// The height of the header under which it was proven.
    pub(crate) height: u64,
    /// What was remarked on it.
    pub(crate) remark: String,
    /// The packet or transfer.
    pub(crate) uid: EntryId,
    /// When it was proven here, milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
}

/// A row that says only that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark;

macro_rules! format {
    ($row:ty, $name:literal, $limit:expr) => {
        impl Format for $row {
            const NAME: &'static str = $name;
            const VERSION: u8 = 1;
            const LIMIT: usize = $limit;
        }
    };
}

format!(LightRow, "followed headers", LIGHT_BYTES + 8);
format!(Breach, "ledger breach", LIGHT_BYTES + 4 * BREACH_CHARS + 128);
format!(Checked, "checked checkpoint", 48);
format!(Operation, "operation", ENTRY + 64);
format!(Named, "named entry", 96);
format!(PacketRow, "packet row", PacketMessage::LIMIT + 256);
format!(TransferRow, "transfer row", TransferMessage::LIMIT + 256);
format!(Record, "balance change", 4_096);
format!(Mark, "money mark", 8);

/// The headers that this node follows.
pub(crate) const LIGHT: Table<(), LightRow> = Table::new("followed headers", tag::PUBLIC + 4);
/// That the ledger broke its own rules, once this node has found it to.
pub(crate) const BREACH: Table<(), Breach> = Table::new("ledger breach", tag::PUBLIC + 5);
/// The checkpoint that was found in the chain last.
pub(crate) const CHECKED: Table<(), Checked> = Table::new("checked checkpoint", tag::PUBLIC + 6);
/// What this account signed.
pub(crate) const OPERATIONS: PersonalTable<(), EntryId, Operation> =
    PersonalTable::new("ledger operations");
/// Those of them that wait for the ledger.
pub(crate) const WAITING: PersonalTable<(), EntryId, Mark> =
    PersonalTable::new("waiting operations");
/// Entries by the keys of the calls that made them.
pub(crate) const NAMED: PersonalTable<(), [u8; 32], Named> = PersonalTable::new("named entries");
/// The keys of calls by time, so that old ones go.
pub(crate) const NAMED_ORDER: PersonalTable<(), (u64, [u8; 32]), Mark> =
    PersonalTable::new("named entries' order");
/// Packets, by who sent their cards: anybody can send a card of anybody's packet.
pub(crate) const PACKETS: PersonalTable<EntryId, Address, PacketRow> =
    PersonalTable::new("packets");
/// Transfers.
pub(crate) const TRANSFERS: PersonalTable<(), EntryId, TransferRow> =
    PersonalTable::new("transfers");
/// Changes of the balance, in the order in which they were learned.
pub(crate) const RECORDS: PersonalTable<(), u64, Record> = PersonalTable::new("balance changes");
/// This account's transfers and packets of which something may come back, by when their time is over.
pub(crate) const RETURNING: PersonalTable<(), (u64, EntryId), Mark> =
    PersonalTable::new("money that may come back");
