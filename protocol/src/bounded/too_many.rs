//! The one way to be too long.

/// A sequence is longer than its type allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{len} where at most {max} are allowed")]
pub struct TooMany {
    /// Elements, or bytes, found.
    pub len: usize,
    /// Elements, or bytes, allowed.
    pub max: usize,
}

/// Checks a length against a bound.
pub(super) fn within(len: usize, max: usize) -> Result<(), TooMany> {
    if len > max { Err(TooMany { len, max }) } else { Ok(()) }
}
