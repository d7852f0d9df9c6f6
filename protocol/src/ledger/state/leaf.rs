//! What every leaf is: a value of one kind, with a key and bytes of its own.

use super::{LeafKey, Pot};
use crate::{
    codec::{DecodeError, EncodeError, Format, decode, encode},
    ledger::Amount,
};

/// A value that stands in the state under a key of its own.
///
/// Its bytes are one byte for the kind, then those of its [`Format`]: the version and the body.
pub trait Leaf: Format {
    /// What tells one leaf of this kind from another.
    type Id;
    /// The kind's number, which stands in key and bytes for good.
    const KIND: u8;
    /// Which sum of the books counts the money in it, if it holds any.
    const POT: Option<Pot> = None;

    /// Returns the place of the leaf that is called so.
    fn key(id: &Self::Id) -> LeafKey;

    /// Returns the money in it.
    fn held(&self) -> Amount {
        Amount::ZERO
    }

    /// Returns the leaf's bytes.
    fn to_leaf(&self) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = vec![Self::KIND];
        bytes.extend(encode(self)?);
        Ok(bytes)
    }

    /// Reads a leaf's bytes. Errors: [`LeafError`].
    fn from_leaf(bytes: &[u8]) -> Result<Self, LeafError> {
        match bytes.split_first() {
            None => Err(DecodeError::Empty(Self::NAME).into()),
            Some((kind, body)) if *kind == Self::KIND => Ok(decode(body)?),
            Some((kind, _)) => {
                let (name, expected, found) = (Self::NAME, Self::KIND, *kind);
                Err(LeafError::Kind { name, expected, found })
            }
        }
    }
}

/// Why bytes are not a leaf of a kind. The fault of whoever gave them out as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// They are of another kind.
    #[error("{name}: a leaf of kind {found}, not {expected}")]
    Kind {
        /// What was to be read.
        name: &'static str,
        /// Its number.
        expected: u8,
        /// The number found.
        found: u8,
    },
    /// They do not decode.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}
