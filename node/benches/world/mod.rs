//! What all benches are made of: nodes of a network on disk, and what a process says that it cost.
//!
//! Beside this module stand parts that not every bench has: `side` (other processes), `speech` (texts
//! and events) and `profile` (`perf`).

pub(crate) mod commits;
pub(crate) mod latency;
pub(crate) mod person;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod report;

/// Why a bench ends without a result.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;
