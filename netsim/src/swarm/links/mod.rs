//! Links between hosts in one process: a libp2p transport whose segments take their time.
//!
//! In: a [`Profile`] and hosts. Out: a [`LinkTransport`] for each, and control over the links: power
//! cuts, partitions, NAT. Start at [`Network`]; [`profile`] says how long a segment takes, [`stream`]
//! is a connection, [`pipe`] one direction of it, [`trace`] the hash of all that was sent.

mod network;
mod pipe;
mod profile;
mod stream;
#[cfg(test)]
mod tests;
mod trace;
mod transport;

pub use network::{Host, LinkTraffic, Network, PORT};
pub use profile::{Latency, Profile};
pub use stream::LinkStream;
pub use transport::LinkTransport;
