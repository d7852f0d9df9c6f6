//! A server with a core that echoes calls and hands its feeds to the test, and a client that can send
//! whatever a browser, a program or an attacker would.

use crate::host::{
    http::{ApiToken, Server, ServerConfig, Timing, Tokens},
    mailbox::{ApiAnswer, Feed, HostInput, Listener, mailbox},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

/// No test waits longer for anything.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

pub(super) async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(DEADLINE, what).await.expect("within the deadline")
}

pub(super) struct Fixture {
    pub(super) addr: SocketAddr,
    pub(super) url: String,
    pub(super) ws: String,
    pub(super) token: ApiToken,
    /// A token without any scope.
    pub(super) powerless: ApiToken,
    pub(super) ready: watch::Sender<bool>,
    /// One for each listener that the core was asked for, with its `from`.
    pub(super) feeds: mpsc::Receiver<(Option<u64>, Feed)>,
    /// One for each call of the method `hang`, which stays unanswered until the test answers.
    pub(super) hanging: mpsc::Receiver<oneshot::Sender<ApiAnswer>>,
    pub(super) core: JoinHandle<()>,
    seen: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    pub(super) served: JoinHandle<()>,
}

impl Fixture {
    pub(super) async fn start() -> Self {
        Self::timed(Timing::default()).await
    }

    pub(super) async fn timed(timing: Timing) -> Self {
        let (core, mut inputs) = mailbox();
        let (token, powerless) = (ApiToken::generate().unwrap(), ApiToken::generate().unwrap());
        let mut tokens = Tokens::full(token.clone());
        tokens.add("powerless", powerless.clone(), Default::default()).unwrap();
        let (ready, is_ready) = watch::channel(false);
        let config = ServerConfig {
            tokens,
            openapi: json!({"openapi": "3.1.0"}),
            core,
            ready: is_ready,
            allow_remote: false,
            hosts: Vec::new(),
            timing,
        };
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), config).await.unwrap();
        let (feed, feeds) = mpsc::channel(128);
        let (hang, hanging) = mpsc::channel(128);
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = seen.clone();
        let core = tokio::spawn(async move {
            while let Some(input) = inputs.recv().await {
                counter.fetch_add(1, Ordering::SeqCst);
                match input {
                    HostInput::Call(call) if call.method == "hang" => {
                        hang.send(call.answer).await.unwrap();
                    }
                    HostInput::Call(call) => {
                        let echo = json!({
                            "module": call.module, "method": call.method, "params": call.params,
                            "key": call.idempotency_key, "scopes": format!("{:?}", call.scopes),
                        });
                        let _left = call.answer.send(ApiAnswer::ok(echo));
                    }
                    HostInput::Listen { from, reply } => {
                        let (core_side, listener) = Listener::new();
                        let _left = reply.send(listener);
                        feed.send((from, core_side)).await.unwrap();
                    }
                    other => panic!("the server puts calls and listeners alone, not {other:?}"),
                }
            }
        });
        let (addr, url, ws) = (server.local_addr(), server.url(), server.ws());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.serve(async {
            let _dropped = stopped.await;
        }));
        let stop = Some(stop);
        Self { addr, url, ws, token, powerless, ready, feeds, hanging, core, seen, stop, served }
    }

    /// How many inputs reached the core.
    pub(super) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    pub(super) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// A request as a program would send it.
    pub(super) fn request(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Request {
        Request {
            line: format!("{method} {path} HTTP/1.1"),
            headers: vec![
                ("Host".into(), self.addr.to_string()),
                ("Authorization".into(), format!("Bearer {}", self.token.expose())),
                ("Content-Type".into(), "application/json".into()),
                ("Connection".into(), "close".into()),
            ],
            body: body.into(),
        }
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path, body.to_string())
    }

    pub(super) async fn send(&self, request: &Request) -> Reply {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        within(request.write(&mut stream)).await;
        Reply::read(stream).await
    }

    /// The answer of a call that reached the API.
    pub(super) async fn answer(&self, request: &Request) -> Value {
        let reply = self.send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }
}

#[derive(Clone)]
pub(super) struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    pub(super) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// Makes it the upgrade to a WebSocket, after which a refusal closes the connection.
    pub(super) fn upgrade(self) -> Self {
        self.without("Content-Type")
            .with("Connection", "Upgrade, close")
            .with("Upgrade", "websocket")
            .with("Sec-WebSocket-Version", "13")
            .with("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
    }

    pub(super) fn head(&self) -> String {
        let lines = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}\r\n", self.line, lines.collect::<String>())
    }

    pub(super) async fn write(&self, stream: &mut TcpStream) {
        let chunked = self.headers.iter().any(|(name, _)| name == "Transfer-Encoding");
        let request = if self.body.is_empty() || chunked {
            self.clone()
        } else {
            self.clone().and("Content-Length", &self.body.len().to_string())
        };
        stream.write_all(request.head().as_bytes()).await.unwrap();
        stream.write_all(&self.body).await.unwrap();
    }
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Reads to the end of the connection, or of the head where the status is 101.
    pub(super) async fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let end = within(async {
            loop {
                let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
                if let (Some(end), true) = (end, bytes.starts_with(b"HTTP/1.1 101")) {
                    return end;
                }
                if stream.read_buf(&mut bytes).await.unwrap() == 0 {
                    let shown = String::from_utf8_lossy(&bytes).into_owned();
                    return end.unwrap_or_else(|| panic!("a response, got {shown:?}"));
                }
            }
        })
        .await;
        let body = bytes.split_off(end + 4);
        let head = String::from_utf8(bytes).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("JSON, got {}", self.text()))
    }
}
