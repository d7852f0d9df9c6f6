//! What the other processes are asked, and how they do it: one super node each, or one user's node.

use crate::{
    other,
    submitting::{self, Pace},
    world::{
        Failed,
        place::{self, Transport},
        process::Cost,
    },
};
use magpie_node::{
    core::Scopes,
    host::{Node, mailbox::CODE_OK},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};
use tokio::{
    runtime::Runtime,
    time::{Instant, sleep},
};

/// How long a user's node may take until it believes a header.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// What another process is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Start the super node of this directory.
    Super { file: PathBuf, dir: PathBuf },
    /// Start a user's node, and wait until it has verified a header.
    User { file: PathBuf, dir: PathBuf, transport: String },
    /// Submit the entries of a file, and wait for what becomes of them; answered with a
    /// [`Run`](submitting::Run).
    Submit { entries: PathBuf, pace: Pace },
    /// Say what this process cost so far.
    Cost,
    /// End the node.
    Stop,
}

/// Does what is asked until nobody asks any more.
pub(crate) fn serve(runtime: &Runtime) -> Result<(), Failed> {
    let mut here = Here::default();
    other::serve(runtime, async |ask| here.answer(ask).await)
}

#[derive(Debug, Default)]
struct Here {
    node: Option<Node>,
}

impl Here {
    async fn answer(&mut self, ask: Ask) -> Result<Value, Failed> {
        match ask {
            Ask::Super { file, dir } => {
                self.node = place::start_supers(&file, &[dir]).await?.pop();
                Ok(Value::Null)
            }
            Ask::User { file, dir, transport } => {
                let config = place::config(dir, &file, Transport::named(&transport)?)?;
                let node = Node::start(config).await?;
                follows(&node).await?;
                self.node = Some(node);
                Ok(Value::Null)
            }
            Ask::Submit { entries, pace } => {
                let node = self.node.as_ref().ok_or("no node is here")?;
                let run = submitting::run(node.handle(), &entries, pace).await?;
                Ok(serde_json::to_value(run)?)
            }
            Ask::Cost => Ok(serde_json::to_value(Cost::now()?)?),
            Ask::Stop => {
                if let Some(node) = self.node.take() {
                    node.stop().await?;
                }
                Ok(Value::Null)
            }
        }
    }
}

async fn follows(node: &Node) -> Result<(), Failed> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (module, method) = ("ledger".to_owned(), "status".to_owned());
        let answer = node.handle().call(module, method, json!({}), Scopes::ALL, None).await;
        if answer.code == CODE_OK && answer.data.value()["verified"] == true {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(format!("no header is verified after {PATIENCE:?}: {answer:?}").into());
        }
        sleep(LOOK).await;
    }
}
