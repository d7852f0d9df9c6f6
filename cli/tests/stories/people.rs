//! Two people over three super nodes, all of them processes, driven by commands alone.

use crate::node::{LOGIN, Node, Place, WALLET, eventually, said};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, process::Command, time::Duration};

/// How long anything that crosses the network may take.
pub(crate) const NETWORK_TIME: Duration = Duration::from_secs(30);

/// A network on disk; its super nodes run as long as who started them keeps them.
pub(crate) struct Network {
    dir: tempfile::TempDir,
    supers: usize,
}

impl Network {
    /// Makes a network of three super nodes.
    pub(crate) fn new() -> Self {
        Self::of(3)
    }

    /// Makes a network of as many super nodes.
    pub(crate) fn of(supers: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let net = dir.path().join("net");
        let made = Command::new(env!("CARGO_BIN_EXE_magpie"))
            .args(["network", "new", "--supers", &supers.to_string(), "--dir"])
            .arg(&net)
            .output()
            .unwrap();
        said(&made);
        Self { dir, supers }
    }

    /// The same with another pace of blocks, milliseconds: the least between two, and the most.
    pub(crate) fn paced(supers: usize, interval_ms: u64, heartbeat_ms: u64) -> Self {
        let network = Self::of(supers);
        let usual = fs::read_to_string(network.file()).unwrap();
        let paced = usual
            .replace("interval_ms = 500", &format!("interval_ms = {interval_ms}"))
            .replace("heartbeat_ms = 10000", &format!("heartbeat_ms = {heartbeat_ms}"));
        fs::write(network.file(), &paced).unwrap();
        for line in [
            format!("\ninterval_ms = {interval_ms}\n"),
            format!("\nheartbeat_ms = {heartbeat_ms}\n"),
        ] {
            assert!(paced.contains(&line), "{paced}");
        }
        network
    }

    /// The file that names the network.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.path().join("net/network.toml")
    }

    /// The file with the issuer's key.
    pub(crate) fn issuer(&self) -> String {
        self.dir.path().join("net/issuer.key").to_str().unwrap().to_owned()
    }

    /// Starts the super node of a place.
    pub(crate) fn start(&self, place: &Place) -> Node {
        place.start(&["--network", self.file().to_str().unwrap(), "--role", "super"])
    }

    /// Starts all super nodes.
    pub(crate) fn supers(&self) -> Vec<(Place, Option<Node>)> {
        let start = |i| {
            let place = Place::at(self.dir.path().join(format!("net/super{i}")));
            let node = self.start(&place);
            (place, Some(node))
        };
        (1..=self.supers).map(start).collect()
    }
}

/// A person at a place, whose node may be down.
pub(crate) struct Person {
    pub(crate) place: Place,
    file: String,
    pub(crate) address: String,
}

impl Person {
    pub(crate) fn new(network: &Network) -> Self {
        let place = Place::new();
        let (im, wallet) = (place.file("im", LOGIN), place.file("wallet", WALLET));
        let init = ["--json", "init", "--password-file", &im, "--wallet-password-file", &wallet];
        let made: Value = serde_json::from_str(&said(&place.magpie(&init))).unwrap();
        let address = made["address"].as_str().unwrap().to_owned();
        Self { place, file: network.file().to_str().unwrap().to_owned(), address }
    }

    pub(crate) fn run(&self) -> Node {
        let node = self.place.start(&["--network", &self.file]);
        let password = self.place.file("im", LOGIN);
        said(&self.place.magpie(&["login", "--password-file", &password]));
        node
    }

    pub(crate) fn says(&self, args: &[&str]) -> Value {
        let args = [&["--json"], args].concat();
        serde_json::from_str(&said(&self.place.magpie(&args))).unwrap()
    }

    /// The texts of the conversation with somebody, oldest first.
    pub(crate) fn texts(&self, with: &Self) -> Vec<String> {
        self.texts_of(&with.address)
    }

    /// The texts of a conversation, oldest first.
    pub(crate) fn texts_of(&self, conversation: &str) -> Vec<String> {
        let rows = self.says(&["history", conversation, "--limit", "1000"]);
        let text = |row: &Value| {
            let body: Value = serde_json::from_str(row["msg_cry"].as_str().unwrap()).unwrap();
            body["text"].as_str().unwrap().to_owned()
        };
        rows.as_array().unwrap().iter().map(text).collect()
    }
}

pub(crate) fn befriend(alice: &Person, bob: &Person) {
    alice.says(&["contact", "add", &bob.address, "--message", "hello"]);
    eventually("bob sees the request", NETWORK_TIME, || {
        let requests = bob.says(&["contact", "requests"]);
        requests.as_array()?.iter().find(|r| r["nodeId"] == json!(alice.address)).cloned()
    });
    bob.says(&["contact", "accept", &alice.address]);
    for (who, other) in [(alice, bob), (bob, alice)] {
        eventually("both are friends", NETWORK_TIME, || {
            let friends = who.says(&["contact", "list"]);
            friends.as_array()?.iter().find(|f| f["c_nd_add"] == json!(other.address)).cloned()
        });
    }
}

#[test]
fn two_people_write_though_one_is_killed_and_both_are_never_up_together() {
    let network = Network::new();
    let _supers = network.supers();
    let (alice, bob) = (Person::new(&network), Person::new(&network));
    let (alice_node, bob_node) = (alice.run(), bob.run());
    befriend(&alice, &bob);
    let mut want = vec!["你好 bob 🧧".to_owned()];
    alice.says(&["send", &bob.address, &want[0]]);
    eventually("bob reads it", NETWORK_TIME, || (bob.texts(&alice) == want).then_some(()));
    bob_node.kill();
    for i in 0..20 {
        want.push(format!("while away {i}"));
        alice.says(&["send", &bob.address, &want[i + 1]]);
    }
    eventually("the super nodes have it all", NETWORK_TIME, || {
        let page = json!({"conversationId": bob.address, "startTime": -1, "pageSize": 100,
            "orderBy": "ASC"});
        let rows = alice_node.ok("chat", "getMessagesByConversationId", page);
        rows.as_array()?.iter().all(|row| row["msg_is_send"] == 1).then_some(())
    });
    alice_node.kill();
    let bob_node = bob.run();
    eventually("bob has all of it, in order, once", NETWORK_TIME, || {
        (bob.texts(&alice) == want).then_some(())
    });
    want.push("and back".into());
    bob.says(&["send", &alice.address, "and back"]);
    let alice_node = alice.run();
    eventually("alice has the answer", NETWORK_TIME, || (alice.texts(&bob) == want).then_some(()));
    alice_node.stop();
    bob_node.stop();
}
