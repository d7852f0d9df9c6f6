//! What a run of either level hands over to be told.

use super::Quantiles;
use crate::cores::{Finding, Ran, SettledClaim};
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
    /// Whether each point stands for itself: no line leads from one to the next.
    pub is_dotted: bool,
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

/// Adds what is to be told of claims and blocks, where there are any.
fn money(ran: &Ran, numbers: &mut BTreeMap<String, f64>, series: &mut Vec<Series>) {
    let number = |value: u64| value as f64;
    let second = |ms: u64| number(ms) / 1_000.0;
    let mut note = |name: String, value: f64| {
        numbers.insert(name, value);
    };
    let full: Vec<_> = ran.blocks.iter().filter(|(_, entries)| *entries > 0).collect();
    let entries: u64 = full.iter().map(|(_, entries)| entries).sum();
    note("entries".into(), number(entries));
    if !full.is_empty() {
        note("blocks_with_entries".into(), full.len() as f64);
        note("entries_a_block".into(), number(entries) / full.len() as f64);
        let most = full.iter().map(|(_, entries)| *entries).max().unwrap_or(0);
        note("most_entries_in_a_block".into(), number(most));
        series.push(Series {
            name: "entries of a block".to_owned(),
            unit: "entries".to_owned(),
            points: full.iter().map(|(at, entries)| (second(*at), number(*entries))).collect(),
            is_dotted: true,
        });
    }
    if ran.expected_claims == 0 {
        return;
    }
    let settled = ran.claims.len() as f64;
    note("expected_claims".into(), number(ran.expected_claims));
    note("claims_share".into(), settled / number(ran.expected_claims));
    let took = |it: &SettledClaim| it.settled_ms.saturating_sub(it.called_ms);
    let to_block = |it: &SettledClaim| it.decided_ms.map(|at| at.saturating_sub(it.called_ms));
    let of = [
        ("claim_finality", Quantiles::of(ran.claims.iter().map(took))),
        ("claim_in_block", Quantiles::of(ran.claims.iter().filter_map(to_block))),
    ];
    for (name, Quantiles { p50, p90, p99, max }) in of {
        for (which, value) in [("p50", p50), ("p90", p90), ("p99", p99), ("max", max)] {
            note(format!("{name}_{which}_ms"), number(value));
        }
    }
    let mut ends: Vec<u64> = ran.claims.iter().map(|it| it.settled_ms).collect();
    ends.sort_unstable();
    let so_far = ends.into_iter().zip(1_u64..);
    series.push(Series {
        name: "settled claims".to_owned(),
        unit: "claims, all so far".to_owned(),
        points: so_far.map(|(at, count)| (second(at), number(count))).collect(),
        is_dotted: false,
    });
    let finality = ran.claims.iter().map(|it| (second(it.called_ms), number(took(it))));
    series.push(Series {
        name: "finality of claims".to_owned(),
        unit: "ms, at the time of the call".to_owned(),
        points: finality.collect(),
        is_dotted: true,
    });
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
        let mut all = BTreeMap::from(numbers.map(|(name, value)| (name.to_owned(), number(value))));
        let sent = |name: &str, by_second: &BTreeMap<u64, u64>| Series {
            name: name.to_owned(),
            unit: "bytes a second".to_owned(),
            points: by_second.iter().map(|(at, bytes)| (number(*at), number(*bytes))).collect(),
            is_dotted: false,
        };
        let mut series = vec![sent("sent by all nodes", &ran.sent_by_second)];
        series.extend(ran.sent_by_kind.iter().map(|(kind, it)| sent(&format!("sent: {kind}"), it)));
        money(&ran, &mut all, &mut series);
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
            numbers: all,
            series,
            sent: ran.sent,
            lines: ran.events.into_iter().map(line).collect(),
            simulated_ms: ran.simulated_ms,
            wall_ms: ran.wall_ms,
        }
    }
}
