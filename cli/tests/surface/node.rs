//! A scripted node: an HTTP server on a free port that knows which calls to expect, in order.

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};
use tempfile::TempDir;

/// The token that the scripted node writes and asks for.
pub(crate) const TOKEN: &str = "token-of-the-script";

/// One expected call with its answer.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    path: &'static str,
    body: Value,
    status: u16,
    answer: Value,
    keyed: bool,
}

/// Expects `path` (module/method) with exactly this body; answers 200 with this data.
pub(crate) fn on(path: &'static str, body: Value, data: Value) -> Step {
    let answer = json!({"code": 200, "message": "", "data": data});
    Step { path, body, status: 200, answer, keyed: false }
}

/// Expects a call with this body and a key that tells it from its repetition; answers 200.
pub(crate) fn on_keyed(path: &'static str, body: Value, data: Value) -> Step {
    Step { keyed: true, ..on(path, body, data) }
}

/// Expects a call with this body and such a key, and refuses it.
pub(crate) fn refuse_keyed(path: &'static str, body: Value, code: i64, message: &str) -> Step {
    Step { keyed: true, ..refuse(path, body, code, message) }
}

/// Expects a call and refuses it with an API code.
pub(crate) fn refuse(path: &'static str, body: Value, code: i64, message: &str) -> Step {
    let answer = json!({"code": code, "message": message, "data": null});
    Step { path, body, status: 200, answer, keyed: false }
}

/// Expects a call and answers it with another HTTP status, or a body that is no envelope.
pub(crate) fn http(path: &'static str, status: u16, answer: Value) -> Step {
    Step { path, body: json!({}), status, answer, keyed: false }
}

/// A data directory whose `api.json` names the scripted node.
pub(crate) struct Node {
    dir: TempDir,
    wrong: Arc<Mutex<Vec<String>>>,
    left: Arc<Mutex<Vec<Step>>>,
    keys: Arc<Mutex<Vec<String>>>,
}

impl Node {
    /// Listens on a free port and answers these calls, in this order.
    pub(crate) fn script(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut steps: Vec<Step> = steps.into_iter().collect();
        steps.reverse();
        let dir = tempfile::tempdir().unwrap();
        write_api(dir.path(), port);
        let (wrong, keys) = (Arc::default(), Arc::default());
        let node = Self { dir, wrong, left: Arc::new(Mutex::new(steps)), keys };
        let (wrong, left, keys) = (node.wrong.clone(), node.left.clone(), node.keys.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if let Err(what) = serve(&stream.unwrap(), port, &left, &keys) {
                    wrong.lock().unwrap().push(what);
                }
            }
        });
        node
    }

    /// Returns the data directory.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the keys of the calls that had one, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    /// Fails unless exactly the expected calls came.
    pub(crate) fn finish(&self) {
        let (wrong, left) = (self.wrong.lock().unwrap(), self.left.lock().unwrap());
        assert!(wrong.is_empty(), "unexpected: {wrong:#?}");
        assert!(left.is_empty(), "never called: {left:#?}");
    }
}

/// Writes `api.json` as a ready node does.
pub(crate) fn write_api(dir: &Path, port: u16) {
    let api = json!({
        "url": format!("http://127.0.0.1:{port}"), "ws": format!("ws://127.0.0.1:{port}/ws"),
        "token": TOKEN, "pid": 4242, "peer_id": "12D3KooWScript", "listen": ["/ip4/127.0.0.1/tcp/9"],
    });
    fs::write(dir.join("api.json"), api.to_string()).unwrap();
}

/// Answers every call of one connection; says what differed from the script.
fn serve(
    stream: &TcpStream,
    port: u16,
    left: &Mutex<Vec<Step>>,
    keys: &Mutex<Vec<String>>,
) -> Result<(), String> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return Ok(());
        }
        let mut length = 0;
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            let (name, value) = header.trim().split_once(": ").unwrap();
            let (name, value) = (name.to_ascii_lowercase(), value.to_owned());
            if name == "content-length" {
                length = value.parse().unwrap();
            }
            headers.push((name, value));
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let step = left.lock().unwrap().pop().ok_or(format!("one call too many: {line}"))?;
        let mut body: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let key = body.as_object_mut().and_then(|body| body.remove("__IDEMPOTENCY_KEY"));
        let is_keyed = key.is_some();
        keys.lock().unwrap().extend(key.and_then(|key| key.as_str().map(str::to_owned)));
        reply(stream, step.status, &step.answer);
        if is_keyed != step.keyed {
            return Err(format!("a key: {is_keyed}, wanted: {}", step.keyed));
        }
        let wanted = format!("POST /api/{} HTTP/1.1", step.path);
        if line.trim() != wanted || (step.status == 200 && body != step.body) {
            return Err(format!("wanted {wanted} {}, got {} {body}", step.body, line.trim()));
        }
        for (name, value) in [
            ("authorization", format!("Bearer {TOKEN}")),
            ("content-type", "application/json".into()),
            ("host", format!("127.0.0.1:{port}")),
        ] {
            if !headers.contains(&(name.into(), value.clone())) {
                return Err(format!("no header {name}: {value} in {headers:?}"));
            }
        }
    }
}

fn reply(mut stream: &TcpStream, status: u16, answer: &Value) {
    let body = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
}
