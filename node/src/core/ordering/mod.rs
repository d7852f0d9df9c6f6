//! What a super node does for the ledger: it orders entries with the other super nodes, and shows
//! what came of them (page 8).
//!
//! In: requests and gossip that [`crate::inbound`] took from a peer that the transport
//! authenticated, and ticks. Out: what [`order`](crate::ledger::order) and
//! [`chain`](crate::ledger::chain) write, in the step's transaction; statements and entries for the
//! other super nodes, each by a request of its own, bounded for each of them; answers; and headers for
//! whoever listens to the ledger's topic. What cannot go on ends the node.
//!
//! Start at `start` and `step`; `lines` bounds what is under way, `shares` what others may ask.

mod gossip;
mod lines;
mod prove;
mod shares;
mod start;
mod state;
mod step;
mod submit;

pub(crate) use lines::Cargo;
pub(crate) use state::Orderer;

#[cfg(test)]
mod tests;
