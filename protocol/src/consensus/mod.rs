//! What validators say to each other to agree on the next block (page 8).
//!
//! In: bytes from another validator. Out: one [`Message`], unverified; its parts are checked by
//! whoever runs consensus, against the validators of the height: [`SignedVote::holds`],
//! [`SignedProposal::holds`], [`Polka::verify`], [`RoundEnd::verify`]. What is signed are the
//! [`Vote`](crate::ledger::Vote) and the [`Proposal`](crate::ledger::Proposal) of the ledger.
//! `docs/order.md` says who sends what when.

mod message;
mod quorum;
mod signed;
#[cfg(test)]
mod tests;

pub use message::{DecidedBlock, Message};
pub use quorum::{Polka, QuorumError, RoundEnd, RoundEndKind, RoundVote};
pub use signed::{SignedProposal, SignedVote};
