//! What gossip did so far, for whoever watches a node.

use super::Intake;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// What gossip did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GossipTraffic {
    /// Frames of subscribed topics that came from peers, each as often as one sent it.
    pub copies: u64,
    /// Peers to whom frames go as they come, over all topics, as of the last tick.
    pub mesh: usize,
}

/// Where the swarm task counts and others read.
#[derive(Debug, Clone)]
pub(in crate::host::net) struct Counts {
    intake: Intake,
    mesh: Arc<AtomicUsize>,
}

impl Counts {
    pub(in crate::host::net) fn new(intake: Intake) -> Self {
        Self { intake, mesh: Arc::default() }
    }

    pub(super) fn set_mesh(&self, peers: usize) {
        self.mesh.store(peers, Relaxed);
    }

    pub(in crate::host::net) fn read(&self) -> GossipTraffic {
        GossipTraffic { copies: self.intake.copies(), mesh: self.mesh.load(Relaxed) }
    }
}
