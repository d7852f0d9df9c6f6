//! The other processes of a bench: the bench started again, which does what lines of JSON on its
//! standard input ask, one at a time, and answers each with a line.

use crate::world::{Failed, commits};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};
use tokio::runtime::Runtime;

/// The variable that makes this program another process of a bench.
const MARK: &str = "MAGPIE_BENCH_SIDE";

/// Another process, seen from the first.
#[derive(Debug)]
pub(crate) struct Side {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Side {
    /// Starts one.
    pub(crate) fn start() -> Result<Self, Failed> {
        let mut child = Command::new(env::current_exe()?)
            .env(MARK, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let asks = child.stdin.take().ok_or("no standard input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, asks, answers })
    }

    /// Returns the process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks and waits for the answer. Error: there is none, or it is one.
    pub(crate) fn ask(&mut self, ask: &impl Serialize) -> Result<Value, Failed> {
        self.begin(ask)?;
        self.answer()
    }

    /// Asks, and leaves the answer for later.
    pub(crate) fn begin(&mut self, ask: &impl Serialize) -> Result<(), Failed> {
        Ok(writeln!(self.asks, "{}", serde_json::to_string(ask)?)?)
    }

    /// Waits for the answer to what was asked. Error: there is none, or it is one.
    pub(crate) fn answer(&mut self) -> Result<Value, Failed> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err("another process of the bench has ended".into());
        }
        let answer: Result<Value, String> = serde_json::from_str(&line)?;
        Ok(answer?)
    }

    /// Asks for the last thing, and waits for the process's end.
    pub(crate) fn stop(mut self, last: &impl Serialize) -> Result<(), Failed> {
        self.ask(last)?;
        drop(self.asks);
        self.child.wait()?;
        Ok(())
    }
}

/// Says whether this process is one that another started.
pub(crate) fn is_side() -> bool {
    env::var_os(MARK).is_some()
}

/// Does what is asked until nobody asks any more.
pub(crate) fn serve<A: DeserializeOwned>(
    runtime: &Runtime,
    mut answer: impl AsyncFnMut(A) -> Result<Value, Failed>,
) -> Result<(), Failed> {
    commits::count()?;
    for line in std::io::stdin().lines() {
        let ask = serde_json::from_str(&line?)?;
        let answer = runtime.block_on(answer(ask)).map_err(|error| error.to_string());
        println!("{}", serde_json::to_string(&answer)?);
    }
    Ok(())
}
