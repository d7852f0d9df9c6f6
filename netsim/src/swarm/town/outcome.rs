//! What a town showed.

use crate::{report::Line, swarm::gossip::Latencies};
use std::{collections::BTreeMap, time::Duration};

/// When a town had come how far, seconds since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Steps {
    /// Everybody is signed in and connected.
    pub connected: f64,
    /// All friends are friends.
    pub befriended: f64,
    /// All members see the group and each other; 0 without a group.
    pub grouped: f64,
}

/// What was seen at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Seconds since the run began.
    pub at: f64,
    /// Bytes on all links so far.
    pub bytes: u64,
    /// Memory of the process, bytes.
    pub memory: Option<u64>,
}

/// What a town showed.
#[derive(Debug, Clone, PartialEq)]
pub struct TownOutcome {
    /// Messages times those who should hear them.
    pub expected: u64,
    /// Messages that somebody heard.
    pub delivered: u64,
    /// From the call that wrote a message to the event that showed it.
    pub latency: Latencies,
    /// Each of them: when the message was written and how long it took.
    pub took: Vec<(Duration, Duration)>,
    /// Bytes that each node sent, by its name.
    pub sent: BTreeMap<String, u64>,
    /// What happened, and who did not hear what they should.
    pub events: Vec<Line>,
    /// What was seen now and then.
    pub series: Vec<Sample>,
    /// When the town had come how far.
    pub steps: Steps,
    /// Bytes on all links.
    pub bytes: u64,
    /// Connections that came about.
    pub connections: u64,
    /// Seconds that passed in the network.
    pub simulated_seconds: f64,
    /// Seconds that the run took.
    pub wall_seconds: f64,
    /// Seconds of these from the first message on.
    pub busy_wall_seconds: f64,
    /// BLAKE3 of every segment on every link: its times, ends and bytes.
    pub trace_hash: String,
}
