//! The core level: many real cores on simulated disks and links, in virtual time, on one thread.
//!
//! In: a [`Scenario`](crate::scenario::Scenario) and a seed. Out: a [`Ran`] with what was measured and
//! found, and the hash of everything that happened. [`run`] makes one run on a thread of its own.
//!
//! A [`World`] is the nodes and what is between them: [`place`] is one node's host, [`transport`] what
//! they send each other, [`adversary`] who does not keep to the rules. A [`Story`] is what
//! people do in it, and remembers it; [`checks`] compare that with what the nodes say at the end.

pub mod adversary;
pub mod blocks;
pub mod catching;
pub mod checks;
pub mod finding;
pub mod happening;
pub mod links;
pub mod network;
pub mod place;
pub mod run;
pub mod sabotage;
pub mod snapshot;
pub mod story;
mod tampering;
pub mod trace;
pub mod traffic;
mod transport;
pub mod unflushed;
pub mod world;

pub use catching::Caught;
pub use finding::{Finding, Findings};
pub use network::BEGIN_MS;
pub use place::Moment;
pub use run::{Ran, SettledClaim, run, run_seeded};
pub use sabotage::{Planted, Sabotage};
pub use story::{Happened, Story};
pub use world::World;

#[cfg(test)]
mod tests;
