//! Group mail: the frames of a group's epoch, kept once for all members until they expire (page 5).
//!
//! In: puts of gossip frames, and fetches signed by the epoch's key. Out: rows, signed receipts,
//! pages of frames, and the topics that the super node listens to for the members. It learns an
//! epoch's public key and what senders call themselves under it, nobody's name and no content.
//!
//! Start at `put`; `rows` says what is kept, [`bounds`](super::bounds) how much of it.

mod epoch;
mod fetch;
mod forget;
mod gossip;
mod judged;
mod put;
pub(super) mod rows;
mod topics;

pub(crate) use judged::Judged;
pub(super) use topics::Topics;
