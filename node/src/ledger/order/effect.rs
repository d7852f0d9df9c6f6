//! What leaves once the step is durable.

use magpie_protocol::{
    address::NodeId,
    consensus::{DecidedBlock, Message},
    ledger::Evidence,
};

/// Something to do after the step's batch is on disk, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send this to every other super node.
    Publish(Message),
    /// Send this to one.
    Send {
        /// Whom.
        to: NodeId,
        /// What.
        message: Message,
    },
    /// Come back with [`Input::Tick`](super::Input::Tick) at this time, in milliseconds; it takes
    /// the place of the time named before.
    Wake(u64),
    /// A block is decided, executed and on disk.
    Decided(Box<DecidedBlock>),
    /// A validator contradicted itself; both signatures hold. For the mempool.
    Evidence(Box<Evidence>),
    /// This peer sent what no honest node sends.
    Blame(NodeId),
}
