//! The simulator as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    magpie_netsim::command::main()
}
