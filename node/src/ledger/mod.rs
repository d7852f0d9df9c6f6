//! The ledger of a super node: how validators agree on blocks, and where blocks and the state are kept
//! (page 8).

pub mod order;
pub mod store;
