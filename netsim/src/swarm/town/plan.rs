//! What a town does: a scenario's `[swarm.town]`, and what goes with it.

use crate::{
    scenario::Nodes,
    swarm::{links::Profile, table::TownTable},
};
use std::time::Duration;

/// Who lives in a town, and what they write.
#[derive(Debug, Clone, PartialEq)]
pub struct TownPlan {
    /// Super nodes, and people, each with a whole node.
    pub nodes: Nodes,
    /// The share of people's nodes behind a NAT.
    pub natted: f64,
    /// Who is whose friend, and what they write.
    pub town: TownTable,
    /// What links are like.
    pub links: Profile,
    /// How long people write.
    pub workload: Duration,
    /// How long the town has after that.
    pub tail: Duration,
}

impl TownPlan {
    /// Returns the time between two messages.
    pub fn every(&self) -> Duration {
        self.workload / self.town.messages.max(1)
    }

    /// Returns how many people are members of the group; none where there is no group.
    pub fn members(&self) -> usize {
        usize::try_from(self.town.members).unwrap_or_default()
    }
}
