//! The core from outside, input by input, with a host that keeps its disk in memory and tells it
//! the time.

mod calls;
mod event_pages;
mod events;
mod host;
mod locks;
mod registration;
