#![doc = include_str!("../README.md")]

mod api;
pub mod core;
#[cfg(feature = "host")]
pub mod host;
mod inbound;
pub mod ledger;
