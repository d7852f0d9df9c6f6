//! What each of the swarm's events means for the tables and the core.

use super::{
    behaviour::BehaviourEvent,
    codec::{Answer, Refusal, Request},
    config::node_of,
    task::Task,
};
use crate::core::net::{Fault, NetEvent, Protocol, Unanswered};
use libp2p::{
    PeerId, ping,
    request_response::{self, Message, OutboundFailure},
    swarm::{DialError, SwarmEvent},
};
use std::io;

type RequestEvent = request_response::Event<Request, Answer>;

impl Task {
    pub(super) fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let Some(node) = node_of(&peer_id) else {
                    self.swarm.close_connection(connection_id);
                    return;
                };
                let now = self.now();
                if self.peers.connected(node, endpoint.is_dialer(), now) {
                    self.rate(node);
                    self.outbox.push_back(NetEvent::Connected { peer: node });
                }
                self.send_waiting(node);
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established, cause, .. } => {
                let Some(node) = node_of(&peer_id) else { return };
                tracing::debug!(peer = %node, ?cause, "connection closed");
                let now = self.now();
                self.peers.disconnected(node, num_established, now);
                if num_established == 0 {
                    self.outbox.push_back(NetEvent::Disconnected { peer: node });
                    for id in self.outbound.fail_waiting(node) {
                        self.fail(id, Unanswered::Disconnected);
                    }
                }
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
                tracing::debug!(%peer, %error, "dial failed");
                let Some(node) = node_of(&peer) else { return };
                // Both sides may dial at once, and one of the two dials then fails.
                let overtaken = matches!(error, DialError::DialPeerConditionFalse(_));
                if overtaken || self.peers.is_connected(node) {
                    self.peers.dial_ended(node);
                } else {
                    self.unreachable(node);
                }
            }
            SwarmEvent::NewListenAddr { listener_id, address } => {
                let address = address.to_string();
                self.listeners.up(listener_id, address.clone());
                self.outbox.push_back(NetEvent::Listening { address });
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.listeners.expired(&address.to_string());
            }
            SwarmEvent::ListenerClosed { listener_id, addresses, reason } => {
                let reason = reason.err().map_or_else(|| "closed".to_owned(), |e| e.to_string());
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                self.listeners.closed(listener_id, &addresses, reason);
            }
            SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "listener"),
            other => tracing::trace!(?other, "swarm"),
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Direct(event) => self.on_request(Protocol::Direct, event),
            BehaviourEvent::Record(event) => self.on_request(Protocol::Record, event),
            BehaviourEvent::Mail(event) => self.on_request(Protocol::Mail, event),
            BehaviourEvent::Group(event) => self.on_request(Protocol::Group, event),
            BehaviourEvent::Ledger(event) => self.on_request(Protocol::Ledger, event),
            BehaviourEvent::Gossip(event) => self.on_gossip(event),
            // libp2p only tells; a connection that answers no ping is dead and would hide that
            // its peer must be dialled again.
            BehaviourEvent::Ping(ping::Event { connection, result: Err(failure), .. })
                if !matches!(failure, ping::Failure::Unsupported) =>
            {
                self.swarm.close_connection(connection);
            }
            other => tracing::trace!(?other, "behaviour"),
        }
    }

    fn on_request(&mut self, protocol: Protocol, event: RequestEvent) {
        match event {
            RequestEvent::Message {
                peer,
                message: Message::Request { request_id, request, channel },
                ..
            } => self.on_inbound(protocol, &peer, request_id, request, channel),
            RequestEvent::Message {
                peer,
                message: Message::Response { request_id, response },
                ..
            } => {
                let outcome = match response {
                    Answer::Whole(bytes, _) => Ok(bytes),
                    Answer::Refusal(Refusal::Refused | Refusal::Malformed) => {
                        Err(Unanswered::Refused)
                    }
                    Answer::Refusal(Refusal::TooLarge) => Err(Unanswered::TooLarge),
                    Answer::Refusal(Refusal::Busy) => Err(Unanswered::Busy),
                };
                self.on_outcome(protocol, &peer, request_id, outcome);
            }
            RequestEvent::OutboundFailure { peer, request_id, error, .. } => {
                let reason = failure_of(&error);
                tracing::debug!(%peer, %error, "request failed");
                self.on_outcome(protocol, &peer, request_id, Err(reason));
            }
            RequestEvent::InboundFailure { request_id, .. }
            | RequestEvent::ResponseSent { request_id, .. } => {
                self.inbound.done(protocol, request_id);
            }
        }
    }

    fn on_inbound(
        &mut self,
        protocol: Protocol,
        peer: &PeerId,
        wire: request_response::InboundRequestId,
        request: Request,
        channel: super::inbound::Channel,
    ) {
        let Some(from) = node_of(peer) else { return };
        let now = self.now();
        self.peers.used(from, now);
        let (refusal, fault, channel) = match request {
            Request::Whole(bytes, lease) => {
                match self.inbound.admit(from, protocol, wire, channel, lease) {
                    Ok(id) => {
                        self.outbox.push_back(NetEvent::Inbound { id, from, protocol, bytes });
                        return;
                    }
                    Err(channel) => (Refusal::Busy, None, channel),
                }
            }
            Request::Bad(refusal) => {
                // A frame that ends early may be an honest peer's that gave up: no fault.
                let fault = (refusal == Refusal::TooLarge).then_some(Fault::Flooding);
                (refusal, fault, channel)
            }
        };
        // An error says that the stream is gone, and with it who could read the refusal.
        let requests = self.swarm.behaviour_mut().requests(protocol);
        let _ = requests.send_response(channel, Answer::Refusal(refusal));
        if let Some(fault) = fault {
            self.misbehaved(from, fault);
        }
    }

    fn on_outcome(
        &mut self,
        protocol: Protocol,
        peer: &PeerId,
        wire: request_response::OutboundRequestId,
        outcome: Result<Vec<u8>, Unanswered>,
    ) {
        if let Some(id) = self.outbound.done(protocol, wire) {
            self.outbox.push_back(match outcome {
                Ok(bytes) => NetEvent::Answered { id, bytes },
                Err(reason) => NetEvent::Failed { id, reason },
            });
        }
        let Some(node) = node_of(peer) else { return };
        let now = self.now();
        self.peers.used(node, now);
        if self.peers.is_connected(node) {
            self.send_waiting(node);
        }
    }
}

fn failure_of(error: &OutboundFailure) -> Unanswered {
    match error {
        OutboundFailure::DialFailure => Unanswered::Unreachable,
        OutboundFailure::Timeout => Unanswered::TimedOut,
        OutboundFailure::ConnectionClosed => Unanswered::Disconnected,
        OutboundFailure::UnsupportedProtocols => Unanswered::Refused,
        OutboundFailure::Io(error) => match error.kind() {
            io::ErrorKind::InvalidData => Unanswered::Refused,
            io::ErrorKind::OutOfMemory => Unanswered::Busy,
            _ => Unanswered::Disconnected,
        },
    }
}
