//! The simulator as a program, for the level core; `netsim/virtual` builds it for both levels.

use std::process::ExitCode;

fn main() -> ExitCode {
    magpie_netsim::command::main(None)
}
