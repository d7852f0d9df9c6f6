//! The core's mailbox: how the tasks around the core put something to it, and how it answers.
//!
//! In: calls of the local API and listeners for events, through a [`CoreHandle`], which any task may
//! clone. Out: one [`ApiAnswer`] a call, and for a listener a [`Feed`] on the core's side with a
//! [`Listener`] on the other. Every queue here is bounded: a full mailbox answers the caller at once,
//! and a listener that does not keep up is cut off. Start with [`mailbox`].

mod call;
mod handle;
mod listener;

pub use call::{ApiAnswer, ApiCall, CODE_FAILED, CODE_NO_METHOD, CODE_OK, CODE_PARAMETERS};
pub use handle::{CoreHandle, HostInput, ListenError, MAILBOX_INPUTS, mailbox};
pub use listener::{End, Event, Feed, LISTENER_EVENTS, Listener, ListenerGone, Next};
