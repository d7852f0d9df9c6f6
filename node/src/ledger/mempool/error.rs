//! Why an entry is not taken in.

use magpie_protocol::ledger::{EntryError, EntryId, execution::Refusal};

/// Why an entry is not taken in. The fault of whoever sent it, or of somebody who was faster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// It is valid nowhere.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// It could not stand in the next block, after what the same wallet waits for.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another entry that would do the same waits already.
    #[error("{0} waits already and would do the same")]
    Occupied(EntryId),
    /// Who signs has as much waiting as anybody may.
    #[error("who signs this has too much waiting")]
    Lane,
}
