//! What goes between the core's host and the swarm task.

use super::{protocol::Protocol, score::Fault};
use magpie_protocol::address::NodeId;
use tokio::sync::mpsc::{self, error::TrySendError};

/// Commands that wait for the swarm task before their sender waits.
pub const COMMANDS: usize = 256;
/// Events that wait for the core's host before the swarm task holds them back.
pub const EVENTS: usize = 128;

/// What the core asks of the network.
#[derive(Debug)]
pub enum NetCommand {
    /// Asks a peer; exactly one [`NetEvent::Answered`] or [`NetEvent::Failed`] with this id follows.
    Request {
        /// Chosen by the core, unique among its unanswered requests.
        id: u64,
        /// The peer, which is dialled if it is not connected.
        to: NodeId,
        /// The protocol, whose limits hold.
        protocol: Protocol,
        /// The request.
        bytes: Vec<u8>,
    },
    /// Answers an inbound request; nothing happens if it is gone.
    Respond {
        /// From [`NetEvent::Inbound`].
        id: u64,
        /// The answer.
        bytes: Vec<u8>,
    },
    /// Answers an inbound request with a refusal; nothing happens if it is gone.
    Refuse {
        /// From [`NetEvent::Inbound`].
        id: u64,
    },
    /// Stays connected with a peer: dials it, and dials again whenever the connection is lost.
    Keep {
        /// The peer.
        peer: NodeId,
        /// Addresses to add to those known.
        addrs: Vec<String>,
    },
    /// No longer stays connected with a peer.
    Forget {
        /// The peer.
        peer: NodeId,
    },
    /// Remembers where a peer may be reached; what is no address is left out.
    AddAddresses {
        /// The peer.
        peer: NodeId,
        /// Multiaddrs.
        addrs: Vec<String>,
    },
    /// Counts a fault against a peer; one with too many is blocked for a time.
    Misbehaved {
        /// The peer.
        peer: NodeId,
        /// What it did.
        fault: Fault,
    },
    /// Fails what is not answered, closes all connections and ends the task.
    Shutdown,
}

/// What the network tells the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetEvent {
    /// The node listens on this address, without its own PeerId.
    Listening {
        /// A multiaddr with the actual port.
        addr: String,
    },
    /// The node does not, or no longer, listen on this address.
    ListenFailed {
        /// The multiaddr.
        addr: String,
        /// Why, for a person to read.
        reason: String,
    },
    /// The first connection with a peer is open.
    Connected {
        /// The peer.
        peer: NodeId,
    },
    /// The last connection with a peer is closed.
    Disconnected {
        /// The peer.
        peer: NodeId,
    },
    /// A peer asks.
    Inbound {
        /// Names the request in [`NetCommand::Respond`] and [`NetCommand::Refuse`].
        id: u64,
        /// Who asks, authenticated by the transport.
        from: NodeId,
        /// The protocol.
        protocol: Protocol,
        /// The request, within the protocol's limits.
        bytes: Vec<u8>,
    },
    /// A request was answered.
    Answered {
        /// From [`NetCommand::Request`].
        id: u64,
        /// The answer, within the protocol's limits.
        bytes: Vec<u8>,
    },
    /// A request will not be answered.
    Failed {
        /// From [`NetCommand::Request`].
        id: u64,
        /// Why.
        reason: Failure,
    },
    /// A peer was blocked for its faults, and its connections are closed.
    Blocked {
        /// The peer.
        peer: NodeId,
    },
}

/// Why a request will not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The peer is not connected and no address of it is known.
    #[error("no address of the peer is known")]
    NoAddress,
    /// No known address of the peer answered.
    #[error("the peer cannot be reached")]
    Unreachable,
    /// The peer is blocked for its faults.
    #[error("the peer is blocked")]
    Blocked,
    /// The connection was lost; the peer may have seen the request.
    #[error("the connection was lost")]
    ConnectionLost,
    /// The protocol's time passed; the peer may have seen the request.
    #[error("no answer in time")]
    Timeout,
    /// The peer does not speak the protocol.
    #[error("the peer does not speak the protocol")]
    Unsupported,
    /// The request is longer than the protocol allows, here or there.
    #[error("the request is too large")]
    TooLarge,
    /// The peer refused the request.
    #[error("the peer refused")]
    Refused,
    /// The peer has no room now.
    #[error("the peer is busy")]
    Busy,
    /// The answer, or to the peer the request, was malformed or over its limit.
    #[error("malformed frame")]
    Malformed,
    /// This node has as many unanswered requests, or bytes of answers, as it may.
    #[error("too many requests under way")]
    Overloaded,
    /// Another unanswered request has this id.
    #[error("the id is in use")]
    DuplicateId,
    /// The swarm is shutting down.
    #[error("the network is shutting down")]
    Shutdown,
}

/// The swarm task has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the network has shut down")]
pub struct Closed;

/// Sends commands to a swarm task.
///
/// While [`EVENTS`] are not taken the task takes no commands, so whoever takes the events must
/// not wait here: it uses [`try_send`](Self::try_send), or leaves the sending to another task.
#[derive(Debug, Clone)]
pub struct NetHandle {
    /// The node that the swarm is.
    pub local: NodeId,
    pub(super) commands: mpsc::Sender<NetCommand>,
}

impl NetHandle {
    /// Sends a command, waiting while [`COMMANDS`] are not taken.
    pub async fn send(&self, command: NetCommand) -> Result<(), Closed> {
        self.commands.send(command).await.map_err(|_| Closed)
    }

    /// Sends a command from a thread that is no worker of tokio, waiting as [`send`](Self::send).
    pub fn blocking_send(&self, command: NetCommand) -> Result<(), Closed> {
        self.commands.blocking_send(command).map_err(|_| Closed)
    }

    /// Sends a command, or gives it back as `Ok(Some(command))` if [`COMMANDS`] are not taken.
    pub fn try_send(&self, command: NetCommand) -> Result<Option<NetCommand>, Closed> {
        match self.commands.try_send(command) {
            Ok(()) => Ok(None),
            Err(TrySendError::Full(command)) => Ok(Some(command)),
            Err(TrySendError::Closed(_)) => Err(Closed),
        }
    }
}
