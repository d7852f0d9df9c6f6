//! One node of a gossip run: the product's swarm task, and a driver that judges frames in the place
//! of a core.

use super::arena::Arena;
use crate::swarm::links::Host;
use magpie_node::{
    core::net::{NetCommand, NetEvent, Verdict},
    host::net::{Closed, GossipTraffic, NetHandle, Role, SpawnError, spawn},
};
use magpie_protocol::address::NodeId;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};

/// What a node does with frames of others.
#[derive(Debug, Clone, Copy)]
pub(super) enum Conduct {
    /// What the product does.
    Honest,
    /// Passes nothing on from this time of the run on.
    Silent(Duration),
    /// Passes on everything except what it got from this node itself.
    Censor(NodeId),
}

/// One node.
#[derive(Debug)]
pub(super) struct Member {
    handle: NetHandle,
    tasks: Vec<JoinHandle<()>>,
}

impl Member {
    /// Starts the node and lets it listen to the epoch's topic.
    pub(super) async fn start(
        arena: &Arc<Arena>,
        host: Host,
        role: Role,
        conduct: Conduct,
    ) -> Result<Self, SpawnError> {
        let (handle, events, task) = spawn(arena.swarm_of(host, role)?)?;
        let driver = tokio::spawn(drive(Arc::clone(arena), host, conduct, events, handle.clone()));
        let member = Self { handle, tasks: vec![task, driver] };
        member.send(NetCommand::Subscribe { topic: arena.epoch.topic() }).await;
        Ok(member)
    }

    /// Asks the swarm for something.
    pub(super) async fn send(&self, command: NetCommand) {
        // A swarm that has ended is one that churn took.
        let _: Result<(), Closed> = self.handle.send(command).await;
    }

    /// Keeps a connection to another.
    pub(super) async fn keep(&self, other: (NodeId, Host)) {
        let (peer, host) = other;
        self.send(NetCommand::Keep { peer, addresses: vec![host.addr()] }).await;
    }

    pub(super) const fn id(&self) -> NodeId {
        self.handle.local
    }

    pub(super) fn gossip(&self) -> GossipTraffic {
        self.handle.gossip()
    }

    /// Ends the node as a program does that closes its connections.
    pub(super) fn leave(self) {
        self.handle.shutdown();
    }

    /// Ends the node in whatever it does; its host has to be killed before, so that nobody is told.
    pub(super) async fn cut(self) {
        for task in self.tasks {
            task.abort();
            // It was aborted, or had ended: both are the end that is wanted.
            let _ = task.await;
        }
    }
}

async fn drive(
    arena: Arc<Arena>,
    host: Host,
    conduct: Conduct,
    mut events: mpsc::Receiver<NetEvent>,
    swarm: NetHandle,
) {
    while let Some(event) = events.recv().await {
        let command = match event {
            NetEvent::Gossip { id, from, bytes, .. } => {
                let verdict = match conduct {
                    Conduct::Honest => arena.hear(host, &bytes),
                    Conduct::Silent(since) if arena.now() >= since => Verdict::Ignore,
                    Conduct::Censor(victim) if from == victim => Verdict::Ignore,
                    Conduct::Silent(_) | Conduct::Censor(_) => Verdict::Accept,
                };
                NetCommand::Judge { id, verdict }
            }
            NetEvent::Inbound { id, .. } => NetCommand::Refuse { id },
            _ => continue,
        };
        if swarm.send(command).await.is_err() {
            break;
        }
    }
}
