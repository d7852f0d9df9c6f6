//! `kill -9` in the middle of concurrent calls: what was acknowledged is there.

use crate::node::{Node, Place};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::Mutex,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How often the node is killed.
const ROUNDS: u32 = 20;
/// Programs that change the profile at the same time.
const CALLERS: usize = 4;
/// Changes of one caller in one round, at most: all of them stay below what the event log keeps.
const CHANGES: usize = 100;
/// The latest moment of a kill, milliseconds after the first call.
const KILL_MS: u64 = 250;

/// Changes the profile from several threads until the node is killed at a random moment; returns
/// the nicknames that were acknowledged, by the profile's version.
fn change_until_killed(node: Node, round: u32) -> BTreeMap<u64, String> {
    let acknowledged = Mutex::new(BTreeMap::new());
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    let moment = Duration::from_millis(u64::from(clock / 1_000) % KILL_MS);
    thread::scope(|scope| {
        let (node, acknowledged) = (&node, &acknowledged);
        for caller in 0..CALLERS {
            scope.spawn(move || {
                for change in 0..CHANGES {
                    let nickname = format!("{round}-{caller}-{change}");
                    let params = json!({"nickname": nickname});
                    let Some(answer) = node.try_call("user", "updateUserSingleInfo", &params)
                    else {
                        return;
                    };
                    // A caller whose node stops under it may be told so; that is no acknowledgement.
                    if answer["code"] == 200 {
                        assert_eq!(answer["data"]["u_nick"], *nickname);
                        let version = answer["data"]["u_version"].as_u64().unwrap();
                        let before = acknowledged.lock().unwrap().insert(version, nickname);
                        assert_eq!(before, None, "one version was told twice");
                    }
                }
            });
        }
        thread::sleep(moment);
        node.signal_kill();
    });
    node.kill();
    acknowledged.into_inner().unwrap()
}

#[test]
fn every_acknowledged_change_is_there_after_a_kill() {
    let place = Place::new();
    let node = place.start_signed_in();
    let registration = json!({"id": "story", "identifier": "story"});
    node.ok("socketEvent", "addContactEventHandler", registration);
    node.stop();
    let mut all = BTreeMap::new();
    for round in 0..ROUNDS {
        let node = place.start(&[]);
        node.login();
        check(&node.profile(), &all);
        let acknowledged = change_until_killed(node, round);
        all.extend(acknowledged);
    }
    assert!(all.len() > 20, "only {} changes were acknowledged in all rounds", all.len());

    let node = place.start(&[]);
    node.login();
    check(&node.profile(), &all);
    // Each change also stands in the log of events, once and in order.
    let newest = node.profile()["u_version"].as_u64().unwrap();
    let mut events = node.listen(Some(0));
    let mut version = 1;
    let mut told = BTreeMap::new();
    while version < newest {
        let event = events.event();
        if event["event"] == "resync" {
            continue;
        }
        assert_eq!(event["data"]["u_version"].as_u64(), Some(version + 1), "{event}");
        version += 1;
        told.insert(version, event["data"]["u_nick"].as_str().unwrap().to_owned());
    }
    for (version, nickname) in all {
        assert_eq!(told.get(&version), Some(&nickname), "version {version}");
    }
    node.stop();
}

/// The profile is the newest acknowledged one, or one that was being acknowledged after it.
fn check(profile: &Value, acknowledged: &BTreeMap<u64, String>) {
    let Some((newest, nickname)) = acknowledged.last_key_value() else { return };
    let version = profile["u_version"].as_u64().unwrap();
    assert!(version >= *newest, "version {newest} was acknowledged, {version} is there");
    if version == *newest {
        assert_eq!(profile["u_nick"], **nickname);
    }
}
