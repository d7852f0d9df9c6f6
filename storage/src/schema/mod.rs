//! Which layout a store has, and how an older one becomes the newest.
//!
//! In: an [`Engine`](crate::engine::Engine). Out: an [`Overlay`](crate::overlay::Overlay) whose
//! rows have the layout of [`NEWEST`], or a clear refusal. A fresh store gets the newest version;
//! an older one goes through each migration in turn, in bounded batches that carry their cursor,
//! so that a crash in the middle goes on where it was; a newer one is left alone.
//!
//! Versions:
//! 1. Values of public rows stood as their format writes them.
//! 2. They stand behind the eight bytes of [`row_check`](crate::row_check): a row that the disk
//!    or the engine damaged or put under another key could decode to a value that is merely
//!    wrong, which for a balance or a session is worse than an error. Personal rows did not
//!    change: their cipher's tag is such a check.
//! 3. Rows of envelopes on their way may name several messages, not one at most.
//! 4. On disk the newest rows stand in a journal before they stand in sled.
//! 5. Events that are kept for listeners stand in pages, and those of messages name them.

mod migration;
mod rows;
mod v2_row_check;

pub use migration::{Migration, Progress, Schema, SchemaError};
pub use rows::{NEWEST, open};

#[cfg(test)]
mod tests;
