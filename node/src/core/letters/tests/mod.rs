//! Stories of two and three people over super nodes, on cores alone.

mod story;
mod unread;
mod world;
