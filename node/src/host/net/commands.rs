//! What the core asks of the swarm, and what is due without being asked.

use super::{
    codec::{Refusal, Request},
    config::peer_of,
    outbound::Ready,
    task::Task,
};
use crate::core::net::{Fault, NetCommand, Unanswered};
use libp2p::swarm::{
    DialError,
    dial_opts::{DialOpts, PeerCondition},
};
use magpie_protocol::address::NodeId;
use tokio::time::Instant;

impl Task {
    /// Does what the core asks.
    pub(super) fn on_command(&mut self, command: NetCommand) {
        let now = self.now();
        match command {
            NetCommand::Request { id, to, protocol, bytes } => {
                if let Err(reason) = self.request(to, Ready { id, protocol, bytes }) {
                    self.fail(id, reason);
                }
            }
            NetCommand::Respond { id, bytes } => {
                let len = bytes.len();
                if !self.inbound.answer(self.swarm.behaviour_mut(), id, Ok(bytes)) {
                    tracing::debug!(id = id.0, len, "an answer was too late or too large");
                }
            }
            NetCommand::Refuse { id } => {
                self.inbound.answer(self.swarm.behaviour_mut(), id, Err(Refusal::Refused));
            }
            NetCommand::Keep { peer, addresses } => {
                self.add_addresses(peer, &addresses);
                if !self.peers.keep(peer, now) {
                    tracing::warn!(%peer, "as many peers are kept as may be");
                }
                self.dial();
            }
            NetCommand::Forget { peer } => self.peers.forget(peer, now),
            NetCommand::AddAddresses { peer, addresses } => self.add_addresses(peer, &addresses),
            NetCommand::Misbehaved { peer, fault } => self.misbehaved(peer, fault),
            NetCommand::Subscribe { .. }
            | NetCommand::Unsubscribe { .. }
            | NetCommand::Publish { .. }
            | NetCommand::Judge { .. } => tracing::debug!("this transport does not gossip"),
        }
    }

    fn add_addresses(&mut self, peer: NodeId, addresses: &[String]) {
        let bad = self.peers.add_addresses(peer, addresses, self.now());
        if bad > 0 {
            tracing::debug!(%peer, bad, "texts that are no address of the peer");
        }
    }

    fn request(&mut self, to: NodeId, ready: Ready) -> Result<(), Unanswered> {
        let limits = ready.protocol.limits();
        if ready.bytes.len() > limits.request {
            return Err(Unanswered::TooLarge);
        }
        if self.score.is_blocked(to) {
            return Err(Unanswered::Blocked);
        }
        let connected = self.peers.is_connected(to);
        if !connected && !self.peers.has_address(to) {
            return Err(Unanswered::NoAddress);
        }
        let deadline = Instant::now() + self.timeout.unwrap_or(limits.timeout);
        self.outbound.admit(to, ready, deadline)?;
        if connected {
            self.send_waiting(to);
        } else {
            self.peers.want(to);
            self.dial();
        }
        Ok(())
    }

    /// Sends what waits for a connected peer, as far as it has streams to spare.
    pub(super) fn send_waiting(&mut self, to: NodeId) {
        let now = self.now();
        while let Some(Ready { id, protocol, bytes }) = self.outbound.next_for(to) {
            let request = Request::Whole(bytes, self.requests.lease());
            let requests = self.swarm.behaviour_mut().requests(protocol);
            let wire = requests.send_request(&peer_of(to), request);
            self.outbound.sent(to, id, protocol, wire);
            self.peers.used(to, now);
        }
    }

    /// Dials whom it is time to dial.
    pub(super) fn dial(&mut self) {
        let now = self.now();
        for (node, addresses) in self.peers.due(now, |node| self.score.is_blocked(node)) {
            let options = DialOpts::peer_id(peer_of(node))
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(addresses)
                .build();
            match self.swarm.dial(options) {
                Ok(()) => {}
                // The connection is there, its event is on the way.
                Err(DialError::DialPeerConditionFalse(_)) => self.peers.dial_ended(node),
                Err(error) => {
                    tracing::debug!(peer = %node, %error, "not dialled");
                    self.unreachable(node);
                }
            }
        }
    }

    /// Fails what waits for a peer after a failed dial.
    pub(super) fn unreachable(&mut self, node: NodeId) {
        self.peers.dial_failed(node, self.now());
        for id in self.outbound.fail_waiting(node) {
            self.fail(id, Unanswered::Unreachable);
        }
    }

    /// Fails the requests whose time has passed.
    pub(super) fn expire(&mut self) {
        for (id, to) in self.outbound.expire(Instant::now()) {
            if !self.outbound.is_waiting(to) {
                self.peers.unwant(to);
            }
            self.fail(id, Unanswered::TimedOut);
        }
    }

    /// Does what is due: ends blocks, lets idle peers go, dials.
    pub(super) fn tick(&mut self) {
        let now = self.now();
        for node in self.score.over(now) {
            self.swarm.behaviour_mut().blocked.unblock_peer(peer_of(node));
        }
        let busy = |node| self.outbound.is_under_way(node) || self.inbound.is_busy(node);
        for node in self.peers.idle(now, busy) {
            // An error says that it is disconnected already.
            let _ = self.swarm.disconnect_peer_id(peer_of(node));
        }
        self.dial();
    }

    /// Counts a fault, and blocks the peer if it has too many.
    pub(super) fn misbehaved(&mut self, node: NodeId, fault: Fault) {
        let verdict = self.score.fault(node, fault, self.now());
        let blocked = &mut self.swarm.behaviour_mut().blocked;
        if let Some(unblocked) = verdict.unblocked {
            blocked.unblock_peer(peer_of(unblocked));
        }
        if verdict.blocked {
            blocked.block_peer(peer_of(node));
            for id in self.outbound.fail_waiting(node) {
                self.fail(id, Unanswered::Blocked);
            }
            tracing::warn!(peer = %node, ?fault, "blocked for its faults");
        }
    }
}
