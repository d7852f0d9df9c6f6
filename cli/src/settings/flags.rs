//! The flags that settings have; `run` and `config` take the same.

use super::{LogFormat, Multiaddr, Role};
use serde::Serialize;
use std::{net::SocketAddr, path::PathBuf};

/// The first layer; what is absent leaves the word to the next one.
#[derive(Debug, Default, clap::Args, Serialize)]
pub(crate) struct SettingsFlags {
    /// The settings file [env: MAGPIE_CONFIG] [default: magpie.toml in the data directory]
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// The network's file
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<PathBuf>,
    /// What the node does for the network
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<Role>,
    /// Where peers reach the node, once or more
    #[arg(long, value_name = "MULTIADDR")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) listen: Vec<Multiaddr>,
    /// A node to ask first, once or more
    #[arg(long, value_name = "MULTIADDR")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) bootstrap: Vec<Multiaddr>,
    /// Sign in unattended with the password in a file, or on stdin with -
    #[arg(long, value_name = "F|-")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password_file: Option<PathBuf>,
    /// Where the local API listens
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api: Option<SocketAddr>,
    /// Where Prometheus reads
    #[arg(long, value_name = "IP:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics: Option<SocketAddr>,
    /// How the log is written
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_format: Option<LogFormat>,
}
