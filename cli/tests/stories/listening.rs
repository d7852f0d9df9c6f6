//! Events: heard as they happen, and read on after a restart.

use crate::{
    node::{Node, Place},
    socket::Frame,
};
use serde_json::{Value, json};

fn register(node: &Node) {
    let params = json!({"id": "story", "identifier": "story"});
    node.ok("socketEvent", "addContactEventHandler", params);
}

fn rename(node: &Node, nickname: &str) -> Value {
    node.ok("user", "updateUserSingleInfo", json!({"nickname": nickname}))
}

#[test]
fn a_listener_reads_on_where_it_stopped_after_a_restart() {
    let place = Place::new();
    let node = place.start_signed_in();
    register(&node);
    let mut events = node.listen(None);
    let profile = rename(&node, "one");
    let first = events.event();
    assert_eq!(first["event"], "profileChanged");
    assert_eq!((&first["identifier"], &first["data"]), (&json!("story"), &profile));
    drop(events);
    let missed = rename(&node, "two");
    node.stop();

    let node = place.start(&[]);
    node.login();
    let mut events = node.listen(first["seq"].as_u64());
    let second = events.event();
    assert_eq!((&second["event"], &second["data"]), (&json!("profileChanged"), &missed));
    assert!(second["seq"].as_u64() > first["seq"].as_u64());
    // And goes on with what happens now.
    let live = rename(&node, "three");
    assert_eq!(events.event()["data"], live);
    node.stop();
}

#[test]
fn a_logout_closes_the_events_and_a_gap_is_told() {
    let place = Place::new();
    let node = place.start_signed_in();
    register(&node);
    let mut events = node.listen(None);
    rename(&node, "one");
    let seen = events.event()["seq"].as_u64();
    node.ok("login", "exportLogout", json!({}));
    let last = events.event();
    assert_eq!((&last["event"], &last["data"]), (&json!("loginState"), &json!({"value": 0})));
    assert_eq!(events.next(), Frame::Closed);
    node.login();
    let mut events = node.listen(seen);
    assert_eq!(events.event()["event"], "resync");
    let live = rename(&node, "two");
    assert_eq!(events.event()["data"], live);
    node.stop();
}
