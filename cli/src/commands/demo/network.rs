//! The network: its file, made once, its super nodes, and how a node of it is started.

use super::place::Place;
use crate::{
    error::Error,
    node_config::node_config_from,
    settings::{Role, Settings},
};
use magpie_node::host::{Node, new_network, read_issuer};
use magpie_wallet::super_keys::IssuerSecret;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tokio::runtime::Handle;

/// Super nodes of the demo: one of them may be away.
const SUPERS: usize = 4;

/// A network on disk, and the super nodes of it that run.
#[derive(Debug)]
pub(super) struct Network {
    dir: PathBuf,
    file: PathBuf,
    runtime: Handle,
    /// Names, data directories and nodes.
    pub(super) supers: Vec<(String, PathBuf, Node)>,
}

impl Network {
    /// Finds the network in the demo's place, or makes it.
    pub(super) fn open(place: &Place, runtime: Handle) -> Result<Self, Error> {
        let dir = place.dir().to_owned();
        let net = dir.join("net");
        let file = net.join("network.toml");
        if !file.exists() {
            // The file is written last: without it the rest is of a start that was cut short.
            match fs::remove_dir_all(&net) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::Failed(format!("{}: {error}", net.display())));
                }
                _ => {}
            }
            new_network(&net, SUPERS, None).map_err(|error| Error::Failed(error.to_string()))?;
        }
        Ok(Self { dir, file, runtime, supers: Vec::new() })
    }

    /// Starts the super nodes.
    pub(super) fn start_supers(&mut self) -> Result<(), Error> {
        for n in 1..=SUPERS {
            let name = format!("super{n}");
            self.start_super(&name)?;
        }
        Ok(())
    }

    /// Starts one super node.
    pub(super) fn start_super(&mut self, name: &str) -> Result<(), Error> {
        let data = self.dir.join("net").join(name);
        let node = self.start(&data, Role::Super)?;
        self.supers.push((name.to_owned(), data, node));
        Ok(())
    }

    /// Cuts off the super node that runs for the longest time, as a crash would; returns its name.
    pub(super) fn cut_super(&mut self) -> Result<String, Error> {
        if self.supers.is_empty() {
            return Err(Error::Failed("no super node runs".into()));
        }
        let (name, _, node) = self.supers.remove(0);
        self.runtime.block_on(node.cut());
        Ok(name)
    }

    /// Reads the key of the network's issuer.
    pub(super) fn issuer(&self) -> Result<IssuerSecret, Error> {
        let key = self.dir.join("net").join("issuer.key");
        read_issuer(&key).map_err(|error| Error::Failed(error.to_string()))
    }

    /// Returns the data directory of somebody.
    pub(super) fn data_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Starts the node of a data directory, as `magpie run` does; password locks cost what they cost
    /// everywhere.
    pub(super) fn start(&self, data: &Path, role: Role) -> Result<Node, Error> {
        let network = Some(self.file.clone());
        let settings = Settings { network, role, ..Settings::default() };
        let config = node_config_from(data, &settings)?;
        Ok(self.runtime.block_on(Node::start(config))?)
    }

    /// Returns where the nodes run.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }
}
