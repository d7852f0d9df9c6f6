#![doc = include_str!("../README.md")]

mod amount;
mod args;
mod card;
mod client;
mod commands;
mod context;
mod conversation;
mod error;
mod exit;
mod log;
mod lookup;
mod node_config;
mod output;
mod payment;
mod rows;
mod runtime;
mod secrets;
mod settings;
mod signals;
mod stdin;

use clap::Parser;
use std::process::ExitCode;

/// Reads the order, runs it, tells on stderr what failed; the exit code is of [`exit::Exit`].
fn main() -> ExitCode {
    let args = args::Args::parse();
    let output = output::Output::new(&args.global);
    let done = context::Context::new(&args.global, output).and_then(|at| args.command.run(&at));
    match done {
        Ok(()) => exit::Exit::Ok.into(),
        Err(error) => {
            output.complain(&error);
            error.exit().into()
        }
    }
}
