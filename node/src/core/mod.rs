//! The core: the whole behaviour of a node as one plain synchronous function.
//!
//! In: one [`Input`] at a time, with the time and randomness of that moment, and a view of the
//! store. Out: one [`Outcome`]: changes of private files and of the store, and the [`Effect`]s that
//! the host carries out once both are on disk. Nothing here waits, opens a socket, reads a clock or
//! holds a lock.
//!
//! Start at [`Core::step`]; what a call does stands in [`crate::api`].

mod account;
pub(crate) mod agenda;
pub(crate) mod chat;
mod connections;
mod effect;
mod event_rows;
mod events;
#[cfg(test)]
mod fixture;
mod gauges;
pub(crate) mod groups;
mod input;
pub(crate) mod jobs;
pub(crate) mod letters;
pub(crate) mod login;
pub(crate) mod mesh;
pub(crate) mod money;
pub mod net;
mod open;
pub(crate) mod ordering;
pub(crate) mod people;
pub mod ratchet;
mod received;
pub(crate) mod requests;
pub(crate) mod rows;
mod scopes;
mod secret_bytes;
mod started;
mod state;
mod step;
mod turn;
mod wallet_lock;

#[cfg(test)]
mod tests;

pub use effect::{Answer, Effect, FileChange, Outcome};
pub use events::{Missed, PAGE};
pub use gauges::Gauge;
pub use input::{Call, CallId, Input, JobId, Register};
pub use scopes::Scopes;
pub use state::{Config, Core, Membership, Role, Start};
pub use turn::{Broken, Turn};
