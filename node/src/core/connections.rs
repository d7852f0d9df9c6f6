//! Who the node is connected to, as the transport last told.

use crate::core::net::NetEvent;
use magpie_protocol::address::NodeId;
use std::collections::BTreeSet;

/// The peers that stand, and the super nodes among them that matter.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    supers: BTreeSet<NodeId>,
    peers: BTreeSet<NodeId>,
}

impl Connections {
    /// Returns the connections of a node whose network has these super nodes.
    pub(crate) const fn new(supers: BTreeSet<NodeId>) -> Self {
        Self { supers, peers: BTreeSet::new() }
    }

    /// Notes what the transport tells of connections. The set is bounded by the swarm's limits.
    pub(crate) fn note(&mut self, event: &NetEvent) {
        match event {
            NetEvent::Connected { peer } => {
                self.peers.insert(*peer);
            }
            NetEvent::Disconnected { peer } => {
                self.peers.remove(peer);
            }
            _ => {}
        }
    }

    /// Returns whether the node belongs to a network.
    pub(crate) fn is_configured(&self) -> bool {
        !self.supers.is_empty()
    }

    /// Returns how many super nodes the node is connected to.
    pub(crate) fn supers_connected(&self) -> usize {
        self.supers.intersection(&self.peers).count()
    }

    /// Returns how many peers the node is connected to.
    pub(crate) fn peers_connected(&self) -> usize {
        self.peers.len()
    }
}
