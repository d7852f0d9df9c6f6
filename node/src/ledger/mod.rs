//! The ledger of a super node (page 8).

pub mod store;
