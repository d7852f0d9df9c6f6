//! Where a setting comes from, and what is wrong with it there.

use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "origin", content = "place", rename_all = "lowercase")]
pub(crate) enum Origin {
    /// The command line; the flag.
    Flag(String),
    /// The environment; the variable.
    Env(String),
    /// The settings file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl Origin {
    /// Returns the settings file, where the setting is from it.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Env(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One thing to correct before a node can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// Where it stands.
    #[serde(flatten)]
    pub(crate) origin: Origin,
    /// The setting, or nothing when the whole file is meant.
    pub(crate) key: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.origin, &self.key) {
            (Origin::File(_), Some(key)) => write!(f, "{}: {key}: {}", self.origin, self.message),
            _ => write!(f, "{}: {}", self.origin, self.message),
        }
    }
}
