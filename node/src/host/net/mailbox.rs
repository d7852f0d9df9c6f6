//! What goes between the core's host and the swarm task: two bounded channels of the core's own
//! [`NetCommand`]s and [`NetEvent`](crate::core::net::NetEvent)s, and the end.

use super::{
    gossip::{Counts, GossipTraffic},
    listening::Listening,
};
use crate::core::net::NetCommand;
use magpie_protocol::address::NodeId;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, watch};

/// Commands that wait for the swarm task before their sender waits.
pub const COMMANDS: usize = 256;
/// Events that wait for the core's host before the swarm task holds them back.
pub const EVENTS: usize = 128;

/// The swarm task has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the network has shut down")]
pub struct Closed;

/// The way to a swarm task.
///
/// The task takes commands even while nobody takes its events, so that whoever takes the events
/// may wait here without both waiting for ever.
#[derive(Debug, Clone)]
pub struct NetHandle {
    /// The node that the swarm is.
    pub local: NodeId,
    pub(super) commands: mpsc::Sender<NetCommand>,
    pub(super) listening: watch::Receiver<Listening>,
    pub(super) gossip: Counts,
    pub(super) stop: Arc<Notify>,
}

impl NetHandle {
    /// Sends a command, waiting while [`COMMANDS`] are not taken. Error: the task has ended.
    pub async fn send(&self, command: NetCommand) -> Result<(), Closed> {
        self.commands.send(command).await.map_err(|_| Closed)
    }

    /// Returns the sender of commands alone, for the thread of the core.
    pub fn commands(&self) -> mpsc::Sender<NetCommand> {
        self.commands.clone()
    }

    /// Returns where the node listens, now and as it changes.
    pub fn listening(&self) -> watch::Receiver<Listening> {
        self.listening.clone()
    }

    /// Returns what gossip did so far.
    pub fn gossip(&self) -> GossipTraffic {
        self.gossip.read()
    }

    /// Fails what is not answered, closes all connections and ends the task, which need not have
    /// taken the commands before this.
    pub fn shutdown(&self) {
        self.stop.notify_one();
    }
}
