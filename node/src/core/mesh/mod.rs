//! What a super node keeps for others: the directory's public records, sealed mail and groups' frames
//! (page 5).
//!
//! In: requests that [`crate::inbound`] decoded, from a peer that the transport authenticated, and
//! ticks. Out: public rows, signed receipts, refusals that change nothing, and notices to devices
//! that are connected. No row names a sender: a mailbox knows a token's hash, or nothing.
//!
//! Start at `directory`, `mailbox` and `frames`; `rows` says what is kept, `bounds` how much of it.

mod bounds;
mod collect;
mod devices;
mod directory;
mod effort;
mod expiry;
mod frames;
mod mailbox;
mod memory;
mod notices;
mod office;
mod paging;
mod rates;
mod rows;
mod strangers;
mod tokens;

pub(crate) use directory::{Verified, answer_room};
pub(crate) use memory::Mesh;
pub(crate) use office::Office;
pub(crate) use rates::Admission;

#[cfg(test)]
mod tests;
