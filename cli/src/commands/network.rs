//! `magpie network`: networks of one's own.

use crate::{context::Context, error::Error};
use magpie_node::host::{NewNetworkError, ReadNetworkError, new_network, read_network, vouch};
use magpie_protocol::{
    api::ledger::{DecidedHeaderRow, LedgerStatus, OneHeight},
    network::Checkpoint,
};
use serde_json::json;
use std::{fmt::Write, path::PathBuf};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Network {
    /// Make a test network on this machine: its file, its super nodes' directories, its issuer's key
    New(New),
    /// Name the newest header that the running node has verified, for who joins the network later
    Checkpoint(Named),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Named {
    /// Write the checkpoint into a copy of this network file
    #[arg(long, value_name = "FILE", requires = "to")]
    from: Option<PathBuf>,
    /// Where the copy goes; it must not exist
    #[arg(long, value_name = "NEW", requires = "from")]
    to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// How many super nodes
    #[arg(long, value_name = "N")]
    supers: usize,
    /// Where the network's file, the super nodes' data directories and the issuer's key go
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Let super node i listen on TCP and UDP port P + i - 1; without it on free ports
    #[arg(long, value_name = "P")]
    base_port: Option<u16>,
}

impl Network {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        match self {
            Self::New(new) => new.run(at),
            Self::Checkpoint(named) => named.run(at),
        }
    }
}

impl New {
    fn run(self, at: &Context) -> Result<(), Error> {
        let Self { supers, dir, base_port } = self;
        let made = new_network(&dir, supers, base_port).map_err(refused)?;
        let path = |path: &PathBuf| path.display().to_string();
        let supers: Vec<_> = made.supers.iter().map(path).collect();
        let (file, issuer) = (path(&made.file), path(&made.issuer));
        let id = made.id.to_string();
        let data = json!({"id": id, "network": file, "supers": supers, "issuer_key": issuer});
        at.output.answer(&data, |out| {
            writeln!(out, "network {id}\n")?;
            for data in &supers {
                writeln!(out, "magpie run --network {file} --role super --data-dir {data}")?;
            }
            writeln!(out, "magpie run --network {file}")
        })
    }
}

impl Named {
    fn run(self, at: &Context) -> Result<(), Error> {
        let client = at.client()?;
        let LedgerStatus { chain, height, verified, .. } =
            client.ask("ledger", "status", &json!({}))?;
        if !verified {
            return Err(Error::Failed("the node has verified no header that it believes".into()));
        }
        let DecidedHeaderRow { hash, .. } =
            client.ask("ledger", "header", &OneHeight { height })?;
        let mut written = None;
        if let (Some(from), Some(to)) = (&self.from, &self.to) {
            let usage = |error: ReadNetworkError| Error::Usage(error.to_string());
            let (network, _) = read_network(from).map_err(usage)?;
            if network.id() != chain {
                let from = from.display();
                return Err(Error::Usage(format!("{from} is not the network that the node is in")));
            }
            if to.exists() {
                return Err(Error::Conflict(format!("{} exists already", to.display())));
            }
            vouch(from, to, Checkpoint { height, hash })
                .map_err(|error| Error::Failed(error.to_string()))?;
            written = Some(to.display().to_string());
        }
        let data = json!({"height": height, "hash": hash, "network": written});
        at.output.answer(&data, |out| match &written {
            Some(file) => writeln!(out, "{file} holds the checkpoint of height {height}: {hash}"),
            None => writeln!(out, "[checkpoint]\nheight = {height}\nhash = \"{hash}\""),
        })
    }
}

fn refused(error: NewNetworkError) -> Error {
    match error {
        NewNetworkError::Exists(_) => Error::Conflict(error.to_string()),
        NewNetworkError::Supers(_) | NewNetworkError::BasePort { .. } => {
            Error::Usage(error.to_string())
        }
        other => Error::Failed(other.to_string()),
    }
}
