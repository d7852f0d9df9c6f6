//! What is typed.

use super::{catching, comparing, explaining, levels::Levels, listing, running, sweeping};
use crate::swarm::Platform;
use clap::{Args as Arguments, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Whole networks in one process and in virtual time.
#[derive(Debug, Parser)]
#[command(name = "magpie-sim", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario once and write its report
    Run(Run),
    /// Run many seeds of a scenario: means, intervals, and the seeds that fail
    Sweep(Sweep),
    /// Show what differs between two runs
    Compare {
        /// The folder of one run
        a: PathBuf,
        /// The folder of the other
        b: PathBuf,
    },
    /// List the scenarios that come with the program, and the bugs that can be planted
    List,
    /// Plant every bug and find the first seed in which its checker catches it
    Catch(Catch),
    /// Tell the story of a seed that fails, with all that it does not need left out
    Explain(Explain),
}

/// What is run.
#[derive(Debug, Arguments)]
pub(super) struct What {
    /// The name of a scenario, or a TOML file
    pub(super) scenario: String,
    /// So many nodes in all, super nodes among them, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(super) nodes: Option<u32>,
    /// Leave the attackers of a swarm out, and nothing else: what their attack changes is the difference
    #[arg(long)]
    pub(super) without_attack: bool,
    /// Plant a bug, which a checker has to find (`list` names them)
    #[arg(long, value_name = "NAME")]
    pub(super) sabotage: Option<String>,
}

#[derive(Debug, Arguments)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) what: What,
    /// The seed, instead of the scenario's
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
    /// Where the report is written
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Arguments)]
pub(super) struct Sweep {
    #[command(flatten)]
    pub(super) what: What,
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(super) seeds: u64,
    /// The first of them
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) from: u64,
    /// Begin no further seed when this much time is over, such as 240s or 10m
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) budget: Option<Duration>,
    /// Fail if fewer seeds than this were run in the time
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) least: u64,
    /// Runs at a time; the cores of this machine if it is left out
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// End at the first seed that fails
    #[arg(long)]
    pub(super) first: bool,
    /// Where the means, and the report of each seed that fails, are written
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Arguments)]
pub(super) struct Catch {
    /// The bugs, by name; all of them if none is named
    pub(super) names: Vec<String>,
    /// Within how many seeds each has to be found
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(super) seeds: u64,
    /// Runs at a time; the cores of this machine if it is left out
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
}

#[derive(Debug, Arguments)]
pub(super) struct Explain {
    #[command(flatten)]
    pub(super) what: What,
    /// The seed
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
}

/// Why a command cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wrong {
    /// It was used wrongly.
    #[error("{0}")]
    Usage(String),
    /// Files cannot be written or read.
    #[error(transparent)]
    Report(#[from] crate::report::ReportError),
    /// The system refused something else.
    #[error("{0}")]
    Failed(String),
}

/// Reads a time such as `240s`, `10m` or `2h`; a number alone is seconds.
fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds: u64 = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        other => return Err(format!("{other} is no unit: s, m or h")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("{text} is no time"))?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Carries out what the command line says. Without a platform of virtual time, scenarios of the level
/// swarm are refused.
pub fn main(platform: Option<Platform>) -> ExitCode {
    let levels = Levels { platform };
    let done = match Args::parse().command {
        Command::Run(run) => running::run(&run, levels),
        Command::Sweep(sweep) => sweeping::sweep(&sweep, levels),
        Command::Compare { a, b } => comparing::compare(&a, &b),
        Command::List => listing::list(),
        Command::Catch(catch) => catching::catch(&catch),
        Command::Explain(explain) => explaining::explain(&explain, levels),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(wrong) => {
            eprintln!("magpie-sim: {wrong}");
            ExitCode::from(if matches!(wrong, Wrong::Usage(_)) { 2 } else { 1 })
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

    #[test]
    fn times_have_units() {
        assert_eq!(time("240s"), Ok(Duration::from_secs(240)));
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        assert!(time("2d").is_err() && time("s").is_err() && time("").is_err());
    }
}
