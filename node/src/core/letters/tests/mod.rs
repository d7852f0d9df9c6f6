//! Stories of two and three people over super nodes, on cores alone.

mod damage;
mod groups;
mod story;
mod strangers;
mod together;
mod unread;
mod world;
