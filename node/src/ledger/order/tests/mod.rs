//! The order against a simulated network: one thread, virtual time, every run of a seed the same.
//!
//! `world` moves messages, time and crashes; `checker` knows what may never happen; `byzantine` is
//! the one of four that does not keep the rules; `toy` is the chain that is ordered.

mod byzantine;
mod checker;
mod faults;
mod messages;
mod pacing;
mod planted;
mod rows;
mod scene;
mod single;
mod toy;
mod world;
