//! Orders the ledger: validators agree on one block after the other (page 8).
//!
//! In: one [`Input`] at a time, with the clock of that moment, the [`Chain`] whose blocks are
//! ordered, and the step's [`Tx`](magpie_storage::overlay::Tx). Out: rows in that transaction, and
//! the [`Effect`]s that may leave once it is durable. The agreement itself is malachite's
//! (Tendermint), which `machine` alone knows; what malachite logs before it speaks is written by
//! the same transaction as what it decides, so that a crash repeats nothing and forgets nothing.
//!
//! Start at [`Order::step`]. `docs/order.md` tells rows, flushes and messages.

mod ahead;
mod candidates;
mod chain;
mod commit;
mod consensus;
mod effect;
mod evidence;
mod halt;
mod headers;
mod input;
mod machine;
mod past;
mod peers;
mod proposals;
mod propose;
mod rows;
mod state;
mod statements;
mod step;
mod sync;
#[cfg(test)]
pub(in crate::ledger) mod tests;
mod timers;
mod wants;

pub use chain::{Chain, Draft, Head, Verdict};
pub use effect::Effect;
pub use halt::Halt;
pub use input::Input;
#[cfg(test)]
pub(crate) use state::plant_forgetting;
pub use state::{Keys, Order};
pub use statements::{Statement, statements};
