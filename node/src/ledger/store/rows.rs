//! The rows of the ledger and the tables they stand in: tags 0x40 to 0x46.

use magpie_protocol::{
    bounded::{Blob, List},
    codec::Format,
    ids::NetworkId,
    ledger::{
        BlockHash, Certificate, Entry, Header, StateRoot, Tip, ValidatorsHash,
        tree::{NodePlace, Stale, TreeNode},
    },
    limits::{BLOCK, BLOCK_ENTRIES, STATE_LEAF},
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

/// The bytes of a leaf from some height on, or nothing if it went then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ValueRow(pub(super) Option<Blob<STATE_LEAF>>);
format!(ValueRow, "state value row", STATE_LEAF + 16);

/// A row whose key says all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StaleRow;
format!(StaleRow, "stale state row", 4);

/// A decided header and what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptHeader {
    /// The header.
    pub header: Header,
    /// Its certificate.
    pub certificate: Certificate,
}
format!(KeptHeader, "decided header row", Header::LIMIT + Certificate::LIMIT);

/// The entries of a decided block, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EntriesRow(pub(super) List<Entry, BLOCK_ENTRIES>);
format!(EntriesRow, "block entries row", BLOCK);

/// The height of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeightRow(pub(super) u64);
format!(HeightRow, "block height row", 16);

/// The newest block, or the genesis, and the root of the state after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTip {
    chain: NetworkId,
    height: u64,
    hash: BlockHash,
    time_ms: u64,
    next_validators: ValidatorsHash,
    /// The root of the state.
    pub state: StateRoot,
}
format!(KeptTip, "ledger tip row", 192);

impl KeptTip {
    /// Returns the row of a tip with this state.
    pub(super) const fn new(tip: &Tip, state: StateRoot) -> Self {
        let Tip { chain, height, hash, time_ms, next_validators } = *tip;
        Self { chain, height, hash, time_ms, next_validators, state }
    }

    /// Returns what the next header has to follow.
    pub const fn tip(&self) -> Tip {
        let Self { chain, height, hash, time_ms, next_validators, .. } = *self;
        Tip { chain, height, hash, time_ms, next_validators }
    }
}

/// Where a node stands: the height that made it, how many nibbles lead to it, and they.
pub(super) type NodeKey = (u64, u8, [u8; 32]);
/// Since when a row is stale; then a kind (0 a node, 1 a value), a node's depth, the height that
/// made it, and its path or the leaf.
pub(super) type StaleKey = (u64, u8, u8, u64, [u8; 32]);

/// The nodes of the state tree.
pub(super) const NODES: Table<NodeKey, TreeNode> = Table::new("state nodes", 0x40);
/// The bytes of leaves, by leaf and the height at which it got them.
pub(super) const VALUES: Table<([u8; 32], u64), ValueRow> = Table::new("state values", 0x41);
/// What is not needed from some height on.
pub(super) const STALE: Table<StaleKey, StaleRow> = Table::new("stale state", 0x42);
/// Decided headers, by height.
pub(super) const HEADERS: Table<u64, KeptHeader> = Table::new("decided headers", 0x43);
/// What else a decided block is: its entries, by height.
pub(super) const ENTRIES: Table<u64, EntriesRow> = Table::new("block entries", 0x44);
/// The heights of blocks, by hash.
pub(super) const HEIGHTS: Table<[u8; 32], HeightRow> = Table::new("block heights", 0x45);
/// The newest block; one row.
pub(super) const TIP: Table<(), KeptTip> = Table::new("ledger tip", 0x46);

/// Returns the key under which a node is kept.
pub(super) const fn node_key(place: &NodePlace) -> NodeKey {
    (place.height, place.depth, place.path)
}

/// Returns the key under which a row that is stale since `since` is listed.
///
/// Keys sort as they are to be removed: a height's root before what stands under it.
pub(super) const fn stale_key(since: u64, stale: &Stale) -> StaleKey {
    match stale {
        Stale::Node(NodePlace { height, depth, path }) => (since, 0, *depth, *height, *path),
        Stale::Value { height, key } => (since, 1, 0, *height, key.0),
    }
}
