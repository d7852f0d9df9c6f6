//! Chat: the messages of conversations, between two or in a group, in the order that is the same on
//! every side.
//!
//! In: calls of the local API, messages and receipts whose sender is proven, progress of what was
//! posted. Out: one row a message, one a conversation, payloads to post and events. Start at
//! [`rows`]; `sending` and `hearing` bring messages, [`place`] gives them their place, `paging` and
//! `showing` are what a caller sees. What many steps in a row change of a conversation stands in `kept` and is
//! written once. What a group brings comes in through `in_groups`; what is written to one goes
//! out through [`groups`](crate::core::groups).

mod face;
#[cfg(test)]
mod golden;
mod hearing;
mod in_groups;
mod kept;
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

pub(crate) use kept::{ChatBefore, KeptChat};
pub(crate) use paging::From;
