//! What a block does to the state: the rules of money that need it (page 8).
//!
//! In: [`Rules`](super::Rules), the [`Leaves`](super::state::Leaves) after the block before, a
//! [`Context`] that a header was checked to, and verified entries. Out: [`Executed`], the leaves
//! that change, or why an entry makes the block invalid. Nothing else goes in, so every node comes
//! to the same leaves. Start at [`execute`]; who builds a block goes entry by entry with
//! [`Execution`], and a mempool asks [`check`]. Each kind of entry has a file of its own; the order
//! of the steps stands in `docs/ledger.md`.

mod accept;
mod block;
mod burn;
mod calendar;
mod claim;
mod context;
mod create;
mod decline;
mod deed;
mod draws;
mod entry;
mod error;
mod expiry;
mod fees;
mod genesis;
mod mint;
mod money;
mod open;
mod overlay;
mod pending;
mod transfer;

pub use block::{Executed, Execution, InvalidEntry, check, execute};
pub use context::{Context, ContextError};
pub use deed::Deed;
pub use error::{Fault, Judged, Refusal};
pub use genesis::{GenesisStateError, genesis_changes};
pub use pending::{Pending, pending};

#[cfg(test)]
mod tests;
