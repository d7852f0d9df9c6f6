//! A scenario of the swarm level: what it asks for, and what came of it.

use super::{
    alone::Panicked,
    gossip::{self, Outcome, Plan, RunError},
    links::{Latency, Profile},
    platform::Platform,
    progress::Progress,
    sabotage::Sabotage,
    table::SwarmTable,
    town::{self, TownError, TownOutcome, TownPlan},
};
use crate::scenario::Scenario;
use std::time::Duration;

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub enum SwarmOutcome {
    /// Of swarms alone.
    Gossip(Outcome),
    /// Of whole nodes.
    Town(TownOutcome),
}

/// Why a scenario of the swarm level did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// It has no `[swarm]` table, or neither of its two kinds.
    #[error("the scenario has neither [swarm.gossip] nor [swarm.town]")]
    NoSwarm,
    /// A gossip run failed.
    #[error(transparent)]
    Gossip(#[from] RunError),
    /// A town failed.
    #[error(transparent)]
    Town(#[from] TownError),
}

impl SwarmError {
    /// Returns the panic that ended the run, if one did.
    pub const fn panic(&self) -> Option<&Panicked> {
        match self {
            Self::Gossip(RunError::Panicked(panic)) | Self::Town(TownError::Panicked(panic)) => {
                Some(panic)
            }
            _ => None,
        }
    }
}

/// Runs a scenario of the swarm level with this seed, on a thread of its own, and tells of its
/// progress about once a simulated second. A bug is planted in the nodes of `[swarm.gossip]` alone.
pub fn run(
    scenario: &Scenario,
    seed: u64,
    sabotage: Option<Sabotage>,
    platform: Platform,
    progress: impl FnMut(Progress) + Send + 'static,
) -> Result<SwarmOutcome, SwarmError> {
    let table = scenario.swarm.as_ref().ok_or(SwarmError::NoSwarm)?;
    let links = links(scenario, table);
    let workload = Duration::from_secs(scenario.seconds);
    let tail = Duration::from_secs(scenario.settle_seconds);
    let nodes = scenario.nodes;
    let natted = table.natted;
    if let Some(gossip) = table.gossip.clone() {
        let SwarmTable { churn, attack, partition, .. } = table.clone();
        let plan = Plan {
            nodes,
            natted,
            gossip,
            churn,
            attack,
            partition,
            sabotage,
            links,
            workload,
            tail,
        };
        return Ok(SwarmOutcome::Gossip(gossip::run(plan, seed, platform, progress)?));
    }
    let town = table.town.clone().ok_or(SwarmError::NoSwarm)?;
    let plan = TownPlan { nodes, natted, town, links, workload, tail };
    Ok(SwarmOutcome::Town(town::run(plan, seed, platform, progress)?))
}

fn links(scenario: &Scenario, table: &SwarmTable) -> Profile {
    let ms = Duration::from_millis;
    let [least, most] = scenario.links.latency_ms;
    let latency = if table.regions_ms.is_empty() {
        Latency::Between(ms(least), ms(most))
    } else {
        let row = |row: &Vec<u64>| row.iter().copied().map(ms).collect();
        Latency::Regions(table.regions_ms.iter().map(row).collect())
    };
    Profile {
        latency,
        jitter: ms(scenario.links.jitter_ms),
        loss: scenario.links.loss,
        uplink: table.uplink_kbit.map(|kbit| kbit.saturating_mul(1_000) / 8),
    }
}
