//! A town of whole nodes: the core, its store in memory and the swarm of each person in one process.
//!
//! In: a [`TownPlan`] and a seed. Out: a [`TownOutcome`]. Start at [`run()`]; [`genesis`] makes the
//! network, [`person`] is a node and who uses it.

mod genesis;
mod outcome;
mod person;
mod plan;
mod run;
#[cfg(test)]
mod tests;

pub use outcome::{Sample, Steps, TownOutcome};
pub use person::Refused;
pub use plan::TownPlan;
pub use run::{TownError, run};
