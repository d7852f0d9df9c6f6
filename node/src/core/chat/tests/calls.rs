//! What the stories say over and over.

use crate::core::fixture::{Letter, Peer};
use magpie_protocol::{
    bounded::{Blob, List, Text},
    content::{Content, Conversation, Kind, Message, MessageText, Payload},
    ids::MessageId,
};
use serde_json::{Value, json};

pub(super) fn ack(from: &Peer, ids: &[&str]) -> Value {
    json!({ "conversationId": from.address(), "cid": from.address(), "conversationType": 1,
            "messageIds": ids, "pub": "", "isRetry": false })
}

pub(super) fn recall(to: &Peer, id: &str) -> Value {
    json!({ "conversationId": to.address(), "cid": to.address(), "conversationType": 1,
            "messageId": id, "pub": "" })
}

pub(super) fn unread(peer: &mut Peer) -> Value {
    peer.ok("chat", "getUnreadMessageCount", json!({}))["value"].clone()
}

/// Returns what `from` would send with this clock, parents and content.
pub(super) fn letter(
    from: &Peer,
    to: &Peer,
    lamport: u64,
    parents: &[MessageId],
    content: &Content,
) -> Letter {
    let sender = from.sender();
    let message = written(from, Conversation::Direct(to.address()), lamport, parents, content);
    let id = message.clone().verify(sender.account, sender.device).unwrap().id();
    let payload = Payload::Message(Box::new(message));
    Letter { from: sender, to: to.address(), payload, about: Some(id) }
}

/// Returns the message that `from` would write in a conversation.
pub(super) fn written(
    from: &Peer,
    conversation: Conversation,
    lamport: u64,
    parents: &[MessageId],
    content: &Content,
) -> Message {
    let sender = from.sender();
    let message = Message {
        conversation,
        author: sender.account,
        device: sender.device,
        lamport,
        parents: List::new(parents.to_vec()).unwrap(),
        time_ms: lamport,
        burn_ms: 0,
        kind: Kind(0),
        body: Blob::default(),
    };
    message.with_content(content).unwrap()
}

pub(super) fn text(text: &str) -> Content {
    Content::Text(MessageText { text: Text::new(text).unwrap() })
}

pub(super) fn orders(peer: &mut Peer, other: &Peer) -> Vec<String> {
    let order = |row: &Value| row["order"].as_str().unwrap().to_owned();
    peer.heard(other).iter().map(order).collect()
}
