//! What a gossip run showed.

use crate::report::Line;
use std::{collections::BTreeMap, time::Duration};

/// What a gossip run showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Deliveries that were due: each message to each node that was there around it, its source
    /// among them.
    pub expected: u64,
    /// Those of them that took place.
    pub delivered: u64,
    /// Deliveries in all, also to nodes that came late or left soon.
    pub delivered_in_all: u64,
    /// Frames that nodes got from peers, each as often as one sent it.
    pub transmissions: u64,
    /// Frames that a node got, for one delivery.
    pub transmissions_per_delivery: f64,
    /// Of these, the ones that were not the first.
    pub duplicates_per_delivery: f64,
    /// How long deliveries took, without the source's own.
    pub latency: Latencies,
    /// Each of them: when the message was published and how long it took.
    pub took: Vec<(Duration, Duration)>,
    /// Bytes that each node that keeps to the rules sent, by its name.
    pub sent: BTreeMap<String, u64>,
    /// What happened, and who did not get a message that was due.
    pub events: Vec<Line>,
    /// What nodes sent and received during the workload.
    pub bandwidth: Bandwidth,
    /// What was seen once a second.
    pub series: Vec<Sample>,
    /// Connections that came about.
    pub connections: u64,
    /// Packets that were lost and sent again.
    pub lost_packets: u64,
    /// Frames that nobody signed and that reached a node that keeps to the rules.
    pub forged: u64,
    /// Seconds that passed in the network.
    pub simulated_seconds: f64,
    /// Seconds that the run took.
    pub wall_seconds: f64,
    /// Seconds of the network between the first message and the end.
    pub busy_seconds: f64,
    /// Seconds that these took.
    pub busy_wall_seconds: f64,
    /// BLAKE3 of every segment on every link: its times, ends and bytes.
    pub trace_hash: String,
}

/// How long deliveries took, beside the quantiles that every report has.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Latencies {
    /// The mean.
    pub mean_ms: f64,
    /// One in twenty took longer.
    pub p95_ms: f64,
    /// The share under 300 ms, from 0 to 1.
    pub share_under_300_ms: f64,
}

/// Bytes a second during the workload, frames and everything around them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bandwidth {
    /// Sent by a node, the mean.
    pub sent: f64,
    /// Received by a node, the mean.
    pub received: f64,
    /// Sent by the node that sent most.
    pub most_sent: f64,
}

/// What was seen at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Seconds since the run began.
    pub at: f64,
    /// Nodes that are there.
    pub nodes: u32,
    /// Fewest peers in one node's mesh.
    pub mesh_least: u32,
    /// Peers in a node's mesh, the mean.
    pub mesh_mean: f64,
    /// Most peers in one node's mesh.
    pub mesh_most: u32,
    /// Deliveries so far.
    pub delivered: u64,
    /// Frames that nodes got so far.
    pub transmissions: u64,
    /// Bytes on all links so far.
    pub bytes: u64,
    /// Memory of the process, bytes.
    pub memory: Option<u64>,
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

impl Latencies {
    /// Returns them of sorted durations; zeros of none.
    pub(in crate::swarm) fn of(sorted: &[Duration]) -> Self {
        if sorted.is_empty() {
            return Self::default();
        }
        let rank = (sorted.len() * 95).div_ceil(100).max(1) - 1;
        let under = sorted.partition_point(|time| *time < Duration::from_millis(300));
        Self {
            mean_ms: ms(sorted.iter().sum()) / sorted.len() as f64,
            p95_ms: ms(sorted[rank]),
            share_under_300_ms: under as f64 / sorted.len() as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_durations() {
        let sorted: Vec<_> = (1..=100).map(|n| Duration::from_millis(n * 10)).collect();
        let latencies = Latencies::of(&sorted);
        let Latencies { mean_ms, p95_ms, share_under_300_ms } = latencies;
        assert_eq!((mean_ms, p95_ms, share_under_300_ms), (505.0, 950.0, 0.29));
        assert_eq!(Latencies::of(&[]), Latencies::default());
    }
}
