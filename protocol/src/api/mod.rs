//! The contract of the local API: what a program may ask a node, and what it is answered.
//!
//! In: a module, a method and JSON parameters. Out: JSON data, or a code with a sentence. Read
//! one module's table first ([`contact`] is a good one), then [`contract`] for what a row becomes,
//! then [`catalog`] for how the node runs a call. The bodies are the node's.

pub mod catalog;
mod client;
mod code;
pub mod contact;
pub mod contract;
pub mod field;
pub mod login;
pub mod params;
pub mod shape;
pub mod socket_event;
pub mod user;

#[cfg(test)]
mod tests;

pub use catalog::{Api, CATALOG, CONTRACT, dispatch, find};
pub use client::{Client, Failure};
pub use code::ErrorCode;
pub use contact::Contact;
pub use contract::{Answer, ApiError, ApiResult, Auth, Dispatched, MethodInfo, Scope};
pub use login::Login;
pub use socket_event::SocketEvent;
pub use user::User;
