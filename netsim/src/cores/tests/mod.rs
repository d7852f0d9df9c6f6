//! The core level, proven on small worlds.

mod peace;
mod repeats;
mod sabotage;
