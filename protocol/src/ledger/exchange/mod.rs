//! `/magpie/ledger/1`: what nodes ask a super node about the ledger, and what super nodes tell each
//! other to order it (pages 4 and 8).
//!
//! In: a [`Request`]. Out: one [`Answer`]. Nothing in an answer is believed for who gave it: a
//! header stands by its certificate, a leaf by its proof. New headers come by gossip, too, on the
//! ledger's [`topic`], as [`DecidedHeader`]s.

mod header;
#[cfg(test)]
mod tests;
mod wire;

pub use header::{DecidedHeader, topic};
pub use wire::{Answer, Newest, Proven, Refusal, Request};
