//! The ledger's bytes and the rules that need no state (page 8).
//!
//! In: bytes from a wallet, a mempool or a super node. Out: values that are checked as far as
//! their own bytes go.

mod amount;
mod id;
mod members;
mod merkle;

pub use amount::Amount;
pub use id::{
    BlockHash, EntriesRoot, EntryId, MembersRoot, NameCommitment, StateRoot, ValidatorsHash,
};
pub use members::{Members, MembersError, Payee};
pub use merkle::{MerkleHash, MerklePath};
