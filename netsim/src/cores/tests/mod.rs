//! The core level, proven on small worlds.

mod repeats;
mod sabotage;
