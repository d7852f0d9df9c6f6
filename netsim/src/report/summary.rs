//! A run in numbers.

use super::{Measured, Quantiles};
use crate::cores::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A run in numbers, as `summary.json` has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The scenario.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The hash of everything that happened.
    pub trace_hash: String,
    /// What the hash covers: `shape` is times, places, kinds and lengths.
    pub trace_covers: String,
    /// How often something was found that must not be.
    pub violations: u64,
    /// How often each checker found something; findings that were not kept are not in it.
    pub found: BTreeMap<String, u64>,
    /// Deliveries that were to be.
    pub expected: u64,
    /// Deliveries that took place.
    pub delivered: u64,
    /// How long deliveries took, milliseconds.
    pub latency_ms: Quantiles,
    /// Simulated time, seconds.
    pub simulated_seconds: f64,
    /// Time that it took, seconds.
    pub wall_seconds: f64,
    /// The most memory of the process, bytes; nothing where the system does not tell.
    pub peak_memory: Option<u64>,
    /// Other numbers, by name.
    pub numbers: BTreeMap<String, f64>,
}

impl Summary {
    /// Returns a run in numbers.
    pub fn of(scenario: &str, measured: &Measured) -> Self {
        let mut found = BTreeMap::new();
        for Finding { checker, .. } in &measured.findings {
            *found.entry((*checker).to_owned()).or_default() += 1;
        }
        let seconds = |ms: u64| ms as f64 / 1_000.0;
        Self {
            scenario: scenario.to_owned(),
            seed: measured.seed,
            trace_hash: measured.trace_hash.clone(),
            trace_covers: measured.trace_covers.clone(),
            violations: measured.violations,
            found,
            expected: measured.expected,
            delivered: measured.delivered,
            latency_ms: Quantiles::of(measured.latencies.iter().map(|(_, took)| *took)),
            simulated_seconds: seconds(measured.simulated_ms),
            wall_seconds: seconds(measured.wall_ms),
            peak_memory: super::peak_bytes(),
            numbers: measured.numbers.clone(),
        }
    }

    /// Returns all its numbers by name, as `[expect]`, sweeps and comparisons know them.
    pub fn by_name(&self) -> BTreeMap<String, f64> {
        let share =
            if self.expected == 0 { 1.0 } else { self.delivered as f64 / self.expected as f64 };
        let mut all = self.numbers.clone();
        let own = [
            ("violations", self.violations as f64),
            ("expected", self.expected as f64),
            ("delivered", self.delivered as f64),
            ("delivered_share", share),
            ("latency_p50_ms", self.latency_ms.p50 as f64),
            ("latency_p90_ms", self.latency_ms.p90 as f64),
            ("latency_p99_ms", self.latency_ms.p99 as f64),
            ("latency_max_ms", self.latency_ms.max as f64),
            ("simulated_seconds", self.simulated_seconds),
            ("wall_seconds", self.wall_seconds),
        ];
        all.extend(own.map(|(name, value)| (name.to_owned(), value)));
        all
    }
}
