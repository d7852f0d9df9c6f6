//! What the order is told.

use magpie_protocol::{address::NodeId, consensus::Message};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The node runs, and its store is open. Once, before everything else.
    Started,
    /// A super node sent this.
    Message {
        /// Who sent it; the transport knows, the order does not check.
        from: NodeId,
        /// What it sent.
        message: Box<Message>,
    },
    /// Entries wait for a block.
    Waiting,
    /// A time came that [`Effect::Wake`](super::Effect::Wake) named.
    Tick,
}
