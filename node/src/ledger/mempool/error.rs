//! Why an entry is not taken in.

use magpie_protocol::ledger::{EntryError, EntryId, UnknownKind, VerifyError, execution::Refusal};

/// Why an entry is not taken in. The fault of whoever sent it, or of somebody who was faster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// It is valid nowhere.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// This build does not know what it is: nobody's fault.
    #[error(transparent)]
    Unknown(#[from] UnknownKind),
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

impl From<VerifyError> for NotAdmitted {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Entry(error) => Self::Entry(error),
            VerifyError::Unknown(error) => Self::Unknown(error),
        }
    }
}
