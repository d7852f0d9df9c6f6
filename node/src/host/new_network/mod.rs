//! Makes a test network on this machine: its genesis and file, and the data directories of its
//! super nodes with their keys and ports.
//!
//! Start at [`new_network`].

mod create;
#[cfg(test)]
mod tests;

pub use create::{NEW_SUPERS, NewNetwork, NewNetworkError, new_network};
