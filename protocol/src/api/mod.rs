//! The contract of the local API: what a program may ask a node, and what it is answered.
//!
//! In: a module, a method and JSON parameters. Out: JSON data, or a code with a sentence. Read
//! one module's table first ([`contact`] is a good one), then `methods` for what a row becomes, then
//! [`catalog`] for how the node runs a call. The bodies are the node's.

pub mod catalog;
pub mod chat;
mod client;
mod code;
pub mod contact;
pub mod contract;
mod data;
pub mod event;
pub mod field;
pub mod group;
pub mod ledger;
pub mod login;
mod methods;
pub mod money;
mod openapi;
pub mod params;
pub mod redpacket;
pub mod remittance;
pub mod shape;
pub mod socket_event;
pub mod sync;
pub mod user;
pub mod wallet;

#[cfg(test)]
mod tests;

pub use catalog::{Api, CATALOG, CONTRACT, dispatch, find};
pub use chat::Chat;
pub use client::{Client, Failure};
pub use code::ErrorCode;
pub use contact::Contact;
pub use contract::{Answer, ApiError, ApiResult, Auth, Dispatched, MethodInfo, Scope};
pub use data::Data;
pub use event::{Event, EventClass, EventFrame, StoredEvent};
pub use group::Group;
pub use ledger::Ledger;
pub use login::Login;
pub use openapi::openapi;
pub use redpacket::RedPacket;
pub use remittance::Remittance;
pub use socket_event::SocketEvent;
pub use sync::GroupSync;
pub use user::User;
pub use wallet::Wallet;
