//! What a peer's frame does.
//!
//! In: bytes, from a peer that the transport authenticated. Out: rows, events and exactly one answer,
//! or a fault counted against the peer. Cheap checks stand before costly ones.

mod direct;
mod dispatch;
mod gossip;
mod group;
mod ledger;
mod mail;
mod record;
