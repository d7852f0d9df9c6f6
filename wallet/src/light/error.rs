//! Why a header is not followed, and why a follower cannot begin.

use magpie_protocol::{
    codec::{DecodeError, EncodeError},
    ledger::{CertificateError, HeaderError, ValidatorsError, ValidatorsHash},
};

/// Why a header is not followed; nothing changed. The fault of who handed it over, but for
/// [`FollowError::TooOld`] and [`HeaderError::Rules`], which ask for a checkpoint and an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The header is not certified by the validators that vote at its height.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The header does not follow, or is of rules that this build does not know.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The next validators are no set.
    #[error(transparent)]
    Validators(#[from] ValidatorsError),
    /// The newest header is too old to go on from: keys of who voted then may be anybody's. Only a
    /// checkpoint leads on.
    #[error("the header of height {height} is of {time_ms}, too old to go on from at {now_ms}")]
    TooOld {
        /// The newest height.
        height: u64,
        /// Its time, in milliseconds.
        time_ms: u64,
        /// The clock's.
        now_ms: u64,
    },
    /// The header names new validators, and who they are did not come with it.
    #[error("header of height {height}: the next validators are {expected}, who did not come")]
    NextValidators {
        /// Its height.
        height: u64,
        /// Who votes next.
        expected: ValidatorsHash,
    },
}

/// Why a checkpoint is no place to begin. The fault of the caller who trusts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The validators are not those that the header names.
    #[error("the checkpoint's next validators are {expected}, not {found}")]
    Validators {
        /// Who votes next.
        expected: ValidatorsHash,
        /// Who was given.
        found: ValidatorsHash,
    },
    /// It is of another chain, or not after the newest header.
    #[error("the checkpoint of height {found} is not after height {height} of this chain")]
    Behind {
        /// The newest height.
        height: u64,
        /// The checkpoint's.
        found: u64,
    },
    /// Two headers contradict each other: no checkpoint leads on.
    #[error("light verification has stopped at a fork")]
    Stopped,
    /// The header is of rules that this build does not know.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The header does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Why kept bytes are no follower. Ours: the disk or the program is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The bytes are malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The kept validators are no set.
    #[error(transparent)]
    Validators(#[from] ValidatorsError),
    /// A header has no bytes.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// What was kept does not belong together.
    #[error("light verification: {0}")]
    Apart(&'static str),
}
