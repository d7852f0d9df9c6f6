//! The host: everything around the pure core that touches a socket, a clock or a disk.
//!
//! Start at [`Node::start`]: it opens a data directory, gives the core its thread, and opens the
//! doors. What goes between the core's thread and the tasks around it is in [`mailbox`].

mod core_thread;
mod derive;
#[cfg(feature = "net")]
pub mod http;
mod listeners;
pub mod mailbox;
pub mod net;
#[cfg(feature = "net")]
mod node;
mod private_files;

pub use core_thread::Fatal;
#[cfg(feature = "net")]
pub use node::{Node, NodeConfig, StartError};
pub use private_files::FileError;
