//! Many seeds on several threads: a run has a thread of its own, and shares nothing with the others.

use super::{args::Wrong, levels::Levels, planted::Planted, progress::Watch};
use crate::{
    report::Measured,
    scenario::{Level, Scenario},
};
use std::{
    ops::Range,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Runs that ended and were not looked at yet, at most.
const ENDED: usize = 16;

/// What is run for each seed, and until when a seed is begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Many<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) sabotage: Option<Planted>,
    pub(super) levels: Levels,
    /// Runs at a time.
    pub(super) jobs: usize,
    /// No seed is begun later than this after the first.
    pub(super) budget: Option<Duration>,
}

impl Many<'_> {
    /// Runs seeds, each as soon as a thread is free, and hands over what each came to in the order in
    /// which they end. No further one is begun once `each` returns false or fails.
    pub(super) fn run(
        self,
        seeds: Range<u64>,
        mut each: impl FnMut(Measured) -> Result<bool, Wrong>,
    ) -> Result<(), Wrong> {
        let (begun, next) = (Instant::now(), AtomicU64::new(seeds.start));
        let is_over = AtomicBool::new(false);
        let worker = |done: &mpsc::SyncSender<Result<Measured, Wrong>>| {
            while !is_over.load(Ordering::Relaxed) {
                let in_time = self.budget.is_none_or(|budget| begun.elapsed() < budget);
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if !in_time || seed >= seeds.end {
                    return;
                }
                let measured = self.levels.run(self.scenario, seed, self.sabotage, Watch::Silent);
                if done.send(measured).is_err() {
                    return;
                }
            }
        };
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(ENDED);
            for _ in 0..self.jobs.max(1) {
                let (sender, worker) = (sender.clone(), &worker);
                scope.spawn(move || worker(&sender));
            }
            drop(sender);
            for measured in receiver {
                let goes_on = measured.and_then(&mut each);
                if !matches!(goes_on, Ok(true)) {
                    is_over.store(true, Ordering::Relaxed);
                }
                goes_on?;
            }
            Ok(())
        })
    }
}

/// Returns how many runs of a scenario this machine makes at a time: of the level swarm one, which takes
/// gigabytes.
pub(super) fn cores_for(scenario: &Scenario) -> usize {
    match scenario.level {
        Level::Swarm => 1,
        Level::Core => thread::available_parallelism().map_or(1, usize::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin;
    use std::collections::BTreeSet;

    const CORE: Levels = Levels { platform: None };

    fn tiny() -> Scenario {
        let mut scenario = builtin::scenario("chat-day").unwrap().unwrap();
        (scenario.nodes.people, scenario.seconds) = (2, 1);
        scenario
    }

    #[test]
    fn every_seed_is_run_once_and_one_seed_is_the_same_beside_others() {
        let scenario = tiny();
        let many =
            |jobs| Many { scenario: &scenario, sabotage: None, levels: CORE, jobs, budget: None };
        let traces = |jobs| {
            let mut traces = BTreeSet::new();
            let mut count = 0;
            many(jobs)
                .run(3..8, |measured| {
                    count += 1;
                    traces.insert((measured.seed, measured.trace_hash));
                    Ok(true)
                })
                .unwrap();
            assert_eq!(count, traces.len());
            traces
        };
        let alone = traces(1);
        assert_eq!(alone.iter().map(|(seed, _)| *seed).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
        assert_eq!(traces(3), alone);
    }

    #[test]
    fn no_seed_is_begun_after_the_time_or_after_an_end() {
        let scenario = tiny();
        let many =
            Many { scenario: &scenario, sabotage: None, levels: CORE, jobs: 2, budget: None };
        let mut seen = 0;
        let ended = many.run(0..1_000, |_| {
            seen += 1;
            Ok(false)
        });
        assert!(ended.is_ok() && (1..=4).contains(&seen), "{seen}");
        let late = Many { budget: Some(Duration::ZERO), ..many };
        late.run(0..1_000, |_| panic!("there was no time to run it")).unwrap();
    }
}
