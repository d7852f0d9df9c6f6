//! The folder of a run.

use super::{Measured, Summary, drawing::PlotError, expect::unmet, page::page};
use crate::scenario::Scenario;
use serde::Serialize;
use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// Why a report cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no summary.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A plot cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
}

/// Where the numbers of a report come from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// The text that it was read from.
    pub text: &'a str,
    /// The bug that was planted.
    pub sabotage: Option<&'a str>,
    /// Whether the scenario's attackers were left out.
    pub without_attack: bool,
}

/// What was run, so that it can be run again.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    version: &'a str,
    /// The commit that the program was built from, if its builder said.
    commit: Option<&'a str>,
    scenario: &'a str,
    scenario_hash: String,
    seed: u64,
    /// Those that keep to the rules, super nodes among them.
    nodes: u32,
    sabotage: Option<&'a str>,
    without_attack: bool,
}

/// Writes the folder of a run, and returns its numbers and what it does not fulfil.
pub fn write(
    out: &Path,
    origin: &Origin<'_>,
    measured: &Measured,
) -> Result<(Summary, Vec<String>), ReportError> {
    let Origin { scenario, text, sabotage, without_attack } = *origin;
    let summary = Summary::of(&scenario.name, measured);
    let unmet = unmet(&scenario.expect, &summary);
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("MAGPIE_COMMIT"),
        scenario: &scenario.name,
        scenario_hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        seed: measured.seed,
        nodes: scenario.nodes.supers + scenario.nodes.people,
        sabotage,
        without_attack,
    };
    fs::create_dir_all(out).map_err(|source| ReportError::File { path: out.into(), source })?;
    put(out, "manifest.json", &json(out, &manifest)?)?;
    put(out, "summary.json", &json(out, &summary)?)?;
    put(out, "events.jsonl", &events(out, measured)?)?;
    put(out, "metrics.csv", &metrics(measured))?;
    put(out, "report.html", &page(origin, &summary, &unmet, measured)?)?;
    Ok((summary, unmet))
}

/// Reads the numbers of a run from its folder.
pub fn read_summary(out: &Path) -> Result<Summary, ReportError> {
    let path = out.join("summary.json");
    let text = fs::read_to_string(&path)
        .map_err(|source| ReportError::File { path: path.clone(), source })?;
    serde_json::from_str(&text).map_err(|source| ReportError::Json { path, source })
}

fn put(out: &Path, name: &str, text: &str) -> Result<(), ReportError> {
    let path = out.join(name);
    fs::write(&path, text).map_err(|source| ReportError::File { path, source })
}

fn json(out: &Path, value: &impl Serialize) -> Result<String, ReportError> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|source| ReportError::Json { path: out.to_owned(), source })
}

/// One JSON object a line: what happened, then what was found.
fn events(out: &Path, measured: &Measured) -> Result<String, ReportError> {
    let wrong = |source| ReportError::Json { path: out.to_owned(), source };
    let mut text = String::new();
    for line in &measured.lines {
        text += &serde_json::to_string(line).map_err(wrong)?;
        text.push('\n');
    }
    for finding in &measured.findings {
        text += &serde_json::to_string(finding).map_err(wrong)?;
        text.push('\n');
    }
    Ok(text)
}

/// Every number over time: second, name, value.
fn metrics(measured: &Measured) -> String {
    let mut text = String::from("second,name,value\n");
    for series in &measured.series {
        for (at, value) in &series.points {
            let _ = writeln!(text, "{at},{},{value}", series.name);
        }
    }
    for (at, took) in &measured.latencies {
        let _ = writeln!(text, "{},latency_ms,{took}", *at as f64 / 1_000.0);
    }
    text
}
