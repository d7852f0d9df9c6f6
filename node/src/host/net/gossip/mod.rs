//! Frames of topics: taken from peers, judged by the core, passed on; and published.
//!
//! In: the core's topics, frames and verdicts, and what gossipsub tells. Out: each frame of a
//! subscribed topic once, with a name for its verdict. Start reading at [`task`]; [`behaviour`] sets
//! gossipsub up, [`intake`] says what of peers it takes in at all, [`pending`] keeps what waits for a
//! verdict, [`seen`] counts what gossipsub remembers, and
//! [`traffic`] tells others what went on.

mod behaviour;
mod intake;
mod pending;
mod seen;
mod task;
mod traffic;

pub(super) use behaviour::{Gossip, gossip, score_of};
pub(super) use intake::{Intake, topic_of};
pub(super) use task::Gossiping;
pub(super) use traffic::Counts;
pub use traffic::GossipTraffic;
