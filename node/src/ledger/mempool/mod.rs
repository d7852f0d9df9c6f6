//! Entries that wait for a block: bounded in number, in bytes, and for each who signs.
//!
//! In: a signed entry from anybody and the state after the last block. Out: an [`Admission`], and
//! for who fills a block the entries in the order in which they came, each of which held when it was
//! admitted and when what it is about last changed. An entry stands under a [`Key`] that says what it
//! would do, not under its id, so that many signatures over one claim are one.
//!
//! Start at [`Mempool::admit`]. Nothing of it is on disk: who sent an entry sends it again.

mod admit;
mod error;
mod key;
mod pool;
mod purse;
mod settle;

pub use admit::{Admission, Terms};
pub use error::NotAdmitted;
pub use key::{Key, Lane, Place};
pub use pool::{LANE_ENTRIES, Mempool, POOL_BYTES, POOL_ENTRIES, Waiting};
pub use settle::Touched;

#[cfg(test)]
mod tests;
