//! One of the three people: a node on a directory, and what is asked of it over its local API.

use super::network::Network;
use crate::{
    client::Client,
    conversation::{Conversation, TEXT, last_messages},
    error::Error,
    rows::{list, number, text},
    settings::Role,
};
use magpie_node::host::Node;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The password of the three accounts, which are worth nothing: it is printed for who wants to try.
pub(super) const PASSWORD: &str = "magpie-demo";
/// The code of a node without an account.
const NO_ACCOUNT: i64 = 20008;
/// The code of a message that is not there.
const NO_MESSAGE: i64 = 20091;
/// The most messages of a conversation that are compared.
pub(super) const COMPARED: u16 = 1000;

/// Somebody with a node that runs or does not.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) data: PathBuf,
    /// The account's address, once it is known.
    pub(super) address: String,
    pub(super) node: Option<Node>,
    client: Option<Client>,
}

impl Person {
    /// Returns somebody whose node does not run yet.
    pub(super) fn new(name: &'static str, network: &Network) -> Self {
        let data = network.data_of(name);
        Self { name, data, address: String::new(), node: None, client: None }
    }

    /// Starts the node and finds its API.
    pub(super) fn start(&mut self, network: &Network) -> Result<(), Error> {
        self.node = Some(network.start(&self.data, Role::User)?);
        self.client = Some(Client::open(&self.data)?);
        Ok(())
    }

    /// Cuts the node off, as a crash would.
    pub(super) fn cut(&mut self, network: &Network) {
        self.client = None;
        if let Some(node) = self.node.take() {
            network.runtime().block_on(node.cut());
        }
    }

    /// Signs in, after making the account where there is none; returns whether it is new.
    pub(super) fn sign_in(&mut self) -> Result<bool, Error> {
        let login = json!({"password": PASSWORD, "loginType": "text"});
        let is_new = match self.client()?.call("login", "exportLogin", &login) {
            Ok(_) => false,
            Err(error) if error.is_code(NO_ACCOUNT) => {
                let account = json!({"imPwd": PASSWORD, "walletPwd": PASSWORD, "type": "text"});
                self.call("login", "register", &account)?;
                self.call("login", "exportLogin", &login)?;
                self.call("user", "updateUserSingleInfo", &json!({"nickname": self.name}))?;
                true
            }
            Err(error) => return Err(error.into()),
        };
        let me = self.call("user", "getUserSingleInfo", &json!({}))?;
        text(&me, "u_nd_add").clone_into(&mut self.address);
        Ok(is_new)
    }

    /// Calls a method of the node.
    pub(super) fn call(&self, module: &str, method: &str, body: &Value) -> Result<Value, Error> {
        Ok(self.client()?.call(module, method, body)?)
    }

    /// Returns the client of the node. Error: it does not run.
    pub(super) fn client(&self) -> Result<&Client, Error> {
        let down = || Error::Failed(format!("{}'s node does not run", self.name));
        self.client.as_ref().ok_or_else(down)
    }

    /// Says whether somebody is a friend.
    pub(super) fn is_friend(&self, other: &Self) -> Result<bool, Error> {
        let answer = self.call("contact", "isFriend", &json!({"nodeId": other.address}))?;
        Ok(answer["status"] == true)
    }

    /// Says whether somebody's request to be a friend is here.
    pub(super) fn is_asked_by(&self, other: &Self) -> Result<bool, Error> {
        let rows = self.call("contact", "getApplyList", &json!({}))?;
        Ok(list(&rows).iter().any(|row| text(row, "nodeId") == other.address))
    }

    /// Sends a text in a conversation; returns the message's id.
    pub(super) fn send(&self, conversation: &str, words: &str) -> Result<String, Error> {
        let client = self.client()?;
        let data = Conversation::find(client, conversation)?.send(client, words)?;
        Ok(text(data.get(0).unwrap_or(&data), "msg_id").to_owned())
    }

    /// Returns the ids of the texts of a conversation, the oldest first.
    pub(super) fn texts(&self, conversation: &str) -> Result<Vec<String>, Error> {
        let rows = last_messages(self.client()?, conversation, COMPARED)?;
        let texts = rows.iter().filter(|row| number(row, "msg_type") == TEXT);
        Ok(texts.map(|row| text(row, "msg_id").to_owned()).collect())
    }

    /// Returns a message's row, or nothing where the message is not here.
    pub(super) fn message(&self, id: &str) -> Result<Option<Value>, Error> {
        let answer = self.client()?.call("chat", "getMessageByIdChat", &json!({"messageId": id}));
        match answer {
            Ok(row) => Ok(Some(row)),
            Err(error) if error.is_code(NO_MESSAGE) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
