//! Why an entry is refused, or cannot be made.

use super::Amount;
use crate::{
    bounded::TooMany,
    codec::{DecodeError, EncodeError},
    ids::NetworkId,
};

/// Why an entry is refused, whatever the state. Always the fault of whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The bytes, or the body in them, are malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It is of another network.
    #[error("entry of network {found}, not of {expected}")]
    Chain {
        /// The network.
        expected: NetworkId,
        /// What the entry names.
        found: NetworkId,
    },
    /// The genesis does not enable the kind.
    #[error("{0}: not enabled on this network")]
    Disabled(&'static str),
    /// A rule of its own shape is broken.
    #[error("{kind}: {rule}")]
    Shape {
        /// The kind.
        kind: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// A number is outside what the genesis allows.
    #[error("{kind}: {what} is {found}, allowed are {least} to {most}")]
    Limit {
        /// The kind.
        kind: &'static str,
        /// What it is.
        what: &'static str,
        /// The number found; units of an amount, milliseconds of a time.
        found: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// The gas does not cover the fee.
    #[error("{kind}: the fee is {fee}, the gas {gas}")]
    Gas {
        /// The kind.
        kind: &'static str,
        /// What the network takes.
        fee: Amount,
        /// The most the payer would pay.
        gas: Amount,
    },
    /// A signature is not that key's for these bytes.
    #[error("{kind}: the signature of {} does not hold", hex::encode(.key))]
    Signature {
        /// The kind.
        kind: &'static str,
        /// The key.
        key: [u8; 32],
    },
}

impl EntryError {
    /// Checks that `found` is within both ends.
    pub(super) const fn limit(
        kind: &'static str,
        what: &'static str,
        found: u64,
        least: u64,
        most: u64,
    ) -> Result<(), Self> {
        if least <= found && found <= most {
            Ok(())
        } else {
            Err(Self::Limit { kind, what, found, least, most })
        }
    }
}

/// An entry of a kind that this build does not know, or not in this version. Nobody's fault: a newer
/// Magpie made it, and who passed it on is not to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry of kind {0}, which this build does not know")]
pub struct UnknownKind(pub u16);

/// Why an entry is not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is valid nowhere: the fault of whoever made it.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// It cannot be judged here.
    #[error(transparent)]
    Unknown(#[from] UnknownKind),
}

impl From<DecodeError> for VerifyError {
    fn from(error: DecodeError) -> Self {
        Self::Entry(error.into())
    }
}

impl From<EncodeError> for VerifyError {
    fn from(error: EncodeError) -> Self {
        Self::Entry(error.into())
    }
}

/// Why an entry cannot be signed. The fault of the caller who built it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key is not the one that the instruction names.
    #[error("{kind}: to be signed by {}, not by {}", hex::encode(.expected), hex::encode(.found))]
    Key {
        /// The kind.
        kind: &'static str,
        /// The key that the instruction names.
        expected: [u8; 32],
        /// The key given.
        found: [u8; 32],
    },
    /// Nobody signs what this build does not know.
    #[error("entry of kind {0}, which this build does not know")]
    Unknown(u16),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It does not fit its format.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl SignError {
    /// Checks that `found` is the key that is to sign.
    pub(super) fn check_key(
        kind: &'static str,
        expected: &[u8; 32],
        found: &ed25519_dalek::SigningKey,
    ) -> Result<(), Self> {
        let found = found.verifying_key().to_bytes();
        if found == *expected {
            Ok(())
        } else {
            Err(Self::Key { kind, expected: *expected, found })
        }
    }
}
