//! The bug that is to be planted, of either level.

use super::args::Wrong;
use crate::{
    cores,
    scenario::{Level, Scenario},
    swarm,
};

/// A bug of one of the levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Planted {
    /// In disks, hosts and links of cores.
    Core(cores::Sabotage),
    /// In the nodes of a swarm.
    Swarm(swarm::Sabotage),
}

impl Planted {
    /// Finds a bug by its name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let of_cores = cores::Sabotage::named(name).map(Self::Core);
        of_cores.or_else(|| swarm::Sabotage::named(name).map(Self::Swarm))
    }

    /// Returns its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Core(bug) => bug.name(),
            Self::Swarm(bug) => bug.name(),
        }
    }

    /// Refuses a scenario in which the bug cannot be planted.
    pub(super) fn check(self, scenario: &Scenario) -> Result<(), Wrong> {
        let gossips = scenario.swarm.as_ref().is_some_and(|swarm| swarm.gossip.is_some());
        let place = match (self, scenario.level) {
            (Self::Core(_), Level::Core) => return Ok(()),
            (Self::Swarm(_), Level::Swarm) if gossips => return Ok(()),
            (Self::Core(_), Level::Swarm) => "at the level core alone",
            (Self::Swarm(_), _) => "in [swarm.gossip] alone",
        };
        let (bug, name) = (self.name(), &scenario.name);
        Err(Wrong::Usage(format!("--sabotage: {bug} is planted {place}, not in {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin;

    #[test]
    fn a_bug_is_planted_at_its_level_alone() {
        let check = |bug: &str, name: &str| {
            let scenario = builtin::scenario(name).unwrap().unwrap();
            Planted::named(bug).unwrap().check(&scenario).map_err(|wrong| wrong.to_string())
        };
        assert_eq!((check("no-scores", "junk"), check("skip-flush", "squall")), (Ok(()), Ok(())));
        let told = |bug, name| check(bug, name).unwrap_err();
        assert!(
            told("skip-flush", "junk").contains("skip-flush is planted at the level core alone")
        );
        assert!(told("no-scores", "squall").contains("in [swarm.gossip] alone"));
        assert!(told("no-scores", "town-group-10").contains("in [swarm.gossip] alone"));
        assert_eq!(Planted::named("nothing-like-it"), None);
    }
}
