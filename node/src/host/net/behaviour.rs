//! What the swarm speaks on its connections.
//!
//! Gossip would keep connections alive for as long as a mesh has them, so no protocol is asked:
//! [`peers`](super::peers) closes connections itself.

use super::{
    budget::Budget,
    codec::FrameCodec,
    config::Limits,
    gossip::{Gossip, Intake, gossip},
};
use crate::core::net::Protocol;
use libp2p::{
    StreamProtocol, allow_block_list, connection_limits, identify,
    identity::Keypair,
    memory_connection_limits, ping, request_response,
    swarm::{NetworkBehaviour, behaviour::toggle::Toggle},
};
use std::time::Duration;

/// What identify says of the network.
const PROTOCOL_VERSION: &str = "/magpie/1";
/// What identify says of the program: no operating system, no build.
const AGENT_VERSION: &str = concat!("magpie/", env!("CARGO_PKG_VERSION"));
/// Streams a peer may hold of one protocol, as a multiple of the requests either side may have
/// under way: what is between is answered "busy", what is over is dropped by libp2p unanswered.
const STREAMS_ANSWERED: usize = 4;

/// One request-response protocol.
pub(super) type Requests = request_response::Behaviour<FrameCodec>;

/// The protocols of a node.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    limits: connection_limits::Behaviour,
    memory: Toggle<memory_connection_limits::Behaviour>,
    pub(super) blocked: allow_block_list::Behaviour<allow_block_list::BlockedPeers>,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    direct: Requests,
    record: Requests,
    mail: Requests,
    group: Requests,
    ledger: Requests,
    pub(super) gossip: Gossip,
}

impl Behaviour {
    /// Returns the behaviour of a node with this key, inside these limits, that takes gossip in
    /// here.
    pub(super) fn new(
        key: &Keypair,
        limits: &Limits,
        timeout: Option<Duration>,
        intake: Intake,
    ) -> Self {
        let connections = connection_limits::ConnectionLimits::default()
            .with_max_pending_incoming(Some(limits.pending_in))
            .with_max_pending_outgoing(Some(limits.pending_out))
            .with_max_established_incoming(Some(limits.established_in))
            .with_max_established_outgoing(Some(limits.established_out))
            .with_max_established_per_peer(Some(limits.per_peer));
        // Addresses travel in signed records to those who may see them, not to every peer.
        let identify = identify::Config::new(PROTOCOL_VERSION.to_owned(), key.public())
            .with_agent_version(AGENT_VERSION.to_owned())
            .with_hide_listen_addrs(true)
            .with_cache_size(0);
        let inbound = Budget::new(limits.inbound_bytes);
        let outbound = Budget::new(limits.outbound_bytes);
        let requests = |protocol: Protocol| {
            let limits = protocol.limits();
            let config = request_response::Config::default()
                .with_request_timeout(timeout.unwrap_or(limits.timeout))
                .with_max_concurrent_streams(limits.streams * STREAMS_ANSWERED);
            let codec = FrameCodec { limits, inbound: inbound.clone(), outbound: outbound.clone() };
            let name = StreamProtocol::new(protocol.name());
            let both_ways = request_response::ProtocolSupport::Full;
            Requests::with_codec(codec, [(name, both_ways)], config)
        };
        Self {
            limits: connection_limits::Behaviour::new(connections),
            memory: limits.memory.map(memory_connection_limits::Behaviour::with_max_bytes).into(),
            blocked: allow_block_list::Behaviour::default(),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::default(),
            direct: requests(Protocol::Direct),
            record: requests(Protocol::Record),
            mail: requests(Protocol::Mail),
            group: requests(Protocol::Group),
            ledger: requests(Protocol::Ledger),
            gossip: gossip(intake, limits.mesh_high),
        }
    }

    /// Returns the behaviour of one request-response protocol.
    pub(super) fn requests(&mut self, protocol: Protocol) -> &mut Requests {
        match protocol {
            Protocol::Direct => &mut self.direct,
            Protocol::Record => &mut self.record,
            Protocol::Mail => &mut self.mail,
            Protocol::Group => &mut self.group,
            Protocol::Ledger => &mut self.ledger,
        }
    }
}
