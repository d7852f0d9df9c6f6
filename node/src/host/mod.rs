//! The host: everything around the pure core that touches a socket, a clock or a disk.

#[cfg(feature = "net")]
pub mod http;
pub mod mailbox;
pub mod net;
