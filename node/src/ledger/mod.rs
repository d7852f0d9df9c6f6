//! The ledger of a super node: what waits for a block, how validators agree on blocks, what a block
//! does, and where blocks and the state are kept (page 8).

pub mod chain;
pub mod mempool;
pub mod order;
pub mod store;
pub mod witness;
