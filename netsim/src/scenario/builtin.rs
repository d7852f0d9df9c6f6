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
    "chat-day",
    "equivocator",
    "far-apart",
    "foul-weather",
    "group-50",
    "group-small",
    "partition-and-heal",
    "red-packet-rush",
    "super-node-loss",
];

/// Returns the text of the scenario of this name.
pub fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Reads the scenario of this name.
pub fn scenario(name: &str) -> Option<Result<Scenario, Mistake>> {
    text(name).map(Scenario::read)
}
