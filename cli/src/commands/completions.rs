//! `magpie completions`: the completion script of a shell.

use crate::{args::Args, context::Context, error::Error};
use clap::CommandFactory;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Args::command(), "magpie", &mut script);
        at.output.raw(&script)
    }
}
