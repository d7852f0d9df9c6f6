//! The sealed envelope: what a super node stores and a peer hands over (page 3).
//!
//! In, when sending: a [`Letter`] and the recipient device's seal key. Out: [`Sealed`] bytes. In,
//! when receiving: bytes, parsed by anybody into an [`Envelope`], opened by the device alone into
//! a [`Letter`], and checked against the sender's device list into a [`VerifiedLetter`].

mod letter;
mod seal;

pub use letter::{Intro, Letter, LetterError, OlmKind, OlmMessage, VerifiedLetter};
pub use seal::{Bucket, Envelope, EnvelopeError, Header, Sealed, seal};

#[cfg(test)]
mod tests;
