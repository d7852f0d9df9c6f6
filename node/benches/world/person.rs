//! A person with a node: the account, friends, and events, all through the node's handle, which is
//! where the local API's HTTP door puts its calls too.

use super::Failed;
use magpie_node::{
    core::Scopes,
    host::{
        Node, NodeConfig,
        mailbox::{CODE_FAILED, CODE_OK, CoreHandle, End, Event, ListenError, Listener, Next},
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long anything but the measured part may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a node.
const LOOK: Duration = Duration::from_millis(50);
/// Before a busy node is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(1);
/// The passwords: the accounts are worth nothing.
const PASSWORD: &str = "bench-1111111111";

/// Somebody whose node runs, signed in.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) node: Node,
    /// The account's address.
    pub(crate) address: String,
}

impl Person {
    /// Starts a node, makes its account, signs in, listens for messages, and waits for a super node.
    pub(crate) async fn start(config: NodeConfig) -> Result<Self, Failed> {
        let mut person = Self { node: Node::start(config).await?, address: String::new() };
        let account = json!({"walletPwd": PASSWORD, "imPwd": PASSWORD, "type": "text"});
        person.call("login", "register", account).await?;
        let login = json!({"password": PASSWORD, "loginType": "text"});
        person.call("login", "exportLogin", login).await?;
        let me = person.call("user", "getUserSingleInfo", json!({})).await?;
        me["u_nd_add"].as_str().ok_or("no address")?.clone_into(&mut person.address);
        let registration = json!({"id": "bench", "identifier": "bench"});
        person.call("socketEvent", "addReceive", registration).await?;
        person
            .until("connected", async || {
                let state = person.call("user", "connectionState", json!({})).await?;
                Ok(state["value"] == 1)
            })
            .await?;
        Ok(person)
    }

    /// Calls a method of the node. Error: it does not answer 200.
    pub(crate) async fn call(
        &self,
        module: &str,
        method: &str,
        params: Value,
    ) -> Result<Value, Failed> {
        let call = self.node.handle().call(module.into(), method.into(), params, Scopes::ALL, None);
        let answer = call.await;
        if answer.code != CODE_OK {
            return Err(format!("{module}.{method}: {} {}", answer.code, answer.message).into());
        }
        Ok(answer.data)
    }

    /// Asks somebody to be a friend.
    pub(crate) async fn ask(&self, other: &str) -> Result<(), Failed> {
        self.call("contact", "addFriend", json!({"nodeId": other, "content": "hello"})).await?;
        Ok(())
    }

    /// Waits for somebody's request and accepts it.
    pub(crate) async fn accept(&self, other: &str) -> Result<(), Failed> {
        self.until("asked to be a friend", async || {
            let rows = self.call("contact", "getApplyList", json!({})).await?;
            Ok(rows.as_array().is_some_and(|rows| rows.iter().any(|row| row["nodeId"] == other)))
        })
        .await?;
        self.call("contact", "agreeApplySync", json!({"nodeId": other})).await?;
        Ok(())
    }

    /// Waits until somebody is a friend.
    pub(crate) async fn befriended(&self, other: &str) -> Result<(), Failed> {
        self.until("a friend", async || {
            let answer = self.call("contact", "isFriend", json!({"nodeId": other})).await?;
            Ok(answer["status"] == true)
        })
        .await
    }

    /// Looks until something is so. Error: it takes too long.
    pub(crate) async fn until(
        &self,
        what: &str,
        is_so: impl AsyncFn() -> Result<bool, Failed>,
    ) -> Result<(), Failed> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so().await? {
            if Instant::now() >= deadline {
                return Err(format!("{} is not {what} after {PATIENCE:?}", self.address).into());
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Starts to listen for events.
    pub(crate) async fn hear(&self) -> Result<Ear, Failed> {
        let handle = self.node.handle().clone();
        let listener = handle.listen(None).await?;
        Ok(Ear { handle, listener, last: None })
    }
}

/// A text on its way into a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    /// The friend's address, or the group's id.
    pub(crate) conversation: &'a str,
    /// Whether it is a group.
    pub(crate) is_group: bool,
    /// The words.
    pub(crate) words: String,
}

/// What became of a call that sends.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The message's id.
    pub(crate) id: String,
    /// How often the node was busy and was asked again.
    pub(crate) busy: u64,
}

/// Sends a text with `chat.sendTextMessage`; returns once it is durable at the sender's.
pub(crate) async fn send(handle: &CoreHandle, text: Text<'_>) -> Result<Sent, Failed> {
    let params = json!({
        "cnd": text.conversation, "cid": text.conversation, "pub": "", "text": text.words,
        "conversationType": i64::from(text.is_group),
    });
    let mut busy = 0;
    loop {
        let (module, method) = ("chat".to_owned(), "sendTextMessage".to_owned());
        let answer = handle.call(module, method, params.clone(), Scopes::ALL, None).await;
        match answer.code {
            CODE_OK => {
                let id = answer.data[0]["msg_id"].as_str().ok_or("an answer without msg_id")?;
                return Ok(Sent { id: id.to_owned(), busy });
            }
            CODE_FAILED if answer.message.contains("busy") => {
                busy += 1;
                sleep(BUSY_PAUSE).await;
            }
            code => return Err(format!("sendTextMessage: {code} {}", answer.message).into()),
        }
    }
}

/// Returns a text of so many bytes that no other of this number has.
pub(crate) fn words(number: usize, bytes: usize) -> String {
    let mut words = format!("message {number} ");
    words.extend(('a'..='z').cycle().take(bytes - words.len()));
    words
}

/// Somebody who listens for a node's events and misses none.
#[derive(Debug)]
pub(crate) struct Ear {
    handle: CoreHandle,
    listener: Listener,
    last: Option<u64>,
}

impl Ear {
    /// Waits for the next event. Error: the node stops, or has forgotten events.
    pub(crate) async fn next(&mut self) -> Result<Event, Failed> {
        loop {
            match self.listener.next().await {
                Next::Event(event) if event.text.contains("\"event\":\"resync\"") => {
                    return Err("the node no longer keeps events that were not heard".into());
                }
                Next::Event(event) => {
                    self.last = Some(event.seq);
                    return Ok(event);
                }
                Next::End(End::Lagged | End::More(_)) => self.again().await?,
                Next::End(end) => return Err(format!("the node tells no more: {end:?}").into()),
            }
        }
    }

    /// Listens again from the last event on; a node that is busy is asked again.
    async fn again(&mut self) -> Result<(), Failed> {
        loop {
            match self.handle.listen(self.last).await {
                Ok(listener) => {
                    self.listener = listener;
                    return Ok(());
                }
                Err(ListenError::Busy) => sleep(LOOK).await,
                Err(error @ ListenError::Gone) => return Err(error.into()),
            }
        }
    }
}
