//! Which rule a transport event belongs to.

use crate::core::{
    Effect, Role, Turn,
    net::{Fault, InboundId, NetCommand, NetEvent, Protocol},
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    codec::{decode, encode},
    mail::{Answer, Request},
};

impl Turn<'_> {
    /// Takes what the transport tells.
    pub(crate) fn net(&mut self, event: NetEvent) -> ApiResult<()> {
        self.core.net.note(&event);
        match event {
            NetEvent::Inbound { id, from, protocol, bytes } => {
                self.inbound(id, from, protocol, &bytes)
            }
            NetEvent::Answered { id, bytes } => match self.core.requests.take(id) {
                Some((from, purpose)) => self.answered(from, purpose, Some(&bytes)),
                None => Ok(()),
            },
            NetEvent::Failed { id, .. } => match self.core.requests.take(id) {
                Some((from, purpose)) => self.answered(from, purpose, None),
                None => Ok(()),
            },
            NetEvent::Connected { peer } => {
                self.peer_connected(peer);
                self.order_connected(peer);
                self.hand_to_returned(peer);
                Ok(())
            }
            NetEvent::Disconnected { peer } => {
                self.mesh_disconnected(&peer);
                self.order_disconnected(&peer);
                Ok(())
            }
            NetEvent::Listening { address } => self.listening(address),
            NetEvent::Gossip { id, from, topic, bytes } => {
                self.take_gossip(id, from, topic, &bytes)
            }
        }
    }

    fn inbound(
        &mut self,
        id: InboundId,
        from: NodeId,
        protocol: Protocol,
        bytes: &[u8],
    ) -> ApiResult<()> {
        match (&self.core.config.role, protocol) {
            (Role::User, Protocol::Direct) => self.take_direct(id, from, bytes),
            (Role::User, Protocol::Group) => self.take_group(id, from, bytes),
            (Role::User, Protocol::Mail) => {
                self.take_notice(id, from, bytes);
                Ok(())
            }
            (Role::Super { .. }, Protocol::Record) => {
                self.serve_record(id, from, bytes);
                Ok(())
            }
            (Role::Super { .. }, Protocol::Mail) => {
                self.serve_mail(id, from, bytes);
                Ok(())
            }
            (Role::Super { .. }, Protocol::Ledger) => {
                self.serve_ledger(id, from, bytes);
                Ok(())
            }
            _ => {
                self.command(NetCommand::Refuse { id });
                Ok(())
            }
        }
    }

    /// A super node says that mail waits.
    fn take_notice(&mut self, id: InboundId, from: NodeId, bytes: &[u8]) {
        let notice = matches!(decode::<Request>(bytes), Ok(Request::Notice { .. }));
        if !notice || self.core.super_at(from).is_none() {
            return self.fault(id, from, Fault::Malformed);
        }
        self.core.agenda.plan(crate::core::agenda::Task::Collect(from), self.now);
        match encode(&Answer::Done) {
            Ok(bytes) => self.respond(id, bytes),
            Err(_) => self.command(NetCommand::Refuse { id }),
        }
    }

    /// This node can be reached at one more address.
    fn listening(&mut self, address: String) -> ApiResult<()> {
        let core = &mut *self.core;
        if core.listening.len() < magpie_protocol::limits::NODE_ADDRESSES
            && !core.listening.contains(&address)
        {
            core.listening.push(address);
            core.listening_ms = self.now.max(core.listening_ms + 1);
            if core.open.is_some() {
                return self.publish_anew();
            }
        }
        Ok(())
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
