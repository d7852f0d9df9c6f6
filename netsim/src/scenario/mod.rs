//! What is to be simulated, and what is expected of it: a TOML file.
//!
//! In: the text of a file, or the name of a scenario that comes with the crate ([`builtin`]). Out: a
//! [`Scenario`] whose values make sense together, or a [`Mistake`] with its line and key.
//!
//! Start at [`Scenario`].

pub mod builtin;
mod check;
mod format;
mod mistake;

pub use format::{
    Adversary, AdversaryKind, Chat, Crash, Expect, Faults, Groups, Level, Links, Nodes, Packets,
    Partition, Payments, Scenario, Workload,
};
pub use mistake::Mistake;

#[cfg(test)]
mod tests;
