//! The simulator is a program of its own; without it the way to build it is told.

use crate::magpie::magpie_with;

#[test]
fn a_missing_simulator_is_told_with_its_build_command() {
    let dir = tempfile::tempdir().unwrap();
    let beside = std::path::Path::new(env!("CARGO_BIN_EXE_magpie")).with_file_name("magpie-sim");
    if beside.exists() {
        let run = magpie_with(dir.path(), &["sim", "list"], &[], b"");
        assert!(run.ok().contains("chat-day"), "{run:?}");
    } else {
        let run = magpie_with(dir.path(), &["sim", "list"], &[("PATH", "/nowhere")], b"");
        run.failed(5, "cargo build --release -p magpie-netsim");
    }
}
