//! `magpie sim`: runs the simulator, which is a program of its own.

use crate::{context::Context, error::Error};
use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// The simulator's program.
const PROGRAM: &str = "magpie-sim";
/// How it is built.
const BUILD: &str = "cargo build --release -p magpie-netsim --bin magpie-sim";

/// Run the simulator: `magpie sim list` says what there is
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Sim {
    /// What the simulator is told; see docs/simulate.md
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Sim {
    /// Runs the simulator beside this program, or the one on PATH, and ends with its exit code.
    pub(crate) fn run(self, _at: &Context) -> Result<(), Error> {
        let own = std::env::current_exe().ok();
        let beside = own.as_deref().and_then(beside);
        let program = beside.unwrap_or_else(|| PathBuf::from(PROGRAM));
        match Command::new(&program).args(self.arguments).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Error::Simulator(status.code())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound(format!(
                "{PROGRAM} is neither beside magpie nor on PATH; build it with: {BUILD}"
            ))),
            Err(error) => Err(Error::Failed(format!("{}: {error}", program.display()))),
        }
    }
}

/// Returns the simulator beside a program, if it is there.
fn beside(own: &Path) -> Option<PathBuf> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let beside = own.parent()?.join(name);
    beside.is_file().then_some(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulator_beside_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("magpie");
        assert_eq!(beside(&own), None);
        let sim = dir.path().join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&sim, "").unwrap();
        assert_eq!(beside(&own), Some(sim));
    }
}
