//! Which rule a transport event belongs to.

use crate::core::{
    Effect, Role, Turn,
    net::{Fault, InboundId, NetCommand, NetEvent, Protocol, RequestId},
};
use magpie_protocol::address::NodeId;

impl Turn<'_> {
    /// Takes what the transport tells.
    pub(crate) fn net(&mut self, event: NetEvent) {
        self.core.net.note(&event);
        match event {
            NetEvent::Inbound { id, from, protocol, bytes } => {
                match (&self.core.config.role, protocol) {
                    (Role::Super { .. }, Protocol::Record) => self.serve_record(id, from, &bytes),
                    (Role::Super { .. }, Protocol::Mail) => self.serve_mail(id, from, &bytes),
                    // This node does not serve this protocol in its role.
                    _ => self.command(NetCommand::Refuse { id }),
                }
            }
            NetEvent::Disconnected { peer } => self.mesh_disconnected(&peer),
            _ => {}
        }
    }

    /// Asks a peer once the step is durable; the request's number comes back with the answer.
    pub(crate) fn request(&mut self, to: NodeId, protocol: Protocol, bytes: Vec<u8>) -> RequestId {
        self.core.last_request += 1;
        let id = RequestId(self.core.last_request);
        self.command(NetCommand::Request { id, to, protocol, bytes });
        id
    }

    /// Tells the swarm something once the step is durable.
    pub(crate) fn command(&mut self, command: NetCommand) {
        self.effects.push(Effect::Net(command));
    }

    /// Answers a peer once the step is durable.
    pub(crate) fn respond(&mut self, id: InboundId, bytes: Vec<u8>) {
        self.command(NetCommand::Respond { id, bytes });
    }

    /// Refuses a peer's request and counts the fault against it.
    pub(crate) fn fault(&mut self, id: InboundId, peer: NodeId, fault: Fault) {
        self.command(NetCommand::Refuse { id });
        self.command(NetCommand::Misbehaved { peer, fault });
    }
}
