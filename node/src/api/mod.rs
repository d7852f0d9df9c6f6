//! The bodies of the API's methods, one file a module, beside the contract's file of that name in
//! `magpie_protocol::api`.
//!
//! In: a decoded request, on the [`Turn`](crate::core::Turn) of its step. Out: the typed answer, or
//! a code; a body checks first and writes last.

mod chat;
mod contact;
mod group;
mod ledger;
mod login;
mod redpacket;
mod remittance;
mod socket_event;
mod sync;
mod user;
mod wallet;
