#![doc = include_str!("../README.md")]

pub mod address;
pub mod api;
pub mod beacon;
pub mod bounded;
pub mod codec;
pub mod consensus;
pub mod content;
pub mod digest;
pub mod direct;
pub mod directory;
pub mod domain;
pub mod draw;
pub mod envelope;
#[cfg(test)]
mod golden;
pub mod group;
pub mod ids;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod mail;
pub mod network;
pub mod receipt;
pub mod record;
pub mod sign;
pub mod stamp;
pub mod token;
pub mod version;
