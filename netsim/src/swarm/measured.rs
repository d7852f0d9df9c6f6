//! What a run of the swarm level says of itself, as every run is told.

use super::{SwarmOutcome, gossip, town};
use crate::report::{Measured, Series};
use std::{collections::BTreeMap, time::Duration};

/// What the trace hash of this level covers: every segment on every link, its times, ends and bytes.
const TRACE_COVERS: &str = "bytes";

impl SwarmOutcome {
    /// Returns what the run under this seed says of itself.
    pub fn measured(self, seed: u64) -> Measured {
        let mut measured = match self {
            Self::Gossip(outcome) => of_gossip(outcome),
            Self::Town(outcome) => of_town(outcome),
        };
        measured.seed = seed;
        TRACE_COVERS.clone_into(&mut measured.trace_covers);
        measured
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn seconds(time: f64) -> u64 {
    ms(Duration::try_from_secs_f64(time).unwrap_or_default())
}

fn latencies(took: &[(Duration, Duration)]) -> Vec<(u64, u64)> {
    took.iter().map(|(at, took)| (ms(*at), ms(*took))).collect()
}

/// Returns what changed from one second to the next.
fn rates(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let rate = |pair: &[(f64, f64)]| match pair {
        [before, now] if now.0 > before.0 => Some((now.0, (now.1 - before.1) / (now.0 - before.0))),
        _ => None,
    };
    points.windows(2).filter_map(rate).collect()
}

fn named<const N: usize>(numbers: [(&str, f64); N]) -> BTreeMap<String, f64> {
    numbers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn line(name: &str, unit: &str, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.to_owned(), unit: unit.to_owned(), points, is_dotted: false }
}

// Counts of a run are far below 2^52, so that nothing is lost as f64.

fn of_gossip(outcome: gossip::Outcome) -> Measured {
    let busy = outcome.busy_seconds / outcome.busy_wall_seconds.max(0.001);
    let numbers = named([
        ("transmissions", outcome.transmissions as f64),
        ("transmissions_per_delivery", outcome.transmissions_per_delivery),
        ("duplicates_per_delivery", outcome.duplicates_per_delivery),
        ("delivered_in_all", outcome.delivered_in_all as f64),
        ("latency_mean_ms", outcome.latency.mean_ms),
        ("latency_p95_ms", outcome.latency.p95_ms),
        ("share_under_300_ms", outcome.latency.share_under_300_ms),
        ("sent_bytes_per_second", outcome.bandwidth.sent),
        ("received_bytes_per_second", outcome.bandwidth.received),
        ("most_sent_bytes_per_second", outcome.bandwidth.most_sent),
        ("connections", outcome.connections as f64),
        ("lost_packets", outcome.lost_packets as f64),
        ("forged", outcome.forged as f64),
        ("busy_wall_seconds", outcome.busy_wall_seconds),
        ("busy_pace", busy),
    ]);
    let over = |of: fn(&gossip::Sample) -> f64| {
        outcome.series.iter().map(|sample| (sample.at, of(sample))).collect::<Vec<_>>()
    };
    let duplicates = over(|it| it.transmissions.saturating_sub(it.delivered) as f64);
    let series = vec![
        line("mesh, fewest", "peers", over(|it| f64::from(it.mesh_least))),
        line("mesh, mean", "peers", over(|it| it.mesh_mean)),
        line("mesh, most", "peers", over(|it| f64::from(it.mesh_most))),
        line("nodes", "nodes", over(|it| f64::from(it.nodes))),
        line("deliveries", "a second", rates(&over(|it| it.delivered as f64))),
        line("duplicates", "frames a second", rates(&duplicates)),
        line("sent by all nodes", "bytes a second", rates(&over(|it| it.bytes as f64))),
        line("memory of the process", "bytes", over(|it| it.memory.unwrap_or_default() as f64)),
    ];
    Measured {
        latencies: latencies(&outcome.took),
        trace_hash: outcome.trace_hash,
        expected: outcome.expected,
        delivered: outcome.delivered,
        numbers,
        series,
        sent: outcome.sent,
        lines: outcome.events,
        simulated_ms: seconds(outcome.simulated_seconds),
        wall_ms: seconds(outcome.wall_seconds),
        ..Measured::default()
    }
}

fn of_town(outcome: town::TownOutcome) -> Measured {
    let numbers = named([
        ("connected_seconds", outcome.steps.connected),
        ("befriended_seconds", outcome.steps.befriended),
        ("grouped_seconds", outcome.steps.grouped),
        ("latency_mean_ms", outcome.latency.mean_ms),
        ("latency_p95_ms", outcome.latency.p95_ms),
        ("share_under_300_ms", outcome.latency.share_under_300_ms),
        ("bytes", outcome.bytes as f64),
        ("connections", outcome.connections as f64),
        ("busy_wall_seconds", outcome.busy_wall_seconds),
    ]);
    let over = |of: fn(&town::Sample) -> f64| {
        outcome.series.iter().map(|sample| (sample.at, of(sample))).collect::<Vec<_>>()
    };
    let series = vec![
        line("sent by all nodes", "bytes a second", rates(&over(|it| it.bytes as f64))),
        line("memory of the process", "bytes", over(|it| it.memory.unwrap_or_default() as f64)),
    ];
    Measured {
        latencies: latencies(&outcome.took),
        trace_hash: outcome.trace_hash,
        expected: outcome.expected,
        delivered: outcome.delivered,
        numbers,
        series,
        sent: outcome.sent,
        lines: outcome.events,
        simulated_ms: seconds(outcome.simulated_seconds),
        wall_ms: seconds(outcome.wall_seconds),
        ..Measured::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_what_changed() {
        assert_eq!(
            rates(&[(0.0, 5.0), (2.0, 9.0), (2.0, 9.0), (3.0, 9.0)]),
            [(2.0, 2.0), (3.0, 0.0)]
        );
        assert!(rates(&[(1.0, 1.0)]).is_empty());
    }
}
