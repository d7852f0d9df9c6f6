//! The other processes: this bench started again, which does what lines of JSON on its standard input
//! ask, one at a time, and answers each with a line.

use crate::{
    bare,
    sending::TEXT_BYTES,
    world::{
        Failed, commits,
        person::Person,
        place::{self, Transport},
        process::Cost,
    },
};
use magpie_node::host::Node;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};
use tokio::runtime::Runtime;

/// The variable that makes this program another process of a bench.
const MARK: &str = "MAGPIE_BENCH_SIDE";

/// What another process is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Start the super nodes of these directories.
    Supers { file: PathBuf, dirs: Vec<PathBuf> },
    /// Start a person's node; answered with the address.
    Person { file: PathBuf, dir: PathBuf, transport: String },
    /// Wait for a request and accept it.
    Accept { who: String },
    /// Count the unread messages of all conversations.
    Unread,
    /// Serve bare requests; answered with the address.
    Bare { transport: String },
    /// Say what this process cost so far.
    Cost,
    /// End the nodes.
    Stop,
}

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
    pub(crate) fn ask(&mut self, ask: &Ask) -> Result<Value, Failed> {
        writeln!(self.asks, "{}", serde_json::to_string(ask)?)?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err("another process of the bench has ended".into());
        }
        let answer: Result<Value, String> = serde_json::from_str(&line)?;
        Ok(answer?)
    }

    /// Ends it and waits for its end.
    pub(crate) fn stop(mut self) -> Result<(), Failed> {
        self.ask(&Ask::Stop)?;
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
pub(crate) fn serve(runtime: &Runtime) -> Result<(), Failed> {
    commits::count()?;
    let mut here = Here::default();
    for line in std::io::stdin().lines() {
        let ask = serde_json::from_str(&line?)?;
        let answer = runtime.block_on(here.answer(ask)).map_err(|error| error.to_string());
        println!("{}", serde_json::to_string(&answer)?);
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Here {
    supers: Vec<Node>,
    person: Option<Person>,
}

impl Here {
    async fn answer(&mut self, ask: Ask) -> Result<Value, Failed> {
        let person = || self.person.as_ref().ok_or("nobody is here");
        match ask {
            Ask::Supers { file, dirs } => {
                self.supers = place::start_supers(&file, &dirs).await?;
                Ok(Value::Null)
            }
            Ask::Person { file, dir, transport } => {
                let config = place::config(dir, &file, Transport::named(&transport)?)?;
                let person = Person::start(config).await?;
                let address = person.address.clone();
                self.person = Some(person);
                Ok(json!(address))
            }
            Ask::Accept { who } => {
                let person = person()?;
                person.accept(&who).await?;
                person.befriended(&who).await?;
                Ok(Value::Null)
            }
            Ask::Unread => {
                let answer = person()?.call("chat", "getUnreadMessageCount", json!({})).await?;
                Ok(answer["value"].clone())
            }
            Ask::Bare { transport } => {
                Ok(json!(bare::serve(Transport::named(&transport)?, TEXT_BYTES).await?))
            }
            Ask::Cost => Ok(serde_json::to_value(Cost::now()?)?),
            Ask::Stop => {
                if let Some(person) = self.person.take() {
                    person.node.stop().await?;
                }
                for node in self.supers.drain(..) {
                    node.stop().await?;
                }
                Ok(Value::Null)
            }
        }
    }
}
