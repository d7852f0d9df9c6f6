//! Why the ledger's rows cannot be read or written.

use magpie_protocol::{
    codec::EncodeError,
    ledger::{HeaderError, StateRoot, tree::TreeError},
};
use magpie_storage::table::TableError;

/// Why the ledger's rows cannot be read or written. Always ours: the store or the program is
/// broken.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row cannot be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The tree cannot be read or changed.
    #[error(transparent)]
    Tree(#[from] TreeError<TableError>),
    /// There is no ledger yet.
    #[error("ledger: there is no genesis in the store")]
    NoGenesis,
    /// There is one already, or this is none.
    #[error("ledger: a genesis is height 0 and the first thing in the store, not {0}")]
    Genesis(u64),
    /// The block is not the one after the tip.
    #[error("ledger: {0}")]
    Header(#[from] HeaderError),
    /// The block, its certificate and its tree are not of one header.
    #[error("ledger: block, certificate and tree are of one height; {0} is not")]
    Apart(u64),
    /// There is a header without its entries.
    #[error("ledger: the entries of height {0} are not there")]
    Entries(u64),
    /// The tree has another root than the header names.
    #[error("ledger: height {height} has the root {found}, not {expected}")]
    Root {
        /// The height.
        height: u64,
        /// The root that the header names.
        expected: StateRoot,
        /// The root of the tree.
        found: StateRoot,
    },
    /// A header does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}
