//! Why a block is invalid, and why the chain cannot go on.

use crate::ledger::{order::Halt, store::StoreError};
use magpie_protocol::{
    bounded::TooMany,
    codec::EncodeError,
    ids::NetworkId,
    ledger::{
        CertificateError, StateRoot, ValidatorsError, ValidatorsHash, VerifyError,
        execution::{ContextError, Fault, InvalidEntry},
        state::LeafError,
        tree::TreeError,
    },
};
use magpie_storage::table::TableError;

/// Why a block may not be decided. The fault of who proposed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Its header does not go on from the state.
    #[error(transparent)]
    Header(#[from] ContextError),
    /// An entry is valid nowhere, or of a kind that the header's rules do not have.
    #[error(transparent)]
    Entry(#[from] VerifyError),
    /// An entry cannot stand where it does.
    #[error(transparent)]
    Executed(#[from] InvalidEntry),
    /// It comes to another state.
    #[error("the header names the state {named}, the block comes to {found}")]
    State {
        /// The root that the header names.
        named: StateRoot,
        /// The root of the state after the block.
        found: StateRoot,
    },
    /// Others vote next.
    #[error("the header names the next validators {named}, the block comes to {found}")]
    Validators {
        /// Who the header says votes next.
        named: ValidatorsHash,
        /// Who votes next.
        found: ValidatorsHash,
    },
}

/// Why the chain cannot go on. Always ours: the store or the program is broken, or another
/// network's.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The ledger's rows cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state is broken.
    #[error(transparent)]
    Fault(#[from] Fault<TreeError<TableError>>),
    /// A leaf that every state has is broken.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The validators kept are no set.
    #[error(transparent)]
    Validators(#[from] ValidatorsError),
    /// What was decided here has no certificate that holds.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Our own header does not go on from the state.
    #[error("our own header: {0}")]
    Own(ContextError),
    /// The store is of another network.
    #[error("the store's ledger is of network {found}, not of {expected}")]
    Network {
        /// The network of the genesis.
        expected: NetworkId,
        /// The network of the rows.
        found: NetworkId,
    },
    /// The store begins with another genesis than this one.
    #[error("the store's ledger does not begin at this genesis")]
    Genesis,
    /// State and tip are not of one block.
    #[error("the state after height {0} is not that of its block")]
    Apart(u64),
    /// Something of ours has no bytes.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Rules allow more entries than a block has room for.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The block that was decided does not hold by our rules.
    #[error("the block decided at height {height}: {why}")]
    Refused {
        /// The height.
        height: u64,
        /// Why.
        why: Invalid,
    },
}

impl From<TreeError<TableError>> for ChainError {
    fn from(error: TreeError<TableError>) -> Self {
        Self::Store(error.into())
    }
}

impl From<ChainError> for Halt {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Refused { height, .. } => Self::Refused(height),
            ChainError::Store(StoreError::Table(error)) => Self::Store(error),
            error => Self::Chain(error.to_string()),
        }
    }
}
