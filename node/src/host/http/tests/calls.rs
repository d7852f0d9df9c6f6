//! Calls: both forms, the keys that are taken out, and every limit of a body.

use super::fixture::{Fixture, Reply, within};
use crate::host::http::{CALLS_MAX, Timing, call::IDEMPOTENCY_KEY_BYTES};
use magpie_protocol::limits::{API_BODY, API_NESTING};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn both_forms_hand_the_same_call_to_the_core() {
    let here = Fixture::start().await;
    let params = json!({"nodeId": "x", "深": [1, {"a": null}], "n": 9_007_199_254_740_993_u64});
    let mut sdk = params.clone();
    sdk["__SERVER_ROUTE_MODULE"] = "user".into();
    sdk["__SERVER_ROUTE_METHOD"] = "getMachineId".into();
    let want = json!({"code": 200, "message": "", "data": {
        "module": "user", "method": "getMachineId", "params": params, "key": null,
        "scopes": "{Read, Chat, Wallet, Admin}",
    }});
    for verb in ["POST", "PUT"] {
        for (path, body) in [
            ("/api/user/getMachineId", &params),
            ("/api/user/getMachineId?x=1", &sdk),
            ("/getMachineId", &sdk),
            ("/", &sdk),
            ("/any/thing/%ff?at=all", &sdk),
            ("/events", &sdk),
        ] {
            let answer = here.answer(&here.request(verb, path, body.to_string())).await;
            assert_eq!(answer, want, "{verb} {path}");
        }
    }
    let powerless = format!("Bearer {}", here.powerless.expose());
    let request = here.post("/api/a/b", &json!({})).with("Authorization", &powerless);
    assert_eq!(here.answer(&request).await["data"]["scopes"], "{}");
}

#[tokio::test]
async fn a_call_without_a_method_is_300_and_without_an_object_600() {
    let here = Fixture::start().await;
    let code = async |path: &str, body: &str| {
        let answer = here.answer(&here.request("POST", path, body)).await;
        assert_eq!(answer["data"], Value::Null);
        assert_ne!(answer["message"], "", "{path} {body}");
        answer["code"].as_u64().unwrap()
    };
    for body in [
        "{}",
        r#"{"__SERVER_ROUTE_MODULE":"m"}"#,
        r#"{"__SERVER_ROUTE_METHOD":"f"}"#,
        r#"{"__SERVER_ROUTE_MODULE":null,"__SERVER_ROUTE_METHOD":"f"}"#,
        r#"{"__SERVER_ROUTE_MODULE":"","__SERVER_ROUTE_METHOD":"f"}"#,
        r#"{"__SERVER_ROUTE_MODULE":"../m","__SERVER_ROUTE_METHOD":"f"}"#,
    ] {
        assert_eq!(code("/x", body).await, 300, "{body}");
    }
    for path in ["/api/m/%ff", "/api/m/a%2fb", "/api/%20/f", &format!("/api/m/{}", "f".repeat(65))]
    {
        assert_eq!(code(path, "{}").await, 300, "{path}");
    }
    let (deep, bomb) = (nested(API_NESTING + 1), "[".repeat(1 << 20));
    for body in ["", "{", "[]", "1", "null", "\"{}\"", "{}{}", "\u{feff}{}", &deep, &bomb] {
        assert_eq!(code("/api/m/f", body).await, 600, "{body:.60}");
        assert_eq!(code("/f", body).await, 600, "{body:.60}");
    }
    assert_eq!(code("/f", r#"{"__SERVER_ROUTE_MODULE":1,"__SERVER_ROUTE_METHOD":"f"}"#).await, 600);
    assert_eq!(here.seen(), 0);
    assert_eq!(code_of(&here, nested(API_NESTING)).await, 200);
}

fn nested(levels: usize) -> String {
    format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels))
}

async fn code_of(here: &Fixture, body: String) -> u64 {
    here.answer(&here.request("POST", "/api/m/f", body)).await["code"].as_u64().unwrap()
}

#[tokio::test]
async fn an_idempotency_key_comes_in_the_header_or_the_body() {
    let here = Fixture::start().await;
    let plain = here.post("/api/wallet/pay", &json!({"to": "x"}));
    let keyed = here.post("/api/wallet/pay", &json!({"to": "x", "__IDEMPOTENCY_KEY": "k1"}));
    for request in [
        plain.clone().with("Idempotency-Key", "k1"),
        keyed.clone(),
        keyed.clone().with("Idempotency-Key", "k1"),
    ] {
        let data = here.answer(&request).await["data"].take();
        assert_eq!((&data["key"], &data["params"]), (&json!("k1"), &json!({"to": "x"})));
    }
    let seen = here.seen();
    let long = "k".repeat(IDEMPOTENCY_KEY_BYTES + 1);
    for request in [
        keyed.clone().with("Idempotency-Key", "k2"),
        plain.clone().with("Idempotency-Key", ""),
        plain.clone().with("Idempotency-Key", &long),
        plain.clone().and("Idempotency-Key", "k1").and("Idempotency-Key", "k1"),
        here.post("/api/wallet/pay", &json!({"__IDEMPOTENCY_KEY": 1})),
    ] {
        assert_eq!(here.answer(&request).await["code"], 600, "{}", request.head());
    }
    assert_eq!(here.seen(), seen);
    let longest = here.answer(&plain.with("Idempotency-Key", &long[1..])).await;
    assert_eq!(longest["data"]["key"], long[1..]);
}

#[tokio::test]
async fn a_body_has_a_size() {
    let here = Fixture::start().await;
    let sized = |size: usize| {
        let frame = r#"{"a":""}"#.len();
        format!(r#"{{"a":"{}"}}"#, "x".repeat(size - frame))
    };
    assert_eq!(code_of(&here, sized(API_BODY)).await, 200);
    let over = here.request("POST", "/api/m/f", sized(API_BODY + 1));
    let reply = here.send(&over).await;
    assert_eq!((reply.status, &reply.json()["code"]), (413, &json!(413)));
    // In chunks nobody announces the size.
    let mut chunked = format!("{:x}\r\n", API_BODY + 1).into_bytes();
    chunked.extend(sized(API_BODY + 1).into_bytes());
    chunked.extend(b"\r\n0\r\n\r\n");
    let over = here.request("POST", "/api/m/f", chunked).with("Transfer-Encoding", "chunked");
    assert_eq!(here.send(&over).await.status, 413);
    // A size that is only announced costs its sender the connection, nobody anything else.
    let announced = here.request("POST", "/api/m/f", "").with("Content-Length", "99999999999");
    let mut stream = TcpStream::connect(here.addr).await.unwrap();
    stream.write_all(announced.head().as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(Reply::read(stream).await.status, 413);
    assert_eq!(here.seen(), 1);
}

#[tokio::test]
async fn who_is_slow_is_not_waited_for() {
    let short = Duration::from_millis(100);
    let timing = Timing { head: short, body: short, call: short, ..Timing::default() };
    let mut here = Fixture::timed(timing).await;
    // Half a head.
    let mut stream = TcpStream::connect(here.addr).await.unwrap();
    stream.write_all(b"POST /api/m/f HTTP/1.1\r\nHost: ").await.unwrap();
    let mut rest = Vec::new();
    within(stream.read_to_end(&mut rest)).await.unwrap();
    assert!(!rest.starts_with(b"HTTP/1.1 2"), "{rest:?}");
    // Half a body.
    let request = here.request("POST", "/api/m/f", "").with("Content-Length", "100");
    let mut stream = TcpStream::connect(here.addr).await.unwrap();
    stream.write_all(request.head().as_bytes()).await.unwrap();
    stream.write_all(b"{").await.unwrap();
    assert_eq!(Reply::read(stream).await.status, 408);
    assert_eq!(here.seen(), 0);
    // A core that takes its time.
    let answer = here.answer(&here.post("/api/m/hang", &json!({}))).await;
    assert_eq!(answer["code"], 500);
    assert!(answer["message"].as_str().unwrap().contains("no answer within"), "{answer}");
    assert!(here.hanging.recv().await.unwrap().is_closed());
}

#[tokio::test]
async fn calls_at_once_are_bounded_and_the_next_one_waits() {
    let mut here = Fixture::start().await;
    let hang = here.post("/api/m/hang", &json!({}));
    let mut streams = Vec::new();
    for _ in 0..CALLS_MAX {
        let mut stream = TcpStream::connect(here.addr).await.unwrap();
        hang.write(&mut stream).await;
        streams.push(stream);
    }
    let mut answers = Vec::new();
    for _ in 0..CALLS_MAX {
        answers.push(within(here.hanging.recv()).await.unwrap());
    }
    let mut late = TcpStream::connect(here.addr).await.unwrap();
    here.post("/api/m/f", &json!({})).write(&mut late).await;
    // What needs no place among the calls goes on; by its answer the late call has been looked at.
    assert_eq!(here.send(&here.request("GET", "/healthz", "")).await.status, 200);
    assert_eq!(here.seen(), CALLS_MAX);
    for answer in answers {
        answer.send(crate::host::mailbox::ApiAnswer::ok(json!("late"))).unwrap();
    }
    assert_eq!(Reply::read(late).await.json()["data"]["method"], "f");
    for stream in streams {
        assert_eq!(Reply::read(stream).await.json()["data"], "late");
    }
}
