//! Texts that are sent, and events that are heard, through a node's handle.

use crate::world::Failed;
use magpie_node::{
    core::Scopes,
    host::{
        Node,
        mailbox::{CODE_FAILED, CODE_OK, CoreHandle, End, Event, ListenError, Listener, Next},
    },
};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

/// Between two looks at a node that is busy.
const LOOK: Duration = Duration::from_millis(50);
/// Before a busy node is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(1);

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

/// What is read of an answer.
#[derive(Deserialize)]
struct Row {
    msg_id: String,
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
                let [Row { msg_id: id }] = answer.data.read()?;
                return Ok(Sent { id, busy });
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
    /// Starts to listen for a node's events.
    pub(crate) async fn of(node: &Node) -> Result<Self, Failed> {
        let handle = node.handle().clone();
        let listener = handle.listen(None).await?;
        Ok(Self { handle, listener, last: None })
    }

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
