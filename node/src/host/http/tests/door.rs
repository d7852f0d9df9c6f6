//! The door: no route, under no method and in no form, lets a foreign page or a stranger in.

use super::fixture::{Fixture, Request};
use crate::host::http::{BindError, router::ROUTES};
use serde_json::json;

/// The paths of every route, and two that are none.
fn paths() -> impl Iterator<Item = String> {
    let routes = ROUTES
        .iter()
        .map(|(path, _)| path.replace("{module}", "contact").replace("{method}", "getContacts"));
    routes.chain(["/getContacts".into(), "/a/b/c/d".into()])
}

fn sdk_call() -> String {
    json!({"__SERVER_ROUTE_MODULE": "contact", "__SERVER_ROUTE_METHOD": "getContacts"}).to_string()
}

/// Every request that is in order but for the door: each path as a call in both verbs, read, and as the
/// upgrade to a WebSocket.
fn requests(here: &Fixture, path: &str) -> Vec<Request> {
    vec![
        here.request("POST", path, sdk_call()),
        here.request("PUT", path, sdk_call()),
        here.request("GET", path, ""),
        here.request("HEAD", path, ""),
        here.request("GET", path, "").upgrade(),
    ]
}

#[tokio::test]
async fn no_route_opens_to_a_foreign_page_or_a_stranger() {
    let here = Fixture::start().await;
    let (port, token) = (here.addr.port(), here.token.expose());
    let wrong = "0".repeat(64);
    let own = format!("http://{}", here.addr);
    type Broken<'a> = (&'a str, u16, Box<dyn Fn(Request) -> Request + 'a>);
    let with = |name: &'static str, value: String| {
        Box::new(move |request: Request| request.with(name, &value))
            as Box<dyn Fn(Request) -> Request>
    };
    let broken: Vec<Broken<'_>> = vec![
        ("a foreign Host", 403, with("Host", "evil.com".into())),
        ("a foreign Host with our port", 403, with("Host", format!("evil.com:{port}"))),
        ("a Host that starts like ours", 403, with("Host", format!("127.0.0.1.evil.com:{port}"))),
        ("another port", 403, with("Host", "127.0.0.1:1".into())),
        ("two Hosts", 403, Box::new(|request| request.and("Host", "evil.com"))),
        ("a foreign Origin", 403, with("Origin", "https://evil.com".into())),
        ("an Origin like ours", 403, with("Origin", format!("{own}.evil.com"))),
        ("the Origin of another port", 403, with("Origin", "http://127.0.0.1:1".into())),
        ("Origin null", 403, with("Origin", "null".into())),
        ("no token", 401, Box::new(|request| request.without("Authorization"))),
        (
            "our own Origin without token",
            401,
            Box::new(|request| request.without("Authorization").with("Origin", &own)),
        ),
        ("a wrong token", 401, with("Authorization", format!("Bearer {wrong}"))),
        ("half a token", 401, with("Authorization", format!("Bearer {}", &token[..32]))),
        ("another scheme", 401, with("Authorization", format!("Basic {token}"))),
        ("no scheme", 401, with("Authorization", token.to_owned())),
        (
            "two tokens",
            401,
            Box::new(|request| request.and("Authorization", &format!("Bearer {wrong}"))),
        ),
        (
            "a cookie",
            401,
            Box::new(|request| {
                request.without("Authorization").and("Cookie", &format!("token={token}"))
            }),
        ),
    ];
    for path in paths() {
        for request in requests(&here, &path) {
            for (what, status, breaks) in &broken {
                let reply = here.send(&breaks(request.clone())).await;
                let shown = format!("{what} at {path}: {}", request.head());
                assert_eq!(reply.status, *status, "{shown}");
                assert!(reply.head.contains("cache-control: no-store"), "{shown}");
                assert!(!reply.head.contains("access-control"), "{shown}");
                if *status == 401 {
                    assert!(reply.head.contains("www-authenticate: bearer"), "{shown}");
                }
            }
        }
        for query in [format!("?token={token}"), format!("?access_token={token}&from=1")] {
            for request in requests(&here, &format!("{path}{query}")) {
                let reply = here.send(&request.without("Authorization")).await;
                assert_eq!(reply.status, 401, "a token in the URL {path}{query}");
            }
        }
        for method in ["OPTIONS", "DELETE", "PATCH", "TRACE"] {
            let request = here.request(method, &path, "");
            assert_eq!(here.send(&request).await.status, 405, "{method} {path}");
            let preflight = request
                .without("Authorization")
                .with("Origin", "https://evil.com")
                .with("Access-Control-Request-Method", "POST");
            assert_eq!(here.send(&preflight).await.status, 403, "a preflight for {path}");
        }
        for kind in
            ["text/plain", "multipart/form-data; boundary=x", "text/plain; application/json"]
        {
            for method in ["POST", "PUT"] {
                let request = here.request(method, &path, sdk_call());
                let reply = here.send(&request.with("Content-Type", kind)).await;
                assert_eq!(reply.status, 415, "{method} {kind} to {path}");
            }
        }
        let untyped = here.request("POST", &path, sdk_call()).without("Content-Type");
        assert_eq!(here.send(&untyped).await.status, 415, "no type at {path}");
        let gzip = here.request("POST", &path, sdk_call()).with("Content-Encoding", "gzip");
        assert_eq!(here.send(&gzip).await.status, 415, "compressed to {path}");
    }
    assert_eq!(here.seen(), 0, "the core saw something");
}

#[tokio::test]
async fn the_same_requests_in_order_are_let_in() {
    let mut here = Fixture::start().await;
    here.ready.send_replace(true);
    for path in paths() {
        let seen = here.seen();
        let got = match path.as_str() {
            "/events" | "/" => 426,
            "/openapi.json" | "/healthz" | "/readyz" => 200,
            path if path.starts_with("/api/") => 405,
            _ => 404,
        };
        let own = format!("http://{}", here.addr);
        for (request, want) in requests(&here, &path).into_iter().zip([200, 200, got, got]) {
            // A browser's page of our own, and a program; also by name, and by an absolute target.
            let local = format!("localhost:{}", here.addr.port());
            for request in [
                request.clone(),
                request.clone().with("Origin", &own),
                request.with("Host", &local),
            ] {
                let reply = here.send(&request).await;
                assert_eq!(reply.status, want, "{} {}", request.head(), reply.text());
            }
        }
        assert_eq!(here.seen(), seen + 6, "each POST and PUT to {path} is one call");
    }
    let upgrade = here.request("GET", "/events", "").upgrade();
    assert_eq!(here.send(&upgrade).await.status, 101);
    assert_eq!(here.feeds.recv().await.unwrap().0, None);
}

#[tokio::test]
async fn an_absolute_target_has_to_be_ours_too() {
    let here = Fixture::start().await;
    let ours = format!("http://{}/healthz", here.addr);
    assert_eq!(here.send(&here.request("GET", &ours, "")).await.status, 200);
    let foreign = here.request("GET", "http://evil.com/healthz", "");
    assert_eq!(here.send(&foreign).await.status, 403);
    assert_eq!(here.send(&here.request("GET", "/healthz", "").without("Host")).await.status, 403);
}

#[tokio::test]
async fn what_is_shown_without_a_call() {
    let mut here = Fixture::start().await;
    let openapi = here.send(&here.request("GET", "/openapi.json", "")).await;
    assert_eq!((openapi.status, openapi.json()), (200, json!({"openapi": "3.1.0"})));
    for header in ["content-type: application/json", "x-content-type-options: nosniff"] {
        assert!(openapi.head.contains(header), "{}", openapi.head);
    }
    let readyz = here.request("GET", "/readyz", "");
    assert_eq!(here.send(&readyz).await.status, 503);
    here.ready.send_replace(true);
    assert_eq!(here.send(&readyz).await.status, 200);
    let healthz = here.request("GET", "/healthz", "");
    assert_eq!(here.send(&healthz).await.status, 200);
    here.core.abort();
    assert!((&mut here.core).await.unwrap_err().is_cancelled());
    assert_eq!(here.send(&healthz).await.status, 503);
    assert_eq!(here.send(&readyz).await.status, 503);
    let answer = here.answer(&here.post("/api/m/f", &json!({}))).await;
    assert_eq!(answer["code"], 500, "{answer}");
    assert_eq!(here.send(&here.request("GET", "/events", "").upgrade()).await.status, 503);
}

#[tokio::test]
async fn an_address_that_others_reach_is_bound_on_request_only() {
    use crate::host::{
        http::{Server, ServerConfig, Timing, Tokens},
        mailbox::mailbox,
    };
    let config = |allow_remote| ServerConfig {
        tokens: Tokens::default(),
        openapi: json!({}),
        core: mailbox().0,
        ready: tokio::sync::watch::channel(true).1,
        allow_remote,
        hosts: Vec::new(),
        timing: Timing::default(),
    };
    let all = "0.0.0.0:0".parse().unwrap();
    let refused = Server::bind(all, config(false)).await.unwrap_err();
    assert!(matches!(refused, BindError::Remote(addr) if addr == all), "{refused}");
    let server = Server::bind(all, config(true)).await.unwrap();
    assert_eq!(server.url(), format!("http://127.0.0.1:{}", server.local_addr().port()));
    assert_eq!(server.ws(), format!("ws://127.0.0.1:{}/events", server.local_addr().port()));
    let taken = Server::bind(server.local_addr(), config(true)).await.unwrap_err();
    assert!(matches!(taken, BindError::Io(..)), "{taken}");
}
