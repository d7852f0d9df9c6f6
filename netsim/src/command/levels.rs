//! Which level runs a scenario.

use super::args::Wrong;
use crate::{
    cores::{self, Sabotage},
    report::Measured,
    scenario::{Level, Scenario},
};

/// Runs a scenario under a seed on its level.
pub(super) fn run(
    scenario: &Scenario,
    seed: u64,
    sabotage: Option<Sabotage>,
) -> Result<Measured, Wrong> {
    match scenario.level {
        Level::Core => Ok(cores::run(scenario, seed, sabotage).into()),
        Level::Swarm => {
            let name = &scenario.name;
            Err(Wrong::Usage(format!("{name} is of the level swarm, which this program lacks")))
        }
    }
}
