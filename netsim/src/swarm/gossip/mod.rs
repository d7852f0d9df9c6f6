//! Gossip among many nodes: real swarms of the product, and what became of every message.
//!
//! In: a [`Plan`] and a seed. Out: an [`Outcome`]. Start at [`run()`]; [`plan`] says what can be asked
//! for, [`schedule`] draws what happens when, [`member`] is one node, [`tally`] knows who got what.

mod arena;
mod member;
mod outcome;
mod plan;
mod run;
mod schedule;
mod tally;
#[cfg(test)]
mod tests;

pub use outcome::{Bandwidth, Latencies, Outcome, Sample};
pub use plan::Plan;
pub use run::{RunError, run};
