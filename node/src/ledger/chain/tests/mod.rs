//! The real chain: alone, and under the order's simulated network.
//!
//! `place` is a validator of that network, `town` the people whose entries it orders, `recount` what
//! must hold of every validator's state after every block.

mod alone;
mod light;
mod network;
mod place;
pub(in crate::ledger) mod recount;
pub(in crate::ledger) mod town;
