//! Chat: the messages of conversations between two, in the order that is the same on both sides.
//!
//! In: calls of the local API, messages and receipts whose sender is proven, progress of what was
//! posted. Out: one row a message, one a conversation, payloads to post and events. Start at
//! [`rows`]; `sending` and `hearing` bring messages, [`place`] gives them their place, `paging` and
//! `showing` are what a caller sees.

#[cfg(test)]
mod golden;
mod hearing;
mod paging;
mod place;
mod progress;
mod reading;
mod recalling;
pub(crate) mod rows;
mod saving;
mod sending;
mod showing;
#[cfg(test)]
mod tests;
mod waiting;

pub(crate) use paging::From;
