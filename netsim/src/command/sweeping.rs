//! `sweep`: many seeds.

use super::{
    args::{Sweep, Wrong},
    finding_scenario::Meant,
    levels,
    progress::Progress,
};
use crate::report::{self, Summary, unmet};
use std::fs;

/// Runs many seeds; returns whether all came to what is expected.
pub(super) fn sweep(of: &Sweep) -> Result<bool, Wrong> {
    let Meant { scenario, text, sabotage } = of.what.find()?;
    let mut progress = Progress::new(of.seeds);
    let (mut runs, mut failed) = (Vec::new(), Vec::new());
    for seed in of.from..of.from.saturating_add(of.seeds) {
        if of.budget.is_some_and(|budget| progress.elapsed() >= budget) {
            eprintln!("the time is over");
            break;
        }
        let measured = levels::run(&scenario, seed, sabotage)?;
        let summary = Summary::of(&scenario.name, &measured);
        let unmet = unmet(&scenario.expect, &summary);
        let told = match measured.findings.first() {
            Some(finding) => format!("{}: {}: {}", finding.checker, finding.node, finding.what),
            None => unmet.join("; "),
        };
        progress.one(&format!("seed {seed}: {}", if told.is_empty() { "ok" } else { &told }));
        if !unmet.is_empty() {
            failed.push(seed);
            if let Some(out) = &of.out {
                let planted = sabotage.map(crate::cores::Sabotage::name);
                let folder = out.join(format!("seed-{seed}"));
                report::write(&folder, (&scenario, &text), planted, &measured)?;
            }
        }
        runs.push(summary);
        if of.first && !failed.is_empty() {
            break;
        }
    }
    let sweep = report::Sweep::of(&scenario.name, &runs, failed);
    for (name, it) in &sweep.numbers {
        println!(
            "{name:22} {:12.2} ± {:<10.2} ({:.2} to {:.2})",
            it.mean, it.half, it.least, it.most
        );
    }
    println!("{} seeds, {} failed: {:?}", sweep.seeds, sweep.failed.len(), sweep.failed);
    if let Some(out) = &of.out {
        let path = out.join("sweep.json");
        let text =
            serde_json::to_string_pretty(&sweep).map_err(|e| Wrong::Failed(e.to_string()))?;
        fs::create_dir_all(out)
            .and_then(|()| fs::write(&path, text + "\n"))
            .map_err(|source| report::ReportError::File { path, source })?;
    }
    Ok(sweep.failed.is_empty())
}
