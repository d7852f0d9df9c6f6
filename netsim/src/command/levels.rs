//! Which level runs a scenario.

use super::{args::Wrong, planted::Planted, progress::Watch};
use crate::{
    cores::{self, Finding},
    report::Measured,
    scenario::{Level, Scenario},
    swarm::{self, Panicked, Platform},
};

/// How the program is built that has virtual time.
const BUILD: &str = "cargo build --release --locked --manifest-path netsim/virtual/Cargo.toml --target-dir target/virtual";
/// Where it then is.
const BUILT: &str = "target/virtual/release/magpie-sim";

/// The levels that this program can run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    /// Virtual time, which the level swarm needs.
    pub(super) platform: Option<Platform>,
}

impl Levels {
    /// Runs a scenario under a seed on its level; `watch` says how far it is, where it tells that.
    pub(super) fn run(
        self,
        scenario: &Scenario,
        seed: u64,
        sabotage: Option<Planted>,
        watch: Watch,
    ) -> Result<Measured, Wrong> {
        if let Some(planted) = sabotage {
            planted.check(scenario)?;
        }
        let Level::Swarm = scenario.level else {
            let of_cores = |planted| match planted {
                Planted::Core(bug) => Some(bug),
                Planted::Swarm(_) => None,
            };
            let sabotage = sabotage.and_then(of_cores);
            let seed_thread = self.platform.unwrap_or_else(Platform::real).seed_thread;
            return Ok(cores::run_seeded(scenario, seed, sabotage, seed_thread).into());
        };
        let name = &scenario.name;
        let Some(platform) = self.platform else {
            return Err(Wrong::Usage(format!(
                "{name} is of the level swarm: libp2p has to run in virtual time, which takes a build of its \
                 own. In the folder of the source, build it with\n    {BUILD}\nand give the same \
                 arguments to\n    {BUILT}"
            )));
        };
        let of_swarms = |planted| match planted {
            Planted::Swarm(bug) => Some(bug),
            Planted::Core(_) => None,
        };
        let sabotage = sabotage.and_then(of_swarms);
        match swarm::run(scenario, seed, sabotage, platform, watch.progress()) {
            Ok(outcome) => Ok(outcome.measured(seed)),
            Err(error) => match error.panic() {
                Some(panic) => Ok(panicked(seed, panic)),
                None => Err(Wrong::Failed(format!("{name}, seed {seed}: {error}"))),
            },
        }
    }
}

/// Returns what is told of a run that panicked.
fn panicked(seed: u64, panic: &Panicked) -> Measured {
    let what = panic.0.clone();
    let finding = Finding { at_ms: 0, checker: "never-panics", node: String::new(), what };
    Measured { seed, findings: vec![finding], violations: 1, ..Measured::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin;

    #[test]
    fn without_virtual_time_a_swarm_is_refused_with_what_to_build() {
        let scenario = builtin::scenario("gossip-100").unwrap().unwrap();
        let ran = Levels { platform: None }.run(&scenario, 1, None, Watch::Silent);
        let Err(Wrong::Usage(text)) = ran else { panic!("{ran:?}") };
        assert!(text.contains(BUILD) && text.contains(BUILT), "{text}");
    }

    #[test]
    fn a_bug_of_the_cores_cannot_be_planted_in_a_swarm() {
        let scenario = builtin::scenario("gossip-100").unwrap().unwrap();
        let levels = Levels { platform: Some(Platform::real()) };
        let planted = Some(Planted::Core(cores::Sabotage::ALL[0].sabotage));
        let ran = levels.run(&scenario, 1, planted, Watch::Silent);
        assert!(matches!(ran, Err(Wrong::Usage(text)) if text.contains("level core")));
    }
}
