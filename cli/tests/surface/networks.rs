//! `magpie network new`, and nodes that run in what it made.

use crate::magpie::magpie;
use serde_json::Value;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Longer than a node takes to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node that runs, killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(data: &Path, network: &Path, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_magpie"));
        command.env_clear().arg("run").arg("--data-dir").arg(data).arg("--network").arg(network);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// Waits for `api.json`.
    fn ready(&mut self, data: &Path) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = std::fs::read(data.join("api.json")).unwrap_or_default();
            if let Ok(api) = serde_json::from_slice(&text) {
                return api;
            }
            assert_eq!(self.0.try_wait().unwrap(), None, "the node ended before it was ready");
            assert!(Instant::now() < deadline, "the node is not ready");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Asks for the end and returns the exit code.
    fn stop(mut self) -> i32 {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.0.wait().unwrap().code().expect("an exit, not a signal")
    }
}

fn net(dir: &Path) -> String {
    dir.join("net").to_str().unwrap().to_owned()
}

#[test]
fn a_new_network_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let at = net(dir.path());
    let new = ["--json", "network", "new", "--supers", "2", "--dir", &at];
    let made = magpie(dir.path(), &new).json();
    assert_eq!(made["supers"].as_array().unwrap().len(), 2);
    let file = made["network"].as_str().unwrap();
    assert!(std::fs::read_to_string(file).unwrap().contains("[genesis]"));
    magpie(dir.path(), &new).failed(6, "exists already");
    for (supers, port, said) in [("0", "20000", "1 to"), ("9", "65530", "65535")] {
        let other = dir.path().join("other");
        let args = ["network", "new", "--supers", supers, "--base-port", port, "--dir"];
        magpie(dir.path(), &[&args[..], &[other.to_str().unwrap()]].concat()).failed(2, said);
        assert!(!other.exists());
    }
}

#[test]
fn its_super_node_and_a_users_node_run_and_end() {
    let dir = tempfile::tempdir().unwrap();
    let at = net(dir.path());
    magpie(dir.path(), &["network", "new", "--supers", "1", "--dir", &at]).ok();
    let (file, data) = (dir.path().join("net/network.toml"), dir.path().join("net/super1"));
    let mut relay = Running::start(&data, &file, &["--role", "super"]);
    let api = relay.ready(&data);
    let bootstrap = std::fs::read_to_string(&file).unwrap();
    let listen = api["listen"].as_array().unwrap();
    assert_eq!(listen.len(), 2);
    for addr in listen {
        assert!(bootstrap.contains(addr.as_str().unwrap()), "{addr} in {bootstrap}");
    }
    let user = dir.path().join("alice");
    let mut alice = Running::start(&user, &file, &[]);
    assert_eq!(alice.ready(&user)["listen"].as_array().unwrap().len(), 2);
    assert_eq!((alice.stop(), relay.stop()), (0, 0));
    assert!(!user.join("api.json").exists() && !data.join("api.json").exists());
}

#[test]
fn a_checkpoint_is_named_and_a_new_node_begins_there() {
    let dir = tempfile::tempdir().unwrap();
    let at = net(dir.path());
    magpie(dir.path(), &["network", "new", "--supers", "1", "--dir", &at]).ok();
    let (file, data) = (dir.path().join("net/network.toml"), dir.path().join("net/super1"));
    let mut relay = Running::start(&data, &file, &["--role", "super"]);
    relay.ready(&data);
    // The first block comes by itself.
    let name = ["--json", "network", "checkpoint"];
    let deadline = Instant::now() + PATIENCE;
    let named = loop {
        let run = magpie(&data, &name);
        if run.code == 0 {
            break run.json();
        }
        assert!(Instant::now() < deadline, "{run:#?}");
        std::thread::park_timeout(Duration::from_millis(50));
    };
    assert!(named["height"].as_u64().unwrap() >= 1 && named["network"].is_null(), "{named}");
    assert!(magpie(&data, &name[1..]).ok().starts_with("[checkpoint]\nheight = "));
    let newer = dir.path().join("net/newer.toml");
    let (from, to) = (file.to_str().unwrap(), newer.to_str().unwrap());
    let write = ["--json", "network", "checkpoint", "--from", from, "--to", to];
    let hash = magpie(&data, &write).json()["hash"].as_str().unwrap().to_owned();
    let text = std::fs::read_to_string(&newer).unwrap();
    assert!(text.starts_with("version = 3\n") && text.contains(&hash), "{text}");
    magpie(&data, &write).failed(6, "exists already");
    magpie(&data, &write[..5]).failed(2, "--to");
    let other = dir.path().join("other");
    magpie(dir.path(), &["network", "new", "--supers", "1", "--dir", other.to_str().unwrap()]).ok();
    let foreign = other.join("network.toml");
    let third = dir.path().join("third.toml");
    let foreign = [foreign.to_str().unwrap(), "--to", third.to_str().unwrap()];
    magpie(&data, &[&write[..4], &foreign[..]].concat()).failed(2, "not the network");
    let user = dir.path().join("alice");
    let mut alice = Running::start(&user, &newer, &[]);
    alice.ready(&user);
    let status = ["--json", "call", "ledger", "status"];
    let deadline = Instant::now() + PATIENCE;
    loop {
        let run = magpie(&user, &status);
        if run.code == 0 && run.json()["verified"] == true {
            break;
        }
        assert!(Instant::now() < deadline, "{run:#?}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert_eq!((alice.stop(), relay.stop()), (0, 0));
}

#[test]
fn what_does_not_fit_the_network_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let at = net(dir.path());
    magpie(dir.path(), &["network", "new", "--supers", "1", "--dir", &at]).ok();
    let file = dir.path().join("net/network.toml");
    let file = file.to_str().unwrap();
    let user = dir.path().join("alice");
    magpie(&user, &["run", "--network", file, "--role", "super"]).failed(2, "names no super node");
    magpie(&user, &["run", "--role", "super"]).failed(2, "--network");
    let broken = dir.path().join("broken.toml");
    for (text, told) in [("version = 2\n", "bootstrap"), ("version = 1\n", "this build reads 2")] {
        std::fs::write(&broken, text).unwrap();
        magpie(&user, &["run", "--network", broken.to_str().unwrap()]).failed(2, told);
    }
}
