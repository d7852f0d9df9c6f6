//! `sweep`: many seeds.

use super::{
    args::{Sweep, Wrong},
    finding_scenario::Meant,
    levels::Levels,
    progress::Progress,
    side_by_side::{self, Many},
};
use crate::report::{self, Summary, unmet};
use std::fs;

/// Runs many seeds; returns whether all came to what is expected.
pub(super) fn sweep(of: &Sweep, levels: Levels) -> Result<bool, Wrong> {
    let meant = of.what.find()?;
    let Meant { scenario, sabotage, .. } = &meant;
    let mut progress = Progress::new(of.seeds);
    let (mut runs, mut failed) = (Vec::new(), Vec::new());
    let jobs = of.jobs.unwrap_or_else(|| side_by_side::cores_for(scenario));
    let many = Many { scenario, sabotage: *sabotage, levels, jobs, budget: of.budget };
    many.run(of.from..of.from.saturating_add(of.seeds), |measured| {
        let summary = Summary::of(&scenario.name, &measured);
        let unmet = unmet(&scenario.expect, &summary);
        let told = match measured.findings.first() {
            Some(finding) => format!("{}: {}: {}", finding.checker, finding.node, finding.what),
            None => unmet.join("; "),
        };
        let seed = measured.seed;
        let trace = summary.trace_hash.get(..16).unwrap_or_default();
        let result = if told.is_empty() { "ok" } else { &told };
        progress.one(&format!("seed {seed}, trace {trace}: {result}"));
        if !unmet.is_empty() {
            println!("magpie-sim explain {} --seed {seed}    {told}", of.what.scenario);
            failed.push(seed);
            if let Some(out) = &of.out {
                let folder = out.join(format!("seed-{seed}"));
                report::write(&folder, &meant.origin(), &measured)?;
            }
        }
        runs.push(summary);
        Ok(!of.first || failed.is_empty())
    })?;
    failed.sort_unstable();
    let was_first = of.first && !failed.is_empty();
    if (runs.len() as u64) < of.seeds && !was_first {
        eprintln!("the time is over");
    }
    let sweep = report::Sweep::of(&scenario.name, &runs, failed);
    for (name, it) in &sweep.numbers {
        println!(
            "{name:22} {:12.2} ± {:<10.2} ({:.2} to {:.2})",
            it.mean, it.half, it.least, it.most
        );
    }
    println!(
        "{}: {} seeds, {} failed: {:?}",
        scenario.name,
        sweep.seeds,
        sweep.failed.len(),
        sweep.failed
    );
    if let Some(out) = &of.out {
        let path = out.join("sweep.json");
        let text =
            serde_json::to_string_pretty(&sweep).map_err(|e| Wrong::Failed(e.to_string()))?;
        fs::create_dir_all(out)
            .and_then(|()| fs::write(&path, text + "\n"))
            .map_err(|source| report::ReportError::File { path, source })?;
    }
    let is_enough = sweep.seeds >= of.least;
    if !is_enough {
        eprintln!("{} seeds at least were to be run", of.least);
    }
    Ok(sweep.failed.is_empty() && is_enough)
}
