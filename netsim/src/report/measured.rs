//! What a run of either level hands over to be told.

use crate::cores::{Finding, Ran};
use serde::Serialize;
use std::collections::BTreeMap;

/// One line of what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When, milliseconds since the beginning.
    pub at_ms: u64,
    /// At which node.
    pub node: String,
    /// What.
    pub what: String,
}

/// A number over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it counts.
    pub name: String,
    /// In what.
    pub unit: String,
    /// Seconds since the beginning, and the number.
    pub points: Vec<(f64, f64)>,
}

/// One run.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// The seed.
    pub seed: u64,
    /// The hash of everything that happened.
    pub trace_hash: String,
    /// What the hash covers.
    pub trace_covers: String,
    /// What checkers found.
    pub findings: Vec<Finding>,
    /// How many violations there were, those that were not kept included.
    pub violations: u64,
    /// Deliveries that were to be.
    pub expected: u64,
    /// Deliveries that took place.
    pub delivered: u64,
    /// When each delivery began and how long it took, milliseconds.
    pub latencies: Vec<(u64, u64)>,
    /// Other numbers, by name.
    pub numbers: BTreeMap<String, f64>,
    /// Numbers over time.
    pub series: Vec<Series>,
    /// Bytes sent by each node, by name.
    pub sent: BTreeMap<String, u64>,
    /// What happened.
    pub lines: Vec<Line>,
    /// Simulated time, milliseconds.
    pub simulated_ms: u64,
    /// Time that it took, milliseconds.
    pub wall_ms: u64,
}

impl From<Ran> for Measured {
    fn from(ran: Ran) -> Self {
        // Counts of a run are far below 2^52, so that nothing is lost here.
        let number = |value: u64| value as f64;
        let [payments, packets, claims] = ran.payments;
        let numbers = [
            ("happenings", ran.happenings),
            ("frames", ran.frames),
            ("blocks", ran.height),
            ("payments", payments),
            ("packets", packets),
            ("claims", claims),
            ("began_ms", ran.began_ms),
        ];
        let numbers = numbers.map(|(name, value)| (name.to_owned(), number(value)));
        let sent = |name: &str, by_second: &BTreeMap<u64, u64>| Series {
            name: name.to_owned(),
            unit: "bytes a second".to_owned(),
            points: by_second.iter().map(|(at, bytes)| (number(*at), number(*bytes))).collect(),
        };
        let mut series = vec![sent("sent by all nodes", &ran.sent_by_second)];
        series.extend(ran.sent_by_kind.iter().map(|(kind, it)| sent(&format!("sent: {kind}"), it)));
        let line =
            |it: crate::cores::Happened| Line { at_ms: it.at_ms, node: it.node, what: it.what };
        Self {
            seed: ran.seed,
            trace_hash: ran.trace_hash,
            trace_covers: ran.trace_covers.to_owned(),
            findings: ran.findings,
            violations: ran.violations,
            expected: ran.expected,
            delivered: ran.delivered,
            latencies: ran.latencies,
            numbers: numbers.into_iter().collect(),
            series,
            sent: ran.sent,
            lines: ran.events.into_iter().map(line).collect(),
            simulated_ms: ran.simulated_ms,
            wall_ms: ran.wall_ms,
        }
    }
}
