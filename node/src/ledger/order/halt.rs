//! Why a validator stops: always ours, never a peer's fault.

use magpie_protocol::{
    beacon::BeaconError, bounded::TooMany, codec::EncodeError, ledger::BlockError,
};
use magpie_storage::table::TableError;

/// The order cannot go on. Nothing of the step may be committed or published; the node stops, and
/// what it does next begins with its store.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The store failed.
    #[error("the store is broken: {0}")]
    Store(#[from] TableError),
    /// The rows of the order contradict each other.
    #[error("the order's rows at height {height}: {rule}")]
    Rows {
        /// The height.
        height: u64,
        /// What does not hold.
        rule: &'static str,
    },
    /// The chain cannot go on.
    #[error("the ledger: {0}")]
    Chain(String),
    /// Malachite failed, or asked for what cannot be.
    #[error("consensus: {0}")]
    Machine(String),
    /// The validators decided a block that our rules refuse. A node with older rules stops here
    /// instead of leaving the chain.
    #[error("height {0} was decided with a block that this node's rules refuse")]
    Refused(u64),
    /// A block that we made ourselves is none.
    #[error("our own block: {0}")]
    Own(#[from] BlockError),
    /// Our key proves no beacon.
    #[error("our own beacon: {0}")]
    Beacon(#[from] BeaconError),
    /// Something of ours has no bytes.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Something of ours is too long.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// There is no height after the last.
    #[error("there is no height after {0}")]
    LastHeight(u64),
}
