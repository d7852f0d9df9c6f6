//! `magpie demo`, told twice on one directory.

use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How long a demo that was told to end may take.
const END_TIME: Duration = Duration::from_secs(10);

fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magpie"));
    command.env_clear().arg("--data-dir").arg(data).args(["demo", "--json"]).args(args);
    command.stdin(Stdio::null());
    command
}

/// Tells the story to its end; returns its lines.
fn told(data: &Path, args: &[&str]) -> Vec<Value> {
    let output = command(data, args).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stdout}\n{stderr}");
    stdout.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn steps<'a>(lines: &'a [Value], name: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["step"] == name)
}

/// Returns the messages that steps of a name speak of; each is spoken of once.
fn messages(lines: &[Value], name: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for id in steps(lines, name).flat_map(|line| line["messages"].as_array().unwrap()) {
        assert!(all.insert(id.as_str().unwrap().to_owned()), "{id} is {name} twice");
    }
    all
}

/// Checks that the last line counts what the steps told; returns the accounts' addresses.
fn check(lines: &[Value]) -> Vec<Value> {
    let (last, told) = lines.split_last().unwrap();
    let sent: BTreeSet<String> =
        steps(told, "send").map(|line| line["message"].as_str().unwrap().to_owned()).collect();
    assert!(sent.len() >= 4 + 4 + 11, "{} messages were sent", sent.len());
    assert_eq!(sent.len(), steps(told, "send").count(), "each message has an id of its own");
    for step in ["delivered", "read"] {
        assert_eq!(messages(told, step), sent, "all are {step}");
    }
    let all = sent.len();
    assert_eq!(last["ok"], true);
    assert_eq!(last["messages"], json!({"sent": all, "delivered": all, "read": all}));
    for step in ["group", "order", "fund", "give", "kill", "stored", "restart", "whole", "agree"] {
        assert_eq!(steps(told, step).count(), 1, "{step}");
    }
    assert_eq!((steps(told, "super").count(), steps(told, "friends").count()), (4, 3));
    assert_eq!((steps(told, "stop").count(), steps(told, "back").count()), (2, 2));
    let people: Vec<Value> = steps(told, "account").map(|line| line["address"].clone()).collect();
    check_money(told, last, &people);
    people
}

/// Checks that the last line says of the money what the steps told.
fn check_money(told: &[Value], last: &Value, people: &[Value]) {
    let (packet, transfer, ledger) = (&last["packet"], &last["transfer"], &last["ledger"]);
    let give = steps(told, "give").next().unwrap();
    assert_eq!((&packet["id"], &packet["total"]), (&give["packet"], &give["amount"]));
    let shares = packet["shares"].as_array().unwrap();
    let units: Vec<u64> = shares.iter().map(|it| it["amount"].as_u64().unwrap()).collect();
    assert_eq!(Some(units.iter().sum()), packet["total"].as_u64());
    assert!(units.iter().all(|units| *units > 0), "{packet}");
    let by: BTreeSet<&str> = shares.iter().map(|it| it["address"].as_str().unwrap()).collect();
    assert_eq!(by, people.iter().map(|it| it.as_str().unwrap()).collect());
    let mut opened: Vec<u64> =
        steps(told, "share").map(|line| line["amount"].as_u64().unwrap()).collect();
    let mut drawn = units.clone();
    opened.sort_unstable();
    drawn.sort_unstable();
    assert_eq!(opened, drawn);
    assert!(packet["draw_recomputed"] != false, "{packet}");
    let made = steps(told, "transfer").next().unwrap();
    assert_eq!(*transfer, json!({"id": made["transfer"], "state": "accepted"}));
    assert_eq!(steps(told, "transfer").count(), 3);
    assert_eq!(steps(told, "accept").count(), 3);
    assert_eq!(ledger["validators"], 4);
    assert!(ledger["verified_by"].as_u64() >= Some(3) && ledger["height"].as_u64() > Some(0));
    assert_eq!(ledger["state_root"].as_str().map(str::len), Some(64));
}

#[test]
fn the_demo_tells_its_story_and_goes_on_the_next_time() {
    let data = tempfile::tempdir().unwrap();
    let first = told(data.path(), &["--once", "--fresh"]);
    let people = check(&first);
    assert!(steps(&first, "account").all(|line| line["new"] == true));
    assert_eq!(people.len(), 3);
    assert!(!data.path().join("demo/alice/api.json").exists(), "all nodes ended in order");
    let second = told(data.path(), &["--once"]);
    assert_eq!(check(&second), people, "the accounts are the same");
    assert!(steps(&second, "account").all(|line| line["new"] == false));
    let group = |lines: &[Value]| steps(lines, "group").next().unwrap()["group"].clone();
    assert_eq!(group(&first), group(&second));
}

/// A demo that stays up; killed when dropped.
struct Staying(Child);

impl Drop for Staying {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_demo_without_once_stays_up_for_others_until_it_is_told_to_end() {
    let data = tempfile::tempdir().unwrap();
    let child = command(data.path(), &[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut demo = Staying(child);
    let stdout = BufReader::new(demo.0.stdout.take().unwrap());
    let mut nodes = Vec::new();
    for line in stdout.lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if line["step"] == "node" {
            nodes.push(line.clone());
        }
        if let Some(ok) = line.get("ok") {
            assert_eq!(*ok, true);
            break;
        }
    }
    assert_eq!(nodes.len(), 7);
    for node in &nodes {
        let api = std::fs::read_to_string(node["api"].as_str().unwrap()).unwrap();
        let api: Value = serde_json::from_str(&api).unwrap();
        assert_eq!((&api["url"], &api["pid"]), (&node["url"], &json!(demo.0.id())));
    }
    // One directory, one demo.
    let other = command(data.path(), &["--once", "--fresh"]).output().unwrap();
    assert_eq!(other.status.code(), Some(6), "{other:?}");
    // Everybody can be spoken to with the ordinary commands.
    let alice = data.path().join("demo/alice");
    let listed = Command::new(env!("CARGO_BIN_EXE_magpie"))
        .env_clear()
        .args(["--json", "contact", "list", "--data-dir"])
        .arg(&alice)
        .output()
        .unwrap();
    let friends: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(friends.as_array().unwrap().len(), 2);
    let pid = demo.0.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
    let ended = crate::node::eventually("the demo ends", END_TIME, || demo.0.try_wait().unwrap());
    assert_eq!(ended.code(), Some(0));
    assert!(!alice.join("api.json").exists(), "api.json is removed");
}
