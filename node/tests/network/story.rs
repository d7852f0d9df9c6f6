//! A network in a temporary directory, its nodes, and waiting for what they come to.

use magpie_node::{
    core::Scopes,
    host::{
        NetworkConfig, NewNetwork, Node, NodeConfig, StartError, mailbox::CODE_OK, net::Role,
        new_network, read_network,
    },
};
use magpie_wallet::kdf::KdfParams;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{Instant, interval};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at a node.
const LOOK: Duration = Duration::from_millis(20);

/// A new network and where its nodes live.
pub(crate) struct Story {
    pub(crate) dir: TempDir,
    pub(crate) made: NewNetwork,
}

impl Story {
    pub(crate) fn new(supers: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = new_network(&dir.path().join("net"), supers, None).unwrap();
        Self { dir, made }
    }

    pub(crate) fn network(&self, role: Role) -> NetworkConfig {
        let (network, bootstrap) = read_network(&self.made.file).unwrap();
        NetworkConfig { network, bootstrap, role, listen: vec![] }
    }

    /// The configuration of super node `n`, from one.
    pub(crate) fn super_config(&self, n: usize) -> NodeConfig {
        config(self.made.supers[n - 1].clone(), self.network(Role::Super))
    }

    /// The configuration of a person's node.
    pub(crate) fn user_config(&self, name: &str) -> NodeConfig {
        config(self.dir.path().join(name), self.network(Role::User))
    }
}

pub(crate) fn config(data_dir: PathBuf, network: NetworkConfig) -> NodeConfig {
    let api = Some("127.0.0.1:0".parse().unwrap());
    NodeConfig { data_dir, api, kdf: KdfParams::TEST, network: Some(network) }
}

/// Why a node does not start.
pub(crate) async fn refusal(config: NodeConfig) -> StartError {
    match Node::start(config).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

/// One API call that is answered.
pub(crate) async fn call(node: &Node, module: &str, method: &str, params: Value) -> Value {
    let (module, method) = (module.to_owned(), method.to_owned());
    let answer = node.handle().call(module, method, params, Scopes::ALL, None).await;
    assert_eq!(answer.code, CODE_OK, "{}", answer.message);
    answer.data.value()
}

/// Makes the node's account and signs in.
pub(crate) async fn enter(node: &Node) {
    call(node, "login", "init", json!({})).await;
    let account =
        json!({"walletPwd": "wallet-1111111111", "imPwd": "im-1111111111", "type": "text"});
    call(node, "login", "register", account).await;
    let login = json!({"password": "im-1111111111", "loginType": "text"});
    call(node, "login", "exportLogin", login).await;
}

/// Looks until a signed-in node says that it is connected with a super node.
pub(crate) async fn connected(node: &Node) {
    let deadline = Instant::now() + PATIENCE;
    let mut look = interval(LOOK);
    loop {
        look.tick().await;
        let state = call(node, "user", "connectionState", json!({})).await;
        if state["value"] == 1 {
            return;
        }
        assert!(Instant::now() < deadline, "not connected, last: {state}");
    }
}

/// What `api.json` says of a node.
pub(crate) fn api_file(dir: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(dir.join("api.json")).unwrap()).unwrap()
}
