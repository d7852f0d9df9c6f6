//! `run`: one scenario, one seed, one report.

use super::{
    args::{Run, Wrong},
    finding_scenario::Meant,
    levels::Levels,
    progress::Watch,
};
use crate::report;

/// Runs a scenario once; returns whether it came to what is expected.
pub(super) fn run(of: &Run, levels: Levels) -> Result<bool, Wrong> {
    let meant = of.what.find()?;
    let Meant { scenario, sabotage, .. } = &meant;
    let seed = of.seed.unwrap_or(scenario.seed);
    eprintln!("{}, seed {seed}: {}", scenario.name, scenario.about);
    let measured = levels.run(scenario, seed, *sabotage, Watch::Stderr)?;
    let (summary, unmet) = report::write(&of.out, &meant.origin(), &measured)?;
    for finding in measured.findings.iter().take(10) {
        eprintln!(
            "{}: {} at {} ms: {}",
            finding.checker, finding.node, finding.at_ms, finding.what
        );
    }
    for what in &unmet {
        eprintln!("not as expected: {what}");
    }
    println!(
        "{} of {} delivered, p50 {} ms, p99 {} ms, {} violations, {:.1} s simulated in {:.1} s, \
         trace {} ({})",
        summary.delivered,
        summary.expected,
        summary.latency_ms.p50,
        summary.latency_ms.p99,
        summary.violations,
        summary.simulated_seconds,
        summary.wall_seconds,
        summary.trace_hash,
        summary.trace_covers
    );
    eprintln!("the report is {}", of.out.join("report.html").display());
    Ok(unmet.is_empty())
}
