//! How a node begins and ends: signals, directories, settings it cannot serve.

use crate::node::{Place, failed, tree};
use serde_json::json;
use std::{fs, process::Output};

/// Runs `magpie run` that is expected to end by itself.
fn run(place: &Place, args: &[&str]) -> Output {
    place.magpie(&[&["run", "--api", "127.0.0.1:0"], args].concat())
}

#[test]
fn api_json_is_private_and_says_what_programs_need() {
    let place = Place::new();
    let node = place.start(&[]);
    for key in ["url", "ws", "token", "pid", "peer_id", "listen"] {
        assert!(!node.api[key].is_null(), "{key}");
    }
    #[cfg(unix)]
    for (name, mode) in [("", 0o700), ("api.json", 0o600), ("device", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let found = fs::metadata(node.data.join(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
    node.stop();
}

#[test]
fn both_signals_end_a_node_in_order_while_somebody_listens() {
    for signal in ["TERM", "INT"] {
        let place = Place::new();
        let node = place.start_signed_in();
        let mut events = node.listen(None);
        let data = node.data.clone();
        assert_eq!(node.end(signal).code(), Some(0), "{}", place.logged());
        assert!(!data.join("api.json").exists());
        assert_eq!(events.next(), crate::socket::Frame::Closed);
    }
}

#[test]
fn one_directory_has_one_node() {
    let place = Place::new();
    let node = place.start(&[]);
    let before = fs::read(node.data.join("api.json")).unwrap();
    failed(&run(&place, &[]), 6, "in use by another node");
    assert_eq!(fs::read(node.data.join("api.json")).unwrap(), before);
    node.ok("login", "init", json!({}));
    node.stop();
}

#[cfg(unix)]
#[test]
fn a_directory_that_others_can_write_is_refused_and_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    for mode in [0o777, 0o770, 0o702] {
        let place = Place::new();
        fs::create_dir(place.data()).unwrap();
        fs::set_permissions(place.data(), fs::Permissions::from_mode(mode)).unwrap();
        failed(&run(&place, &[]), 1, "lets others write");
        assert!(tree(&place.data()).is_empty());
    }
}

#[test]
fn settings_that_cannot_be_served_are_refused_rather_than_ignored() {
    let place = Place::new();
    let network = place.file("network.toml", "");
    for (args, with) in [
        (&["--network", &network][..], "network.toml"),
        (&["--role", "super"], "role means nothing without a network"),
        (&["--listen", "/ip4/127.0.0.1/tcp/0"], "listen means nothing without a network"),
        (&["--bootstrap", "/ip4/127.0.0.1/tcp/9"], "bootstrap means nothing without a network"),
        (&["--metrics", "127.0.0.1:0"], "--metrics: "),
    ] {
        failed(&run(&place, args), 2, with);
    }
    failed(&place.magpie(&["run", "--api", "0.0.0.0:0"]), 2, "loopback");
    assert!(!place.data().join("api.json").exists());
}

#[test]
fn a_taken_port_is_a_conflict_and_leaves_no_api_json() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    failed(&place.magpie(&["run", "--api", &at]), 6, &at);
    assert!(!place.data().join("api.json").exists());
}

#[test]
fn a_damaged_key_file_stops_the_start_with_its_name() {
    let place = Place::new();
    place.start_signed_in().stop();
    fs::write(place.data().join("keys"), b"no slots").unwrap();
    failed(&run(&place, &[]), 1, "key slots");
}

#[test]
fn a_log_can_be_json_and_shows_no_secret() {
    let place = Place::new();
    let node = place.start(&["--log-format", "json"]);
    let token = node.api["token"].as_str().unwrap().to_owned();
    node.stop();
    let logged = place.logged();
    assert!(logged.lines().count() >= 2, "{logged}");
    for line in logged.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect(line);
    }
    assert!(!logged.contains(&token));
}
