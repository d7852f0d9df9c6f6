//! One person and their whole node: what a program of the local API would do with it.

use crate::swarm::links::Host;
use magpie_node::{
    core::Scopes,
    host::{
        EmbeddedNode,
        mailbox::{CODE_OK, Listener, Next},
    },
};
use serde_json::{Value, json};

/// An API call that a node refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} of host {host}: {code} {message}")]
pub struct Refused {
    /// Whose node.
    pub host: u32,
    /// The method.
    pub method: String,
    /// The code of the API.
    pub code: u16,
    /// Why.
    pub message: String,
}

/// One person.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) host: Host,
    pub(super) node: EmbeddedNode,
    pub(super) address: String,
}

impl Person {
    /// Makes an anonymous account on the node and signs in.
    pub(super) async fn enter(host: Host, node: EmbeddedNode) -> Result<Self, Refused> {
        let answer = node.handle().register(None, None).await;
        if answer.code != CODE_OK {
            let method = "login.register".to_owned();
            let (code, message) = (answer.code, answer.message);
            return Err(Refused { host: host.0, method, code, message });
        }
        let mut person = Self { host, node, address: String::new() };
        person.call("login", "exportLogin", json!({"loginType": "text"})).await?;
        person.call("socketEvent", "addReceive", json!({"identifier": "town"})).await?;
        let me = person.call("user", "getUserSingleInfo", json!({})).await?;
        person.address = me["u_nd_add"].as_str().unwrap_or_default().to_owned();
        Ok(person)
    }

    /// Calls the local API.
    pub(super) async fn call(
        &self,
        module: &str,
        method: &str,
        params: Value,
    ) -> Result<Value, Refused> {
        let names = (module.to_owned(), method.to_owned());
        let answer = self.node.handle().call(names.0, names.1, params, Scopes::ALL, None).await;
        if answer.code == CODE_OK {
            return Ok(answer.data.value());
        }
        let method = format!("{module}.{method}");
        Err(Refused { host: self.host.0, method, code: answer.code, message: answer.message })
    }

    /// Says whether the node is connected with its network.
    pub(super) async fn is_connected(&self) -> Result<bool, Refused> {
        let state = self.call("user", "connectionState", json!({})).await?;
        Ok(state["value"] == 1)
    }

    /// Says whether an account is a friend.
    pub(super) async fn is_friend(&self, other: &str) -> Result<bool, Refused> {
        let friend = self.call("contact", "isFriend", json!({"nodeId": other})).await?;
        Ok(friend["status"] == true)
    }

    /// Writes a text to a friend, or to a group.
    pub(super) async fn say(&self, to: &str, is_group: bool, text: &str) -> Result<(), Refused> {
        let params = json!({"cnd": to, "cid": to, "conversationType": u8::from(is_group), "pub": "",
                            "text": text});
        self.call("chat", "sendTextMessage", params).await.map(|_| ())
    }
}

/// Returns the next number that somebody wrote, or nothing when the node ends.
pub(super) async fn heard(listener: &mut Listener) -> Option<u32> {
    loop {
        let Next::Event(event) = listener.next().await else { return None };
        let Ok(frame) = serde_json::from_str::<Value>(&event.text) else { continue };
        if let Some(number) = number_of(&frame) {
            return Some(number);
        }
    }
}

/// Reads the number that a message says.
fn number_of(frame: &Value) -> Option<u32> {
    if frame["event"] != "message" {
        return None;
    }
    let body: Value = serde_json::from_str(frame["data"]["msg_cry"].as_str()?).ok()?;
    body["text"].as_str()?.parse().ok()
}
