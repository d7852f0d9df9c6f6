//! The host: everything around the pure core that touches a socket, a clock or a disk.
//!
//! Start at [`Node::start`]: it opens a data directory, gives the core its thread, and opens the
//! doors. What goes between the core's thread and the tasks around it is in [`mailbox`].

mod clock;
mod core_thread;
mod derive;
mod embedded;
mod flusher;
#[cfg(feature = "net")]
pub mod http;
#[cfg(feature = "net")]
mod joining;
mod listeners;
pub mod mailbox;
pub mod net;
#[cfg(feature = "net")]
mod network_file;
#[cfg(feature = "net")]
mod new_network;
#[cfg(feature = "net")]
mod node;
#[cfg(all(test, feature = "net"))]
mod planted;
#[cfg(feature = "net")]
mod ports;
mod private_files;
#[cfg(all(test, feature = "net"))]
mod slow_disk;
#[cfg(feature = "net")]
mod witnessing;

pub use clock::Clock;
pub use core_thread::Fatal;
pub use embedded::{EmbedError, EmbeddedConfig, EmbeddedNode};
#[cfg(feature = "net")]
pub use joining::{JoinError, NetworkConfig};
#[cfg(feature = "net")]
pub use network_file::{ReadNetworkError, read_network, vouch};
#[cfg(feature = "net")]
pub use new_network::{NEW_SUPERS, NewNetwork, NewNetworkError, new_network};
#[cfg(feature = "net")]
pub use node::{Node, NodeConfig, StartError};
pub use private_files::{FileError, read_issuer};
#[cfg(feature = "net")]
pub use witnessing::{WitnessError, look_at};
