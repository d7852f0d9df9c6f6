//! The settings themselves, each documented once; a field's name is its key in the TOML file, its
//! `MAGPIE_` variable in capitals, and its flag with dashes.

use clap::ValueEnum;
use magpie_wallet::kdf::KdfParams;
use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

/// Everything a node can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Settings {
    /// The network's file, with its genesis and the first nodes to ask.
    pub(crate) network: Option<PathBuf>,
    /// A person's node, or one that stores and orders for others.
    pub(crate) role: Role,
    /// Where peers reach the node; empty takes free ports at the first start and keeps them.
    pub(crate) listen: Vec<Multiaddr>,
    /// Nodes to ask first, beside those of the network's file.
    pub(crate) bootstrap: Vec<Multiaddr>,
    /// Where the local API listens; port 0 takes a free one.
    pub(crate) api: SocketAddr,
    /// Where Prometheus reads; absent is off.
    pub(crate) metrics: Option<SocketAddr>,
    /// How the log is written.
    pub(crate) log_format: LogFormat,
    /// Memory of the password lock in KiB; absent takes 64 MiB, or the network's least if more.
    pub(crate) kdf_memory_kib: Option<u32>,
    /// Passes of the password lock; absent takes three, or the network's least if more.
    pub(crate) kdf_passes: Option<u32>,
    /// Whether `exportWalletPwd` may answer; while on, a copy of the wallet password is kept.
    pub(crate) allow_password_export: bool,
    /// Signs in unattended with the password in this file.
    pub(crate) password_file: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            network: None,
            role: Role::User,
            listen: Vec::new(),
            bootstrap: Vec::new(),
            api: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            metrics: None,
            log_format: LogFormat::Text,
            kdf_memory_kib: None,
            kdf_passes: None,
            allow_password_export: false,
            password_file: None,
        }
    }
}

impl Settings {
    /// Returns the cost of new password locks.
    pub(crate) fn kdf(&self) -> KdfParams {
        let least = KdfParams::DEFAULT;
        KdfParams {
            memory_kib: self.kdf_memory_kib.unwrap_or(least.memory_kib),
            passes: self.kdf_passes.unwrap_or(least.passes),
            lanes: least.lanes,
        }
    }
}

/// What a node does for the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Serves its own account.
    User,
    /// Relays, keeps sealed mail and orders the ledger.
    Super,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// A place in the transport, such as `/ip4/127.0.0.1/tcp/4001`.
///
/// Here only its outer form is known; what a protocol's value may be, the node's transport says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Multiaddr(String);

impl Multiaddr {
    /// Returns the text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Multiaddr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/');
        let rooted = parts.next() == Some("");
        let mut rest = 0;
        let filled = parts.all(|part| {
            rest += 1;
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b',')
        });
        if rooted && filled && rest >= 2 {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("{text:?} is no multiaddr, such as /ip4/127.0.0.1/tcp/4001"))
        }
    }
}

impl TryFrom<String> for Multiaddr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiaddrs_have_a_root_and_parts() {
        for good in ["/ip4/127.0.0.1/tcp/0", "/dns4/a.example/udp/1/quic-v1", "/ip6/::1/tcp/9"] {
            assert!(good.parse::<Multiaddr>().is_ok(), "{good}");
        }
        for bad in ["", "/", "127.0.0.1:1", "/ip4", "/ip4//tcp/1", "/ip4/1 2", "/ip4/a,/ip4/b"] {
            assert!(bad.parse::<Multiaddr>().is_err(), "{bad}");
        }
    }
}
