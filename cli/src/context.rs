//! What a command stands on: the data directory, the output, and from these a client.

use crate::{args::Global, client::Client, error::Error, output::Output};
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use std::{env, path::PathBuf};

/// The surroundings of one run of the binary.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where the node keeps its data.
    pub(crate) data_dir: PathBuf,
    /// Where answers and talk go.
    pub(crate) output: Output,
}

impl Context {
    /// Finds the data directory: flag or `MAGPIE_DATA_DIR`, else the platform's.
    pub(crate) fn new(global: &Global, output: Output) -> Result<Self, Error> {
        // An empty variable counts as absent, as every MAGPIE_ variable's does.
        let named = || env::var_os("MAGPIE_DATA_DIR").filter(|dir| !dir.is_empty());
        let data_dir = match global.data_dir.clone().or_else(|| named().map(PathBuf::from)) {
            Some(dir) => dir,
            None => choose_native_strategy().map(|base| base.data_dir().join("magpie")).map_err(
                |_| Error::Usage("no home directory is known: say --data-dir DIR".into()),
            )?,
        };
        Ok(Self { data_dir, output })
    }

    /// Returns a client of the node that runs on the data directory.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        Ok(Client::open(&self.data_dir)?)
    }
}
