//! `kill -9` of people's nodes and super nodes in the middle of a chat: every acknowledged message is
//! there once, in one order for both.

use crate::{
    node::Node,
    people::{Network, Person, befriend},
};
use serde_json::{Value, json};
use std::{
    env,
    sync::Mutex,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How often a node is killed, unless `MAGPIE_KILLS` says otherwise.
const KILLS: usize = 20;
/// How long both may take to have it all in the end: a node that lost its peers over and over waits up
/// to two minutes before it dials them again.
const CALM: Duration = Duration::from_secs(150);
/// How often the end is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// The latest moment of a kill, milliseconds after the round's first message.
const KILL_MS: u64 = 200;
/// Messages of one person in one round, at most.
const MESSAGES: usize = 30;

fn moment() -> u64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    u64::from(clock / 1_000)
}

/// Sends texts until the node is gone or there are enough; adds those that were acknowledged.
fn write_texts(node: &Node, to: &str, prefix: &str, acknowledged: &Mutex<Vec<String>>) {
    for number in 0..MESSAGES {
        let text = format!("{prefix} {number}");
        let params = json!({"cnd": to, "cid": to, "conversationType": 0, "pub": "", "text": text});
        let Some(answer) = node.try_call("chat", "sendTextMessage", &params) else { return };
        // A caller whose node stops under it may be told so; that is no acknowledgement.
        if answer["code"] == 200 {
            acknowledged.lock().unwrap().push(text);
        }
    }
}

fn texts(node: &Node, with: &str) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut page = json!({"conversationId": with, "startTime": -1, "pageSize": 1000,
            "orderBy": "ASC"});
        if !after.is_null() {
            page["afterOrder"] = after.clone();
        }
        let rows = node.ok("chat", "getMessagesByConversationId", page);
        let rows = rows.as_array().unwrap();
        let Some(last) = rows.last() else { return all };
        after = last["order"].clone();
        for row in rows {
            let body: Value = serde_json::from_str(row["msg_cry"].as_str().unwrap()).unwrap();
            all.push(body["text"].as_str().unwrap().to_owned());
        }
    }
}

#[test]
fn every_acknowledged_message_arrives_once_whoever_is_killed() {
    let rounds = env::var("MAGPIE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let network = Network::new();
    let mut supers = network.supers();
    let (alice, bob) = (Person::new(&network), Person::new(&network));
    let mut people = [Some(alice.run()), Some(bob.run())];
    befriend(&alice, &bob);
    let acknowledged = [Mutex::new(Vec::new()), Mutex::new(Vec::new())];
    for round in 0..rounds {
        let victim = usize::try_from(moment()).unwrap() % (people.len() + supers.len());
        thread::scope(|scope| {
            let nodes = people.each_ref().map(|node| node.as_ref().unwrap());
            for (at, to) in [(0, &bob.address), (1, &alice.address)] {
                let (node, acknowledged) = (nodes[at], &acknowledged[at]);
                let prefix = format!("{} {round}", ["alice", "bob"][at]);
                scope.spawn(move || write_texts(node, to, &prefix, acknowledged));
            }
            thread::sleep(Duration::from_millis(moment() % KILL_MS));
            match victim {
                0 | 1 => nodes[victim].signal_kill(),
                _ => supers[victim - 2].1.as_ref().unwrap().signal_kill(),
            }
        });
        match victim {
            0 | 1 => {
                people[victim].take().unwrap().kill();
                people[victim] = Some([&alice, &bob][victim].run());
            }
            _ => {
                let (place, node) = &mut supers[victim - 2];
                node.take().unwrap().kill();
                *node = Some(network.start(place));
            }
        }
    }
    let [alice_node, bob_node] = people.map(Option::unwrap);
    let [from_alice, from_bob] = acknowledged.map(|texts| texts.into_inner().unwrap());
    assert!(from_alice.len() >= rounds && from_bob.len() >= rounds, "they hardly wrote");
    let all = [&from_alice[..], &from_bob[..]].concat();
    let end = Instant::now() + CALM;
    let seen = loop {
        let (hers, his) = (texts(&alice_node, &bob.address), texts(&bob_node, &alice.address));
        let lacks = |seen: &[String], wanted: &[String]| -> Vec<String> {
            wanted.iter().filter(|text| !seen.contains(text)).cloned().collect()
        };
        let hers_lack = lacks(&hers, &[&all[..], &his[..]].concat());
        let his_lack = lacks(&his, &[&all[..], &hers[..]].concat());
        if hers == his && hers_lack.is_empty() {
            break hers;
        }
        assert!(
            Instant::now() < end,
            "not the same after {CALM:?}: alice lacks {hers_lack:?}, bob lacks {his_lack:?}"
        );
        thread::sleep(LOOK);
    };
    for (who, sent) in [("alice", from_alice), ("bob", from_bob)] {
        let of: Vec<_> = seen.iter().filter(|text| text.starts_with(who)).collect();
        let mut once = of.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), of.len(), "a message of {who} is there twice");
        let kept: Vec<_> = of.into_iter().filter(|text| sent.contains(text)).collect();
        assert!(kept.iter().zip(&sent).all(|(a, b)| *a == b), "{who}'s messages changed places");
    }
}
