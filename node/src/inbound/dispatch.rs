//! Which rule a transport event belongs to.

use crate::core::{
    Effect, Turn,
    net::{Fault, InboundId, NetCommand, NetEvent},
};
use magpie_protocol::address::NodeId;

impl Turn<'_> {
    /// Takes what the transport tells.
    pub(crate) fn net(&mut self, event: NetEvent) {
        self.core.net.note(&event);
        if let NetEvent::Inbound { id, .. } = event {
            // This node serves no protocol yet in its role.
            self.command(NetCommand::Refuse { id });
        }
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
