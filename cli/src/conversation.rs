//! What every command that writes or reads needs of a conversation: with whom it is, sending a text,
//! its last messages, and the text inside one.

use crate::{
    client::{Client, ClientError},
    error::Error,
    lookup,
    rows::{list, number, text},
};
use magpie_protocol::address::Address;
use serde_json::{Value, json};

/// `conversationType` of a message to one person.
const DIRECT: i64 = 0;
/// `conversationType` of a message to a group.
const GROUP: i64 = 1;
/// `msg_type` of a text.
pub(crate) const TEXT: i64 = 1;

/// A friend or a group, as the calls name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conversation {
    id: String,
    kind: i64,
    /// The friend's key; nothing for a group.
    curve: String,
}

impl Conversation {
    /// Finds the friend or group with this id. Error: it is neither.
    pub(crate) fn find(client: &Client, id: &str) -> Result<Self, Error> {
        // A group's id may look like an address, so contacts are asked first, groups always.
        let contact = match id.parse::<Address>() {
            Ok(_) => lookup::contact(client, id)?,
            Err(_) => None,
        };
        if let Some(row) = contact {
            let curve = text(&row, "c_pub_curve").to_owned();
            return Ok(Self { id: id.to_owned(), kind: DIRECT, curve });
        }
        match lookup::group(client, id)? {
            Some(_) => Ok(Self { id: id.to_owned(), kind: GROUP, curve: String::new() }),
            None => Err(Error::NotFound(format!("{id} is neither a contact nor a group"))),
        }
    }

    /// Sends a text; returns the answer, a list of the one message's row.
    pub(crate) fn send(&self, client: &Client, words: &str) -> Result<Value, ClientError> {
        let body = json!({
            "cnd": self.id, "cid": self.id, "conversationType": self.kind, "pub": self.curve,
            "text": words,
        });
        client.call("chat", "sendTextMessage", &body)
    }
}

/// Returns the last messages of a conversation, the oldest first.
pub(crate) fn last_messages(
    client: &Client,
    conversation: &str,
    limit: u16,
) -> Result<Vec<Value>, ClientError> {
    let body = json!({
        "conversationId": conversation, "startTime": -1, "pageSize": limit, "orderBy": "DESC",
    });
    let newest_first = client.call("chat", "getMessagesByConversationId", &body)?;
    Ok(list(&newest_first).iter().rev().cloned().collect())
}

/// Returns a message's text, or nothing if it is of another kind.
pub(crate) fn text_of(row: &Value) -> Option<String> {
    if number(row, "msg_type") != TEXT {
        return None;
    }
    // The content is JSON in a string, or the object itself.
    let parsed = serde_json::from_str(text(row, "msg_cry")).ok();
    let content: &Value = parsed.as_ref().unwrap_or(&row["msg_cry"]);
    Some(text(content, "text").to_owned())
}
