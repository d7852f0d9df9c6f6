//! The simulator as a program, for both levels: in virtual time, with randomness that follows from the
//! seed.

mod clock;
mod randomness;
#[cfg(test)]
mod tests;

use magpie_netsim::{command, swarm::Platform};
use std::process::ExitCode;

/// Returns virtual time and seeded randomness.
fn platform() -> Platform {
    Platform { seed_thread: randomness::seed_thread, runtime: clock::paused }
}

fn main() -> ExitCode {
    command::main(Some(platform()))
}
