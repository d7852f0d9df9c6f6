//! Letters: how a payload gets from this account to another, whatever is connected.
//!
//! In: a [`Payload`](magpie_protocol::content::Payload) for an account, from a rule; envelopes, from
//! a peer or a mailbox. Out: sealed envelopes in the outbox, each with its finished ciphertext;
//! payloads whose sender is proven.
//!
//! 1. [`post`] keeps the payload as a plain row and plans the sealing.
//! 2. [`lookup`] asks the directory about the account; [`correspondents`] is what is known of it.
//! 3. [`seal`] encrypts it once for each device, with that device's [`sessions`], into the outbox;
//!    messages that wait for each other share an envelope ([`together`]).
//! 4. [`carry`] hands the envelopes to a connected device, or [`deposit`] leaves them at the super
//!    nodes, until one said it has them.
//! 5. At the other end [`collect`] fetches mail, [`open`] opens envelopes and hands on payloads.
//!
//! What a device cannot read it names ([`unread`]), and what it names is sent again ([`kept`]).
//!
//! [`publish`] and [`tokens`] keep one's own entry in the directory and whose mail is welcome.

pub(crate) mod carry;
pub(crate) mod collect;
pub(crate) mod correspondents;
pub(crate) mod deposit;
#[cfg(test)]
mod golden;
pub(crate) mod kept;
pub(crate) mod lookup;
mod memory;
pub(crate) mod open;
pub(crate) mod post;
pub(crate) mod progress;
pub(crate) mod publish;
pub(crate) mod rows;
pub(crate) mod seal;
pub(crate) mod sender;
pub(crate) mod sessions;
mod start;
#[cfg(test)]
pub(super) mod tests;
mod together;
pub(crate) mod tokens;
mod told;
pub(crate) mod unread;

pub(crate) use memory::Letters;
