//! Letters: how a payload gets from this account to another, whatever is connected.
//!
//! In: a [`Payload`](magpie_protocol::content::Payload) for an account, from a rule; envelopes, from
//! a peer or a mailbox. Out: sealed envelopes in the outbox, each with its finished ciphertext;
//! payloads whose sender is proven. A payload waits as a plain row until the account's devices and
//! keys are known, is encrypted once for each device in one batch, and its envelope stays in the
//! outbox until the device, or enough super nodes, said they have it.
//!
//! Start at [`post`], then `seal`, then `carry`.

pub(crate) mod post;
pub(crate) mod progress;
pub(crate) mod rows;
pub(crate) mod sender;
pub(crate) mod tokens;
