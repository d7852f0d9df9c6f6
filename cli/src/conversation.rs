//! What every command that writes or reads needs of a conversation: with whom it is, sending a text,
//! its last messages, and the text inside one.

use crate::{
    client::{Client, ClientError},
    error::Error,
    lookup,
    rows::{list, number, text},
};
use magpie_protocol::{address::Address, ledger::EntryId};
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
            return Ok(Self::direct(id, &row));
        }
        match lookup::group(client, id)? {
            Some(_) => Ok(Self::group(id)),
            None => Err(Error::NotFound(format!("{id} is neither a contact nor a group"))),
        }
    }

    /// Finds the friend with this address. Error: there is none.
    pub(crate) fn of_friend(client: &Client, address: &str) -> Result<Self, Error> {
        let row = lookup::contact(client, address)?;
        let row = row.ok_or_else(|| Error::NotFound(format!("{address} is no contact")))?;
        Ok(Self::direct(address, &row))
    }

    /// Finds the group with this id. Error: there is none.
    pub(crate) fn of_group(client: &Client, id: &str) -> Result<Self, Error> {
        let row = lookup::group(client, id)?;
        row.ok_or_else(|| Error::NotFound(format!("{id} is no group of this account")))?;
        Ok(Self::group(id))
    }

    fn direct(address: &str, contact: &Value) -> Self {
        let curve = text(contact, "c_pub_curve").to_owned();
        Self { id: address.to_owned(), kind: DIRECT, curve }
    }

    fn group(id: &str) -> Self {
        Self { id: id.to_owned(), kind: GROUP, curve: String::new() }
    }

    /// Returns the friend's address or the group's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Sends a text; returns the answer, a list of the one message's row.
    pub(crate) fn send(&self, client: &Client, words: &str) -> Result<Value, ClientError> {
        let mut body = self.addressed();
        body["text"] = words.into();
        client.call("chat", "sendTextMessage", &body)
    }

    /// Sends the card of a packet or transfer, as funding it was answered; returns the message's row.
    pub(crate) fn send_card(
        &self,
        client: &Client,
        method: &str,
        funded: &Value,
    ) -> Result<Value, ClientError> {
        let mut body = self.addressed();
        body["content"] = funded.clone();
        client.call("chat", method, &body)
    }

    /// Sends the notice that one took a share or decided, to where its card stands.
    pub(crate) fn send_notice(
        &self,
        client: &Client,
        method: &str,
        card: &str,
        uid: EntryId,
    ) -> Result<Value, ClientError> {
        let mut body = self.addressed();
        body["msgId"] = card.into();
        body["content"] = json!({"uid": uid});
        client.call("chat", method, &body)
    }

    /// Returns the parameters that say where a message goes.
    fn addressed(&self) -> Value {
        json!({"cnd": self.id, "cid": self.id, "conversationType": self.kind, "pub": self.curve})
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
    Some(text(&content_of(row), "text").to_owned())
}

/// Returns a message's content, which is JSON in a string, or the object itself.
pub(crate) fn content_of(row: &Value) -> Value {
    serde_json::from_str(text(row, "msg_cry")).unwrap_or_else(|_| row["msg_cry"].clone())
}
