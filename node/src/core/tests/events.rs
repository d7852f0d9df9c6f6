//! Events: numbered with the change that causes them, kept for a while, gone with the vault.

use super::host::{Host, LOGIN};
use magpie_protocol::limits;
use serde_json::{Value, json};

fn subscribe(host: &mut Host, identifier: &str) {
    let params = json!({"id": identifier, "identifier": identifier});
    host.call("socketEvent", "addContactEventHandler", params).unwrap();
}

/// The numbers of the events that a listener which saw `from` still gets, page by page, and
/// whether it is told of a gap.
fn missed(host: &mut Host, from: u64) -> (Vec<u64>, bool) {
    let first = host.missed(from);
    let (mut numbers, gap) = (Vec::new(), first.gap);
    let mut page = first.frames;
    while let Some((last, _)) = page.last() {
        let last = *last;
        numbers.extend(page.iter().map(|(seq, _)| *seq));
        page = host.missed(last).frames;
    }
    (numbers, gap)
}

#[test]
fn every_registration_hears_a_change_once_under_one_number() {
    let mut host = Host::signed_in();
    host.rename("unheard");
    subscribe(&mut host, "page");
    subscribe(&mut host, "robot");
    subscribe(&mut host, "robot");
    let profile = host.rename("heard");
    let [(unheard, none), (seq, frames)] = &host.pushed[..] else { panic!("{:?}", host.pushed) };
    assert!(none.is_empty());
    assert_eq!(*seq, unheard + 1);
    let frame = |identifier: &str| json!({"seq": seq, "identifier": identifier, "event": "profileChanged", "data": profile});
    assert_eq!(*frames, [frame("page"), frame("robot")]);
}

#[test]
fn an_event_is_in_the_batch_of_its_change() {
    let mut host = Host::signed_in();
    host.rename("kept");
    let kept = host.pushed[0].0;
    let input = host.input("user", "updateUserSingleInfo", json!({"nickname": "lost"}));
    let outcome = host.step(input).unwrap();
    // The profile, the event, the log: together or not at all.
    assert_eq!(outcome.batch.len(), 3);
    host.restart();
    host.login(LOGIN).unwrap();
    assert_eq!(host.profile()["u_nick"], "kept");
    assert_eq!(missed(&mut host, kept - 1), (vec![kept], false));
}

#[test]
fn a_listener_resumes_after_a_restart() {
    let mut host = Host::signed_in();
    subscribe(&mut host, "page");
    for nickname in ["a", "b", "c"] {
        host.rename(nickname);
    }
    let seen: Vec<u64> = host.pushed.iter().map(|(seq, _)| *seq).collect();
    host.restart();
    assert_eq!(missed(&mut host, seen[0]), (vec![], true), "nothing is told while locked");
    host.login(LOGIN).unwrap();
    assert_eq!(missed(&mut host, seen[0]), (seen[1..].to_vec(), false));
    assert_eq!(missed(&mut host, seen[2]), (vec![], false));
    let page = host.missed(seen[1]);
    let frame: Value = serde_json::from_str(&page.frames[0].1[0]).unwrap();
    assert_eq!(frame, host.pushed[2].1[0], "the same frame as when it happened");
    // A number that was never given out is of another account.
    assert_eq!(missed(&mut host, 1_000), (seen, true));
}

#[test]
fn the_log_keeps_its_bounds() {
    let mut host = Host::signed_in();
    let total = limits::EVENTS_KEPT + 20;
    for i in 0..total {
        host.rename(&i.to_string());
    }
    let last = host.pushed.last().unwrap().0;
    let (kept, gap) = missed(&mut host, 1);
    assert!(gap);
    assert_eq!(kept.len() as u64, limits::EVENTS_KEPT);
    assert_eq!(kept.last(), Some(&last));
    assert!(!missed(&mut host, last - limits::EVENTS_KEPT).1);
    // Old ones go two with each new one.
    host.now += limits::EVENTS_KEPT_MS + 1;
    host.rename("after a week");
    host.rename("and once more");
    assert_eq!(missed(&mut host, 1).0.len() as u64, limits::EVENTS_KEPT - 2);
}

#[test]
fn a_logout_closes_every_listener_and_drops_what_was_kept() {
    let mut host = Host::signed_in();
    host.rename("a");
    let last = host.pushed[0].0;
    host.call("login", "exportLogout", json!({})).unwrap();
    let [closing] = &host.closed[..] else { panic!("{:?}", host.closed) };
    assert_eq!((&closing["event"], &closing["data"]), (&json!("loginState"), &json!({"value": 0})));
    assert!(closing["seq"].as_u64() > Some(last));
    assert_eq!(missed(&mut host, last), (vec![], true));
    host.login(LOGIN).unwrap();
    assert_eq!(host.closed[1]["data"], json!({"value": 1}));
    let (kept, gap) = missed(&mut host, last - 1);
    assert_eq!((kept, gap), (vec![], true), "dropped, and said so");
    // Numbers go on rising.
    host.rename("b");
    assert!(host.pushed[1].0 > host.closed[1]["seq"].as_u64().unwrap());
}

#[test]
fn the_oldest_registration_gives_way() {
    let mut host = Host::signed_in();
    for i in 0..=limits::EVENT_IDENTIFIERS {
        subscribe(&mut host, &format!("page {i}"));
    }
    host.restart();
    host.login(LOGIN).unwrap();
    host.rename("a");
    let names: Vec<&Value> = host.pushed[0].1.iter().map(|frame| &frame["identifier"]).collect();
    assert_eq!(names.len(), limits::EVENT_IDENTIFIERS);
    assert_eq!((names[0], names[names.len() - 1]), (&json!("page 1"), &json!("page 16")));
}
