//! Stories of two and three people over super nodes, on cores alone.

mod asking;
mod damage;
mod greed;
pub(in crate::core) mod groups;
mod removals;
pub(in crate::core) mod story;
mod strangers;
mod together;
mod transport;
mod unread;
pub(in crate::core) mod world;
