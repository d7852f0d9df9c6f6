//! The ledger of a super node: how validators agree on blocks (page 8).

pub mod order;
