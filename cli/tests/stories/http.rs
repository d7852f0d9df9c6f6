//! A plain HTTP client, which sends exactly what a test says.

use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// No answer takes longer.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(30);

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// Returns the body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// Posts a body; nothing when the node is gone or hangs up before it answered.
pub(crate) fn post(host: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(ANSWER_TIME)).unwrap();
    let mut head = format!("POST {path} HTTP/1.1\r\n");
    let length = body.len().to_string();
    let mut lines = vec![("Host", host), ("Connection", "close"), ("Content-Length", &length)];
    for (name, value) in headers {
        lines.retain(|(known, _)| known != name);
        lines.push((name, value));
    }
    for (name, value) in lines {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8(bytes).expect("answers are text");
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    // A body that a killed node cut off is no answer.
    (length.is_none_or(|length: usize| length == body.len()))
        .then(|| Reply { status, body: body.to_owned() })
}
