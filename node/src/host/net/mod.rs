//! The swarm: one task that owns libp2p and speaks bytes.
//!
//! In: [`NetCommand`](crate::core::net::NetCommand)s from the core through a [`NetHandle`]. Out:
//! [`NetEvent`](crate::core::net::NetEvent)s, and [`Listening`] for the host. The transport is
//! a parameter, so the simulator runs this same task over links of its own. Start reading at
//! [`task`], which is the loop; [`commands`] and
//! [`swarm_events`] are its two sides, [`peers`] decides whom to dial and whom to let go, [`outbound`]
//! and [`inbound`] keep what is not answered yet, [`codec`] is the frame on a stream, [`gossip`] takes
//! and passes on the frames of topics.

mod behaviour;
mod budget;
mod codec;
mod commands;
mod config;
mod gossip;
mod inbound;
mod listening;
mod mailbox;
mod outbound;
mod peers;
mod protocol;
mod score;
mod secured;
mod swarm_events;
mod task;
#[cfg(all(test, feature = "net"))]
mod tests;
#[cfg(feature = "net")]
mod transport;

pub use config::{Limits, Role, SwarmConfig, keypair};
pub use gossip::GossipTraffic;
pub use listening::Listening;
pub use mailbox::{COMMANDS, Closed, EVENTS, NetHandle};
pub use protocol::ProtocolLimits;
pub use secured::secured;
pub use task::{SpawnError, spawn};
#[cfg(feature = "net")]
pub use transport::{RealTransportError, port_is_free, real_transport};
