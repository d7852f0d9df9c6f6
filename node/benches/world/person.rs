//! A person with a node: the account and friends, through the node's handle, which is where the local
//! API's HTTP door puts its calls too.

use super::Failed;
use magpie_node::{
    core::Scopes,
    host::{Node, NodeConfig, mailbox::CODE_OK},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long anything but the measured part may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a node.
const LOOK: Duration = Duration::from_millis(50);
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
    /// Starts a node, makes its account, signs in, registers for messages, and waits for a super node.
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
        Ok(answer.data.value())
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
}
