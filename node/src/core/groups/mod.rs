//! Groups: signed operations, the epochs that carry them, and what members say (page 6).
//!
//! In: calls of the local API, frames by gossip or from super nodes, payloads of members' devices.
//! Out: rows, frames and letters to send, messages for the chat, events.
//!
//! 1. [`acting`] signs an operation if it will count; [`entering`] takes operations in, whoever
//!    made them, folds the group anew, and starts what follows: [`telling`], [`duties`], listening.
//! 2. [`framing`] seals parcels under the last epoch, gossips the frames and leaves them at the super
//!    nodes; [`fetching`] listens and fetches; [`hearing`] takes frames in.
//! 3. [`speaking`] and [`listening`] are the two ends of a Megolm session; [`sharing`] brings its key
//!    and epochs' secrets to members, [`wanting`] asks for what did not come.
//! 4. [`pulling`] asks another member's device for operations and messages that did not come,
//!    [`answering`] is its other end.
//! 5. [`former`] is what still holds for somebody who is out.
//! 6. [`inviting`] takes people in; [`showing`] is what a caller sees.
//!
//! Start at [`rows`] for what is kept, and at [`kept`] for what is in memory.

mod acting;
mod answering;
mod duties;
mod entering;
mod fetching;
#[cfg(test)]
pub(crate) mod fixture;
mod former;
mod framing;
#[cfg(test)]
mod golden;
mod hearing;
mod inviting;
pub(crate) mod kept;
mod listening;
pub(crate) mod payees;
mod pulling;
mod refusal;
pub(crate) mod rows;
mod sharing;
mod showing;
mod speaking;
mod start;
mod telling;
mod unread;
mod wanting;

pub(crate) use showing::GroupAuthor;
