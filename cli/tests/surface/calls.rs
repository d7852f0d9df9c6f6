//! `call`, `login`, `logout`, `device`, and what happens when no node or another one answers.

use crate::{
    magpie::{magpie, magpie_with},
    node::{Node, TOKEN, http, on, refuse, write_api},
};
use serde_json::json;
use std::{fs, net::TcpListener, path::Path, process::Command};

#[test]
fn call_prints_the_data_alone() {
    let body = json!({"nodeId": "x", "n": 1});
    let node = Node::script([
        on("contact/isFriend", body.clone(), json!({"status": true})),
        on("contact/isFriend", body.clone(), json!({"status": true})),
        on("user/getVersion", json!({}), json!(null)),
    ]);
    let args = ["call", "contact", "isFriend", r#"{"nodeId":"x","n":1}"#, "--json"];
    assert_eq!(magpie(node.dir(), &args).ok(), "{\"status\":true}\n");
    let args = ["call", "contact", "isFriend", "-"];
    let run = magpie_with(node.dir(), &args, &[], body.to_string().as_bytes());
    assert_eq!(run.ok(), "{\n  \"status\": true\n}\n");
    assert_eq!(magpie(node.dir(), &["--json", "call", "user", "getVersion"]).ok(), "null\n");
    node.finish();
}

#[test]
fn refusals_are_told_on_stderr_and_by_the_exit_code() {
    for (code, exit) in [(300, 2), (1000, 2), (20061, 4), (20058, 5), (20063, 6), (700, 1)] {
        let node = Node::script([refuse("a/b", json!({}), code, "because\u{1b}[2J")]);
        let run = magpie(node.dir(), &["--json", "call", "a", "b"]);
        run.failed(exit, &format!("{code}: because\\u{{1b}}[2J"));
        assert_eq!(run.stderr.contains("magpie login"), code == 20061);
        node.finish();
    }
}

#[test]
fn what_is_no_request_is_never_sent() {
    let node = Node::script([]);
    for args in [
        &["call", "a", "b", "[]"][..],
        &["call", "a", "b", "{"],
        &["call", "a/../x", "b"],
        &["call", "a", ""],
        &["call", "a"],
        &["call", "a", "b", "{}", "more"],
        &["unknown"],
        &[],
    ] {
        let run = magpie(node.dir(), args);
        assert_eq!(run.code, 2, "{args:?} {run:#?}");
    }
    node.finish();
}

#[test]
fn without_a_node_the_exit_is_3_with_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    magpie(dir.path(), &["call", "a", "b"]).failed(3, "`magpie run` starts one");

    // A port that was free a moment ago: the node was killed and left its file.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    write_api(dir.path(), port);
    let run = magpie(dir.path(), &["device", "show"]);
    run.failed(3, "process 4242");
    assert!(!run.stderr.contains(TOKEN));

    for bad in ["{", "{\"token\":\"secret-token\"}", ""] {
        fs::write(dir.path().join("api.json"), bad).unwrap();
        let run = magpie(dir.path(), &["call", "a", "b"]);
        run.failed(3, "api.json");
        assert!(!run.stderr.contains("secret-token"));
    }
}

#[test]
fn other_statuses_and_other_servers_are_told_apart() {
    for (status, answer, exit, said) in [
        (401, json!({}), 4, "token"),
        (403, json!({}), 4, "token"),
        (413, json!({}), 2, "larger"),
        (500, json!({}), 1, "HTTP status 500"),
        (302, json!({}), 1, "HTTP status 302"),
        (200, json!({"hello": 1}), 1, "not of this API"),
        (200, json!("hello"), 1, "not of this API"),
    ] {
        let node = Node::script([http("a/b", status, answer)]);
        magpie(node.dir(), &["call", "a", "b"]).failed(exit, said);
        node.finish();
    }
}

#[test]
fn a_proxy_of_the_environment_is_not_asked() {
    let node = Node::script([on("a/b", json!({}), json!(1))]);
    let env = [("http_proxy", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1")];
    assert_eq!(magpie_with(node.dir(), &["call", "a", "b"], &env, b"").ok(), "1\n");
    node.finish();
}

#[test]
fn login_reads_the_password_from_stdin_or_a_file() {
    let login = json!({"password": "im pass ", "loginType": "text"});
    let steps = || {
        [
            on("login/init", json!({}), json!({})),
            on("login/exportLogin", login.clone(), json!({"value": -2})),
            on("user/getUserSingleInfo", json!({}), json!({"u_nd_add": "4gNM"})),
        ]
    };
    let node = Node::script(steps().into_iter().chain(steps()));
    let run = magpie_with(node.dir(), &["login", "--password-file", "-"], &[], b"im pass \r\n");
    assert_eq!(run.ok(), "signed in as 4gNM\n");
    let file = node.dir().join("pw");
    fs::write(&file, "im pass \n").unwrap();
    let args = ["--json", "login", "--password-file", file.to_str().unwrap()];
    assert_eq!(magpie(node.dir(), &args).json(), json!({"u_nd_add": "4gNM"}));
    node.finish();
}

#[test]
fn a_wrong_or_empty_password_signs_nobody_in() {
    let init = || on("login/init", json!({}), json!({}));
    let body = json!({"password": "no", "loginType": "text"});
    let node = Node::script([init(), refuse("login/exportLogin", body, 20010, "wrong password")]);
    let args = ["login", "--password-file", "-"];
    magpie_with(node.dir(), &args, &[], b"no").failed(4, "20010: wrong password");
    node.finish();

    let node = Node::script([init(), init()]);
    magpie_with(node.dir(), &args, &[], b"\n").failed(2, "the password is empty");
    magpie(node.dir(), &["login", "--password-file", "/no/such"]).failed(1, "/no/such");
    node.finish();

    // A password is no argument.
    let node = Node::script([]);
    assert_eq!(magpie(node.dir(), &["login", "im-pass"]).code, 2);
    node.finish();
}

#[test]
fn logout_says_whether_it_happened() {
    let node = Node::script([
        on("login/exportLogout", json!({}), json!({"status": true})),
        on("login/exportLogout", json!({}), json!({"status": false})),
    ]);
    assert_eq!(magpie(node.dir(), &["logout"]).ok(), "signed out\n");
    magpie(node.dir(), &["logout"]).failed(1, "did not sign out");
    node.finish();
}

#[test]
fn device_shows_what_node_and_file_say() {
    let steps = || {
        [
            on("user/getMachineId", json!({}), json!({"value": "m1"})),
            on("user/connectionState", json!({}), json!({"value": 1})),
        ]
    };
    let node = Node::script(steps().into_iter().chain(steps()));
    let data = magpie(node.dir(), &["device", "show", "--json"]).json();
    assert_eq!(data["machine_id"], "m1");
    assert_eq!(data["connection"], "connected");
    assert_eq!((&data["peer_id"], &data["pid"]), (&json!("12D3KooWScript"), &json!(4242)));
    assert!(magpie(node.dir(), &["device", "show"]).ok().contains("/ip4/127.0.0.1/tcp/9\n"));
    node.finish();
}

#[test]
fn completions_know_the_commands() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let run = magpie(dir.path(), &["completions", shell]);
        assert!(run.ok().contains("device"), "{shell}");
    }
    assert_eq!(magpie(dir.path(), &["completions", "cobol"]).code, 2);
}

#[test]
fn the_data_directory_is_a_flag_a_variable_or_the_platforms() {
    let dir = tempfile::tempdir().unwrap();
    let said = |env: &[(&str, &Path)]| {
        let done = Command::new(env!("CARGO_BIN_EXE_magpie"))
            .args(["device", "show"])
            .env_clear()
            .envs(env.iter().copied())
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(3));
        String::from_utf8(done.stderr).unwrap()
    };
    let named = said(&[("MAGPIE_DATA_DIR", dir.path())]);
    assert!(named.contains(&format!("on {};", dir.path().display())), "{named}");
    let home =
        [("HOME", dir.path()), ("XDG_DATA_HOME", dir.path()), ("MAGPIE_DATA_DIR", Path::new(""))];
    let platform = said(&home);
    assert!(platform.contains(&format!("on {}/", dir.path().display())), "{platform}");
    assert!(platform.contains("magpie;"), "{platform}");
}
