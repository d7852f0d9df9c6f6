//! Checkers: each compares what people did with what nodes say, and notes what cannot be.

mod all;
mod causal;
mod groups;
mod ledger;
mod messages;
mod queues;
mod removed;

pub use all::check_all;
pub use ledger::Chain;
