//! What both benches are made of: nodes of a network on disk, and what a process says that it cost.

pub(crate) mod commits;
pub(crate) mod latency;
pub(crate) mod person;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod report;

/// Why a bench ends without a result.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;
