//! The scenarios that come with the crate: the files in `scenarios/`.

use super::{Mistake, Scenario};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Their names and texts.
        pub const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../scenarios/", $name, ".toml")))),*];
    };
}

files![
    "byzantine",
    "catch-up",
    "censor",
    "chat-day",
    "churn-50",
    "churn-510",
    "cold-boot",
    "dawn-250",
    "dawn-attack",
    "eclipse",
    "equivocator",
    "far-apart",
    "flash-250",
    "flash-90",
    "foul-weather",
    "gossip-100",
    "gossip-20",
    "gossip-vyzo-1000",
    "group-200",
    "group-50",
    "group-small",
    "junk",
    "partition-and-heal",
    "red-packet-rush",
    "red-packets",
    "squall",
    "super-node-loss",
    "sybil-1",
    "sybil-10",
    "sybil-4",
    "sybil-40",
    "town-group-10",
    "waku-1000",
    "waku-10k",
];

/// Returns the text of the scenario of this name.
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Reads the scenario of this name.
pub fn scenario(name: &str) -> Option<Result<Scenario, Mistake>> {
    text(name).map(Scenario::read)
}
