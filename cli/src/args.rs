//! The command line as clap reads it: what is global, and one row per command.

use crate::{commands, context::Context, error::Error};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Peer-to-peer chat with red packets.
#[derive(Debug, Parser)]
#[command(name = "magpie", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 ok, 1 failed, 2 usage, 3 node not reachable, \
     4 not authorized, 5 not found, 6 conflict or time-out";

/// What every command understands.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// Where the node keeps its data [env: MAGPIE_DATA_DIR] [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print data alone on stdout, as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No colours (NO_COLOR says the same)
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

/// The commands; the doc line of each is its help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell a story with a whole network in this process, on a directory of its own
    Demo(commands::demo::Demo),
    /// Make the account of a data directory, new or from a mnemonic
    Init(commands::init::Init),
    /// Run a node until it is told to end
    Run(commands::run::Run),
    /// Make a network of one's own
    #[command(subcommand)]
    Network(commands::network::Network),
    /// Call any API method of a running node
    Call(commands::call::Call),
    /// Sign a running node in
    Login(commands::login::Login),
    /// Sign a running node out
    Logout(commands::logout::Logout),
    /// The people one knows
    #[command(subcommand)]
    Contact(commands::contact::Contact),
    /// Groups and their members
    #[command(subcommand)]
    Group(commands::group::Group),
    /// Send a text to a friend or a group
    Send(commands::send::Send),
    /// Show the last messages of a conversation
    History(commands::history::History),
    /// What the account has, transfers, and recharges
    #[command(subcommand)]
    Wallet(commands::wallet::Wallet),
    /// Red packets for groups
    #[command(subcommand)]
    Packet(commands::packet::Packet),
    /// This device
    #[command(subcommand)]
    Device(commands::device::Device),
    /// Simulate whole networks (the program magpie-sim)
    Sim(commands::sim::Sim),
    /// Print or check the settings a node would run with
    #[command(subcommand)]
    Config(commands::config::Config),
    /// Print the completion script of a shell
    Completions(commands::completions::Completions),
}

impl Command {
    /// Runs the command to its end.
    pub(crate) fn run(self, at: &Context) -> Result<(), Error> {
        match self {
            Self::Demo(command) => command.run(at),
            Self::Init(command) => command.run(at),
            Self::Run(command) => command.run(at),
            Self::Network(command) => command.run(at),
            Self::Call(command) => command.run(at),
            Self::Login(command) => command.run(at),
            Self::Logout(command) => command.run(at),
            Self::Contact(command) => command.run(at),
            Self::Group(command) => command.run(at),
            Self::Send(command) => command.run(at),
            Self::History(command) => command.run(at),
            Self::Wallet(command) => command.run(at),
            Self::Packet(command) => command.run(at),
            Self::Device(command) => command.run(at),
            Self::Sim(command) => command.run(at),
            Self::Config(command) => command.run(at),
            Self::Completions(command) => command.run(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn clap_finds_no_contradiction() {
        Args::command().debug_assert();
    }
}
