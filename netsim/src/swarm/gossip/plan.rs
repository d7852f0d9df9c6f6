//! What a gossip run does: a scenario's `[swarm.gossip]`, and what goes with it.

use crate::{
    scenario::Nodes,
    swarm::{
        links::Profile,
        sabotage::Sabotage,
        table::{Attack, Churn, Partition, Publishing},
    },
};
use std::time::Duration;

/// Everything that one gossip run needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Super nodes, to whom every node keeps a connection, and nodes that keep to the rules, the sources
    /// first.
    pub nodes: Nodes,
    /// The share of people's nodes behind a NAT.
    pub natted: f64,
    /// What is published.
    pub gossip: Publishing,
    /// Nodes that come and go.
    pub churn: Option<Churn>,
    /// Those who do not keep to the rules.
    pub attack: Option<Attack>,
    /// Half of the nodes reach the other half no more, for a while.
    pub partition: Option<Partition>,
    /// The bug that is planted in all nodes that keep to the rules.
    pub sabotage: Option<Sabotage>,
    /// What links are like.
    pub links: Profile,
    /// How long messages are published.
    pub workload: Duration,
    /// How long the network has after that.
    pub tail: Duration,
}

impl Plan {
    /// Returns the time between two messages.
    pub fn every(&self) -> Duration {
        self.workload / self.gossip.messages.max(1)
    }

    /// Returns how long the network has before the first message.
    pub const fn warmup(&self) -> Duration {
        Duration::from_secs(self.gossip.warmup_seconds)
    }

    /// Returns how many nodes keep to the rules, super nodes among them.
    pub const fn honest(&self) -> u32 {
        self.nodes.supers + self.nodes.people
    }
}
