//! The tables of a scenario file.

use crate::swarm::SwarmTable;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called; the name of its output folder.
    pub name: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// Who runs it.
    pub level: Level,
    /// Where all chance comes from, unless the command line says otherwise.
    pub seed: u64,
    /// For how long the workload and the faults go on, seconds of virtual time.
    pub seconds: u64,
    /// For how long the network then has peace to finish what it began, seconds.
    pub settle_seconds: u64,
    /// Who is there.
    pub nodes: Nodes,
    /// What frames go through.
    pub links: Links,
    /// What a swarm does, and what is special about its links; at the level swarm alone.
    #[serde(default)]
    pub swarm: Option<SwarmTable>,
    /// What people do.
    #[serde(default)]
    pub workload: Workload,
    /// Faults that fall at random.
    #[serde(default)]
    pub faults: Faults,
    /// Crashes at a time of the scenario's choice.
    #[serde(default, rename = "crash")]
    pub crashes: Vec<Crash>,
    /// Partitions at a time of the scenario's choice.
    #[serde(default, rename = "partition")]
    pub partitions: Vec<Partition>,
    /// Who does not keep to the rules.
    #[serde(default, rename = "adversary")]
    pub adversaries: Vec<Adversary>,
    /// What decides the exit code, beside that no checker may find anything.
    #[serde(default)]
    pub expect: Expect,
}

/// What a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Cores alone on simulated disks and links.
    Core,
    /// Whole libp2p nodes on a simulated transport.
    Swarm,
}

/// Who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    /// Super nodes of the genesis.
    pub supers: u32,
    /// People, each with one device.
    pub people: u32,
}

/// What frames go through.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// The shortest and the longest way between two nodes, milliseconds; each pair has its own.
    pub latency_ms: [u64; 2],
    /// What a frame takes longer than its pair's latency, milliseconds at most.
    #[serde(default)]
    pub jitter_ms: u64,
    /// The share that is lost, from 0 to 1. At the level core, of frames: requests run into their
    /// time-out, gossip goes missing. At the level swarm, of packets, which are sent again, later.
    #[serde(default)]
    pub loss: f64,
}

/// What people do. Without a table they do nothing of the kind.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Friends who write to each other.
    #[serde(default)]
    pub chat: Option<Chat>,
    /// Groups that talk and change.
    #[serde(default)]
    pub groups: Option<Groups>,
    /// People who pay each other.
    #[serde(default)]
    pub payments: Option<Payments>,
    /// Red packets in the groups.
    #[serde(default)]
    pub packets: Option<Packets>,
}

/// Friends who write to each other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// How many messages are written in all.
    pub messages: u32,
    /// Friends that each person has beside the neighbours that all have, at most.
    #[serde(default)]
    pub more_friends: u32,
}

/// Groups that talk and change.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// How many there are.
    pub count: u32,
    /// Members of each, its owner among them.
    pub members: u32,
    /// How many messages are said in all.
    pub messages: u32,
    /// How often an owner removes somebody.
    #[serde(default)]
    pub removals: u32,
    /// How often an owner lets somebody in.
    #[serde(default)]
    pub additions: u32,
}

/// People who pay each other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payments {
    /// How many transfers are made in all.
    pub transfers: u32,
}

/// Red packets in the groups.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packets {
    /// How many packets are made in all.
    pub count: u32,
    /// The fewest and the most shares of one, by dice; every member tries to take one.
    pub shares: [u32; 2],
    /// How long somebody takes to claim who sees a packet, milliseconds: the least and the most.
    #[serde(default = "at_leisure")]
    pub rush_ms: [u64; 2],
}

/// Faults that fall at random, each at a time and place by dice.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Crashes of people's nodes.
    #[serde(default)]
    pub crashes: u32,
    /// Crashes of super nodes; at most as many are away at once as the network tolerates.
    #[serde(default)]
    pub super_crashes: u32,
    /// Partitions of the network into two.
    #[serde(default)]
    pub partitions: u32,
    /// Disks that fail at one operation, which ends the node.
    #[serde(default)]
    pub io_errors: u32,
    /// How far clocks differ from the true time, milliseconds at most, both ways.
    #[serde(default)]
    pub skew_ms: u64,
    /// For how long a fault lasts at most, milliseconds.
    #[serde(default)]
    pub longest_ms: Option<u64>,
}

/// A crash at a time of the scenario's choice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// Who: `super-0`, `person-0` and so on.
    pub node: String,
    /// When, seconds after the workload begins.
    pub at: f64,
    /// For how long, seconds.
    pub down: f64,
}

/// A partition at a time of the scenario's choice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// Those who can reach each other and nobody else.
    pub nodes: Vec<String>,
    /// When, seconds after the workload begins.
    pub at: f64,
    /// For how long, seconds.
    pub lasts: f64,
}

/// One who does not keep to the rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adversary {
    /// What it does.
    pub kind: AdversaryKind,
    /// Whom it has in its hands: `super-0` and so on; nobody for one that sits at the links.
    #[serde(default)]
    pub node: Option<String>,
    /// The share of frames that it acts on, from 0 to 1.
    #[serde(default = "every")]
    pub share: f64,
}

const fn at_leisure() -> [u64; 2] {
    [1_000, 8_000]
}

const fn every() -> f64 {
    1.0
}

/// What an adversary does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdversaryKind {
    /// Sends what it saw once more, later.
    Replayer,
    /// Takes frames and lets them disappear.
    Withholder,
    /// Changes bytes on their way.
    Forger,
    /// Sends far more than its share.
    Flooder,
    /// A super node that answers questions about the ledger with something else.
    Liar,
    /// A super node that says two things where it may say one.
    Equivocator,
}

/// What decides the exit code.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The least share of expected deliveries that take place, from 0 to 1.
    #[serde(default)]
    pub delivered: Option<f64>,
    /// The most that the slowest of 100 deliveries may take, milliseconds.
    #[serde(default)]
    pub latency_p99_ms: Option<u64>,
    /// Least or most of a number of the summary, by its name.
    #[serde(default)]
    pub least: BTreeMap<String, f64>,
    /// The most that a number of the summary may be, by its name.
    #[serde(default)]
    pub most: BTreeMap<String, f64>,
}
