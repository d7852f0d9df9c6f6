//! `magpie network`: networks of one's own.

use crate::{context::Context, error::Error};
use magpie_node::host::{NewNetworkError, new_network};
use serde_json::json;
use std::{fmt::Write, path::PathBuf};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Network {
    /// Make a test network on this machine: its file, its super nodes' directories, its issuer's key
    New(New),
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
        let Self::New(New { supers, dir, base_port }) = self;
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

fn refused(error: NewNetworkError) -> Error {
    match error {
        NewNetworkError::Exists(_) => Error::Conflict(error.to_string()),
        NewNetworkError::Supers(_) | NewNetworkError::BasePort { .. } => {
            Error::Usage(error.to_string())
        }
        other => Error::Failed(other.to_string()),
    }
}
