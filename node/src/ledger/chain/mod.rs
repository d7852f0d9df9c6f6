//! The real chain under the order: blocks of entries that move money (page 8).
//!
//! In: what the order asks of a [`Chain`](super::order::Chain), and entries from anybody. Out:
//! blocks filled from the mempool, verdicts on blocks of others, and, in the transaction of a
//! decision, the state, the header, the block and the tip. A block is executed once: what came of it
//! is remembered from its proposal to its decision.
//!
//! Start at [`Ledger::open`]; `docs/order.md` tells the way of a block.

#[cfg(test)]
mod collusion;
mod decide;
mod error;
mod execute;
mod fill;
mod genesis;
mod ledger;
mod outcomes;

pub use error::{ChainError, Invalid};
pub use genesis::{Genesis, GenesisError};
pub use ledger::Ledger;

#[cfg(test)]
pub(in crate::ledger) mod tests;
