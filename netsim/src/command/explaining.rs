//! `explain`: a seed that fails, with all that it does not need left out.

use super::{
    args::{Explain, Wrong},
    finding_scenario::Meant,
    levels::Levels,
    planted::Planted,
    progress::Watch,
};
use crate::{
    cores::Finding,
    report::Measured,
    scenario::{Level, Scenario},
};

/// Runs that shrinking may take.
const RUNS: usize = 60;
/// Lines of the story that are told.
const LINES: usize = 60;

/// One way to make a scenario smaller; returns whether it changed anything.
type Cut = fn(&mut Scenario) -> bool;

/// All of them; what makes the most difference first.
const CUTS: &[Cut] = &[
    |it| it.workload.payments.take().is_some(),
    |it| it.workload.packets.take().is_some(),
    |it| it.workload.packets.is_none() && it.workload.groups.take().is_some(),
    |it| it.workload.chat.take().is_some(),
    |it| std::mem::take(&mut it.links.loss) > 0.0,
    |it| std::mem::take(&mut it.links.jitter_ms) > 0,
    |it| std::mem::take(&mut it.faults.skew_ms) > 0,
    |it| std::mem::take(&mut it.faults.partitions) > 0,
    |it| std::mem::take(&mut it.faults.io_errors) > 0,
    |it| std::mem::take(&mut it.faults.super_crashes) > 0,
    |it| std::mem::take(&mut it.faults.crashes) > 0,
    |it| it.crashes.pop().is_some(),
    |it| it.partitions.pop().is_some(),
    |it| it.adversaries.pop().is_some(),
    |it| halve(&mut it.faults.crashes),
    |it| it.workload.chat.as_mut().is_some_and(|chat| halve(&mut chat.messages)),
    |it| it.workload.groups.as_mut().is_some_and(|groups| halve(&mut groups.messages)),
    |it| it.workload.payments.as_mut().is_some_and(|it| halve(&mut it.transfers)),
    |it| it.workload.packets.as_mut().is_some_and(|it| halve(&mut it.count)),
    |it| {
        let least = it.workload.groups.as_ref().map_or(2, |groups| groups.members.max(2));
        let fewer = it.nodes.people > least;
        it.nodes.people -= u32::from(fewer);
        fewer
    },
    |it| {
        let shorter = it.seconds > 4;
        it.seconds -= if shorter { it.seconds / 2 } else { 0 };
        shorter
    },
];

fn halve(number: &mut u32) -> bool {
    let halved = *number / 2;
    std::mem::replace(number, halved) > 1
}

/// Tells the story of a seed that fails; returns whether it does not fail.
pub(super) fn explain(of: &Explain, levels: Levels) -> Result<bool, Wrong> {
    let Meant { mut scenario, sabotage, .. } = of.what.find()?;
    let seed = of.seed.unwrap_or(scenario.seed);
    if scenario.level == Level::Swarm {
        return Err(Wrong::Usage(format!(
            "{} is of the level swarm, whose runs are not shrunk; events.jsonl of `run` says who missed what",
            scenario.name
        )));
    }
    let mut measured = levels.run(&scenario, seed, sabotage, Watch::Silent)?;
    let Some(first) = measured.findings.first().cloned() else {
        println!("seed {seed} of {} finds nothing", scenario.name);
        return Ok(true);
    };
    eprintln!("{}: {}: {}", first.checker, first.node, first.what);
    let mut runs = 0;
    shrink(&mut scenario, &mut measured, &mut runs, (&first, seed, sabotage), levels)?;
    tell(&scenario, &measured, &first, runs);
    Ok(false)
}

/// Leaves out whatever the finding does not need.
fn shrink(
    scenario: &mut Scenario,
    measured: &mut Measured,
    runs: &mut usize,
    (first, seed, sabotage): (&Finding, u64, Option<Planted>),
    levels: Levels,
) -> Result<(), Wrong> {
    loop {
        let before = *runs;
        let mut was_cut = false;
        for cut in CUTS {
            let mut smaller = scenario.clone();
            if *runs >= RUNS || !cut(&mut smaller) {
                continue;
            }
            *runs += 1;
            let tried = levels.run(&smaller, seed, sabotage, Watch::Silent)?;
            if tried.findings.iter().any(|finding| finding.checker == first.checker) {
                eprintln!("still found in a smaller run ({runs})");
                (*scenario, *measured, was_cut) = (smaller, tried, true);
            }
        }
        if !was_cut || *runs >= RUNS || *runs == before {
            return Ok(());
        }
    }
}

fn tell(scenario: &Scenario, measured: &Measured, first: &Finding, runs: usize) {
    println!("{}, seed {}, after {runs} runs with less:", scenario.name, measured.seed);
    println!(
        "{} super nodes, {} people, {} s; {:?}; {:?}",
        scenario.nodes.supers,
        scenario.nodes.people,
        scenario.seconds,
        scenario.workload,
        scenario.faults
    );
    let found: Vec<_> = measured.findings.iter().filter(|it| it.checker == first.checker).collect();
    // What is found at the end is about somebody: their lines are the story, and everybody's faults.
    let Some(at) = found.first() else { return };
    let of_it = measured.lines.iter().filter(|line| {
        line.node == at.node || line.what.contains("struck") || line.what.contains("cut off")
    });
    let lines: Vec<_> = of_it.collect();
    for line in lines.iter().rev().take(LINES).rev() {
        println!("{:>8} ms  {:12} {}", line.at_ms, line.node, line.what);
    }
    for finding in found {
        println!(
            "{:>8} ms  {:12} {}: {}",
            finding.at_ms, finding.node, finding.checker, finding.what
        );
    }
}
