//! Many seeds of one scenario: means, and how far they can be trusted.

use super::Summary;
use serde::Serialize;
use std::collections::BTreeMap;

/// A mean over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Half the width of its 95 % interval, by Student's t.
    pub half: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; more count as infinitely many.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];
/// The quantile for more.
const T_MANY: f64 = 1.960;

impl Interval {
    /// Returns the interval of some numbers; nothing of none.
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let count = numbers.len() as f64;
        let least = numbers.iter().copied().reduce(f64::min)?;
        let most = numbers.iter().copied().reduce(f64::max)?;
        let mean = numbers.iter().sum::<f64>() / count;
        let half = match numbers.len() {
            1 => 0.0,
            n => {
                let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
                let t = T.get(n - 2).copied().unwrap_or(T_MANY);
                t * (squares / (count - 1.0) / count).sqrt()
            }
        };
        Some(Self { mean, half, least, most })
    }
}

/// What many seeds came to.
#[derive(Debug, Clone, Serialize)]
pub struct Sweep {
    /// The scenario.
    pub scenario: String,
    /// How many seeds were run.
    pub seeds: u64,
    /// Seeds that did not come to what is expected.
    pub failed: Vec<u64>,
    /// Each number's mean over all seeds.
    pub numbers: BTreeMap<String, Interval>,
}

impl Sweep {
    /// Returns what these runs came to.
    pub fn of(scenario: &str, runs: &[Summary], failed: Vec<u64>) -> Self {
        let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for run in runs {
            for (name, value) in run.by_name() {
                all.entry(name).or_default().push(value);
            }
        }
        let numbers = all.into_iter().filter_map(|(name, all)| Some((name, Interval::of(&all)?)));
        Self {
            scenario: scenario.to_owned(),
            seeds: runs.len() as u64,
            failed,
            numbers: numbers.collect(),
        }
    }
}
