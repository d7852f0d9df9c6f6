//! How far what was posted has come.

/// What is known of a message on its way to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Super nodes keep it for them and signed for it.
    Stored {
        /// How many.
        k: u8,
        /// Of how many that should.
        n: u8,
    },
    /// A device of theirs has decrypted it.
    Delivered,
    /// It was given up, for this reason in plain English.
    Failed(String),
    /// Their device has it and cannot read it, however often it was sent.
    Unreadable,
}
