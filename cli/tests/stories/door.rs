//! The door: who is let in, and what a bad call is told.

use crate::{
    http::post,
    node::{Node, Place},
    socket::Socket,
};
use serde_json::{Value, json};

const ROUTE: &str =
    r#"{"__SERVER_ROUTE_MODULE":"user","__SERVER_ROUTE_METHOD":"getUserSingleInfo"}"#;

/// The status of one call in the SDK's form; a header given as None is left out.
fn status(node: &Node, path: &str, headers: &[(&str, Option<&str>)], body: &[u8]) -> u16 {
    let bearer = node.bearer();
    let mut all =
        vec![("Authorization", Some(&*bearer)), ("Content-Type", Some("application/json"))];
    for header in headers {
        all.retain(|(name, _)| name != &header.0);
        all.push(*header);
    }
    let given: Vec<(&str, &str)> =
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    post(node.host(), path, &given, body).expect("an answer").status
}

#[test]
fn only_the_token_from_this_machine_opens_the_door() {
    let place = Place::new();
    let node = place.start_signed_in();
    let in_url = format!("/x?token={}", node.api["token"].as_str().unwrap());
    for (want, headers, what) in [
        (200, vec![], "a good call"),
        (401, vec![("Authorization", None)], "no token"),
        (401, vec![("Authorization", Some("Bearer wrong"))], "a wrong token"),
        (403, vec![("Origin", Some("https://evil.example"))], "a foreign page"),
        (403, vec![("Origin", Some("null"))], "a page without origin"),
        (403, vec![("Host", Some("evil.example"))], "a foreign Host"),
        (415, vec![("Content-Type", Some("text/plain"))], "no JSON"),
    ] {
        assert_eq!(status(&node, "/anything", &headers, ROUTE.as_bytes()), want, "{what}");
    }
    let none = [("Authorization", None)];
    assert_eq!(status(&node, &in_url, &none, ROUTE.as_bytes()), 401, "a token in the URL");
    let large = vec![b' '; (8 << 20) + 1];
    assert_eq!(status(&node, "/anything", &[], &large), 413);

    let bearer = node.bearer();
    for (want, headers) in [
        (101, vec![("Authorization", &*bearer)]),
        (401, vec![]),
        (403, vec![("Authorization", &*bearer), ("Origin", "https://evil.example")]),
    ] {
        assert_eq!(Socket::open(node.host(), "/events", &headers).0, want, "{headers:?}");
    }
    node.stop();
}

#[test]
fn both_forms_of_a_call_answer_alike() {
    let place = Place::new();
    let node = place.start_signed_in();
    let route: Value = serde_json::from_str(ROUTE).unwrap();
    let sdk = node.post("/anything/at/all", &route).unwrap().json();
    assert_eq!(sdk["code"], 200);
    assert_eq!(sdk["data"], node.profile());
    node.stop();
}

#[test]
fn bad_input_changes_nothing_and_says_why() {
    let place = Place::new();
    let node = place.start_signed_in();
    let before = node.profile();
    for (module, method, params, codes) in [
        ("user", "noSuchMethod", json!({}), &[300][..]),
        ("noSuchModule", "init", json!({}), &[300]),
        ("login", "exportMnemonic", json!({}), &[600, 1000]),
        ("user", "updateUserSingleInfo", json!({"nickname": 7}), &[600, 1002]),
        ("user", "updateUserSingleInfo", json!({"nickname": ""}), &[600, 1001]),
        ("login", "exportLogin", json!({"password": "im-2222222222"}), &[20010]),
    ] {
        let answer = node.try_call(module, method, &params).unwrap();
        let code = answer["code"].as_u64().unwrap();
        assert!(codes.contains(&code), "{module}.{method}: {answer}");
        assert!(!answer["message"].as_str().unwrap().is_empty(), "{answer}");
    }
    let bearer = node.bearer();
    let headers = [("Authorization", &*bearer), ("Content-Type", "application/json")];
    for body in ["", "{", "[]", "7", &format!("{}1{}", "[".repeat(100), "]".repeat(100))] {
        let answer = post(node.host(), "/x", &headers, body.as_bytes()).unwrap();
        let code = answer.json()["code"].as_u64().unwrap();
        assert!([300, 600].contains(&code), "{body:?}: {answer:?}");
    }
    assert_eq!(node.profile(), before);
    node.stop();
}
