//! The command line `magpie-sim`: one file per command.
//!
//! In: arguments. Out: talk on stderr, data on stdout, files in a folder, and an exit code: 0 as
//! expected, 1 not, 2 used wrongly. Start at [`main`].

mod args;
mod catching;
mod comparing;
mod explaining;
mod finding_scenario;
mod levels;
mod listing;
mod planted;
mod progress;
mod running;
mod side_by_side;
mod sweeping;

pub use args::{Args, main};
