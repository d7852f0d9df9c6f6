//! What the other processes are asked, and how they do it.

use crate::{
    bare, other,
    sending::TEXT_BYTES,
    world::{
        Failed,
        person::Person,
        place::{self, Transport},
        process::Cost,
    },
};
use magpie_node::host::Node;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use tokio::runtime::Runtime;

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

/// Does what is asked until nobody asks any more.
pub(crate) fn serve(runtime: &Runtime) -> Result<(), Failed> {
    let mut here = Here::default();
    other::serve(runtime, async |ask| here.answer(ask).await)
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
