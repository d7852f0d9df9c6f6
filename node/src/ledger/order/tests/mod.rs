//! The order against a simulated network: one thread, virtual time, every run of a seed the same.
//!
//! `world` moves messages, time and crashes; `checker` knows what may never happen; `byzantine` is
//! the one of four that does not keep the rules; `subject` is what it needs of the chain that is
//! ordered: here `toy`, in `ledger::chain` the real one.

mod bounds;
mod byzantine;
pub(in crate::ledger) mod checker;
mod faults;
mod forgeries;
mod late;
mod messages;
mod pacing;
mod planted;
mod rows;
pub(in crate::ledger) mod scene;
mod single;
pub(in crate::ledger) mod subject;
mod toy;
pub(in crate::ledger) mod world;
