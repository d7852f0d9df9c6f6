//! `/magpie/record/1`: putting and getting public records (page 5).
//!
//! In: a [`Request`]. Out: one [`Answer`], in the order of what was asked. Records travel as their
//! bytes, each with its own version, so that one that is newer than the reader spoils no other;
//! [`gather`] turns an answer into verified records.

mod gather;
mod wire;

pub use gather::{Gathered, gather, stamp_subject};
pub use wire::{Answer, Found, PutAnswer, PutRecord, Query, Refusal, Request};

#[cfg(test)]
mod tests;
