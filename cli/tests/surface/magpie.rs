//! Runs the binary in an environment of its own.

use serde_json::Value;
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Fails unless the run ended well; returns stdout.
    #[track_caller]
    pub(crate) fn ok(&self) -> &str {
        assert_eq!(self.code, 0, "{self:#?}");
        &self.stdout
    }

    /// Fails unless the run ended well with one JSON value on stdout; returns it.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.ok()).expect("stdout holds one JSON value")
    }

    /// Fails unless the run ended with this code, said this on stderr and nothing on stdout.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, said: &str) {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(self.stderr.contains(said), "{said:?} is not in {self:#?}");
        assert_eq!(self.stdout, "");
    }
}

/// Runs `magpie --data-dir DIR ARGS`.
pub(crate) fn magpie(dir: &Path, args: &[&str]) -> Run {
    magpie_with(dir, args, &[], b"")
}

/// Runs it with variables and with bytes on stdin.
pub(crate) fn magpie_with(dir: &Path, args: &[&str], env: &[(&str, &str)], stdin: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_magpie"))
        .env_clear()
        .envs(env.iter().copied())
        .arg("--data-dir")
        .arg(dir)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that needs no stdin may have ended before it is written.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let done = child.wait_with_output().unwrap();
    Run {
        code: done.status.code().expect("ended by itself"),
        stdout: String::from_utf8(done.stdout).unwrap(),
        stderr: String::from_utf8(done.stderr).unwrap(),
    }
}
