//! `/magpie/mail/1`: leaving mail at a mailbox, fetching it, and saying whose mail is welcome.
//!
//! In: a [`Request`] from a device, or from a super node to a connected device. Out: one
//! [`Answer`], in the order of what was asked. The asker is whoever holds the connection: requests
//! name an account, and a super node serves them if that node stands in the account's device list.

mod frames;
mod put;
mod wire;

pub use frames::{FetchFrames, Frames, PutFrame, VerifiedFetchFrames};
pub use put::{Auth, Put, PutError, VerifiedAuth, VerifiedPut};
pub use wire::{Ack, Answer, Fetch, Fetched, Grant, PutAnswer, Refusal, Request, Tokens};

#[cfg(test)]
mod tests;
