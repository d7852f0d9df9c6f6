//! The swarm level: real libp2p nodes of the product on simulated links.
//!
//! In: a [`Scenario`](crate::scenario::Scenario), a seed, and a [`Platform`] that says how time goes. Out: a
//! [`SwarmOutcome`], which is told as every run is. The simulator's binary runs it in virtual time; tests run
//! small networks in real time. Start at [`run()`]: at [`gossip`] swarms alone pass frames on, in a [`town`]
//! whole nodes live; [`links`] is the transport under both, [`table`] what a scenario file says.

mod alone;
mod frames;
pub mod gossip;
pub mod links;
mod measured;
mod naming;
mod platform;
mod progress;
mod run;
mod sabotage;
mod table;
pub mod town;

pub use alone::Panicked;
pub use platform::Platform;
pub use progress::Progress;
pub use run::{SwarmError, SwarmOutcome, run};
pub use sabotage::Sabotage;
pub use table::{Attack, AttackKind, Churn, Partition, Publishing, SwarmTable, TownTable};
