//! The transport as the core sees it: peers by key, protocols by name, bytes.

use magpie_protocol::{address::NodeId, group::Topic};

/// A request-response protocol of page 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `/magpie/direct/1`: batches of envelopes between contacts' devices.
    Direct,
    /// `/magpie/record/1`: the directory.
    Record,
    /// `/magpie/mail/1`: mailboxes.
    Mail,
    /// `/magpie/group/1`: what members of a group miss of each other's.
    Group,
    /// `/magpie/ledger/1`: headers, proofs and entries, and what super nodes say to order them.
    Ledger,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Direct, Self::Record, Self::Mail, Self::Group, Self::Ledger];
}

/// A request of ours on its way, by the number the core gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A peer's request that waits for our answer, by the number the swarm gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboundId(pub u64);

/// A gossiped frame that waits for our verdict, by the number the swarm gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GossipId(pub u64);

/// What becomes of a gossiped frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is passed on.
    Accept,
    /// It is old, or one too many, or not ours to judge: it goes no further, and nobody is at fault.
    Ignore,
    /// It is forged: it goes no further, and [`Fault::Forged`] is counted against who passed it on.
    Reject,
}

/// Why a request got no answer. None of them says that the peer did not act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// No address of the peer is known.
    NoAddress,
    /// No connection came about.
    Unreachable,
    /// The connection ended first, or the node is stopping.
    Disconnected,
    /// The protocol's time ran out.
    TimedOut,
    /// The peer does not speak the protocol, refused the request, or answered no frame.
    Refused,
    /// The peer is blocked for its faults.
    Blocked,
    /// The request is over the protocol's limit, here or there.
    TooLarge,
    /// Too many requests wait already, here or there.
    Busy,
}

/// What the transport tells the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetEvent {
    /// The node can be reached at this address.
    Listening {
        /// A multiaddr with the actual port, without the node's own PeerId.
        address: String,
    },
    /// The first connection to a peer stands.
    Connected {
        /// The peer.
        peer: NodeId,
    },
    /// The last connection to a peer is gone.
    Disconnected {
        /// The peer.
        peer: NodeId,
    },
    /// A peer asks; it gets exactly one answer.
    Inbound {
        /// Names the answer.
        id: InboundId,
        /// The peer, as its connection proved.
        from: NodeId,
        /// The protocol asked.
        protocol: Protocol,
        /// The request's bytes, within the protocol's limit.
        bytes: Vec<u8>,
    },
    /// A peer answered.
    Answered {
        /// The request.
        id: RequestId,
        /// The answer's bytes, within the protocol's limit.
        bytes: Vec<u8>,
    },
    /// A request will not be answered.
    Failed {
        /// The request.
        id: RequestId,
        /// Why.
        reason: Unanswered,
    },
    /// A frame came on a subscribed topic, for the first time in five minutes; it goes no further
    /// before a [`NetCommand::Judge`], which is due within seconds.
    Gossip {
        /// Names the verdict.
        id: GossipId,
        /// Who passed it on, as its connection proved; its author may be another.
        from: NodeId,
        /// The topic.
        topic: Topic,
        /// The frame's bytes, at most [`FRAME`](magpie_protocol::limits::FRAME).
        bytes: Vec<u8>,
    },
}

/// What the core asks of the transport.
#[derive(Debug, PartialEq, Eq)]
pub enum NetCommand {
    /// Ask a peer, dialling it first if need be; exactly one [`NetEvent::Answered`] or
    /// [`NetEvent::Failed`] with this id follows.
    Request {
        /// Names the answer.
        id: RequestId,
        /// The peer.
        to: NodeId,
        /// The protocol.
        protocol: Protocol,
        /// The request's bytes.
        bytes: Vec<u8>,
    },
    /// Answer a peer; nothing happens if its request is gone.
    Respond {
        /// The inbound request.
        id: InboundId,
        /// The answer's bytes.
        bytes: Vec<u8>,
    },
    /// Refuse a peer's request; nothing happens if it is gone.
    Refuse {
        /// The inbound request.
        id: InboundId,
    },
    /// Stay connected to a peer, or come back to it.
    Keep {
        /// The peer.
        peer: NodeId,
        /// Where it was last known.
        addresses: Vec<String>,
    },
    /// Let the connection to a peer lapse.
    Forget {
        /// The peer.
        peer: NodeId,
    },
    /// Learn where a peer is without dialling it.
    AddAddresses {
        /// The peer.
        peer: NodeId,
        /// Multiaddrs.
        addresses: Vec<String>,
    },
    /// Count a fault against a peer.
    Misbehaved {
        /// The peer.
        peer: NodeId,
        /// What it did.
        fault: Fault,
    },
    /// Take the frames of a topic, and help to pass them on; nothing happens if it is so already, or
    /// if as many topics are subscribed as may be.
    Subscribe {
        /// The topic.
        topic: Topic,
    },
    /// Take no more frames of a topic.
    Unsubscribe {
        /// The topic.
        topic: Topic,
    },
    /// Give a frame to the connected peers who subscribed to its topic, whether or not this node
    /// did. Nothing tells whether anybody got it.
    Publish {
        /// The topic.
        topic: Topic,
        /// The frame's bytes, at most [`FRAME`](magpie_protocol::limits::FRAME).
        bytes: Vec<u8>,
    },
    /// Say what becomes of a frame; nothing happens if it waited too long or was judged before.
    Judge {
        /// The frame.
        id: GossipId,
        /// The verdict.
        verdict: Verdict,
    },
}

/// What a peer can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Bytes that are no frame of the protocol.
    Malformed,
    /// A signature that does not verify, or a statement its author may not make.
    Forged,
    /// More or larger than its share.
    Flooding,
}
