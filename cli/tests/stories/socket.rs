//! A plain WebSocket client: the upgrade, and the server's frames.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// No event takes longer.
const EVENT_TIME: Duration = Duration::from_secs(20);
const TEXT: u8 = 1;
const CLOSE: u8 = 8;

/// An upgraded connection.
pub(crate) struct Socket {
    stream: BufReader<TcpStream>,
}

/// What the server sent.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Event(Value),
    /// The connection is closed: the server said so, or hung up.
    Closed,
}

impl Socket {
    /// Upgrades; the status is 101 when it is accepted.
    pub(crate) fn open(host: &str, path: &str, headers: &[(&str, &str)]) -> (u16, Self) {
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(EVENT_TIME)).unwrap();
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let mut status = String::new();
        stream.read_line(&mut status).unwrap();
        let mut line = String::from("x");
        while !line.trim().is_empty() {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        (status.split(' ').nth(1).unwrap().parse().unwrap(), Self { stream })
    }

    /// Waits for the next event or the end.
    pub(crate) fn next(&mut self) -> Frame {
        loop {
            match self.frame() {
                Some((TEXT, bytes)) => {
                    return Frame::Event(serde_json::from_slice(&bytes).unwrap());
                }
                None | Some((CLOSE, _)) => return Frame::Closed,
                // A ping; nobody is here for so long that it would have to be answered.
                Some(_) => {}
            }
        }
    }

    /// Waits for the next event and fails if there is none.
    #[track_caller]
    pub(crate) fn event(&mut self) -> Value {
        match self.next() {
            Frame::Event(event) => event,
            Frame::Closed => panic!("an event was expected, the connection is closed"),
        }
    }

    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).ok()?;
        let length = match head[1] & 0x7f {
            126 => {
                let mut bytes = [0; 2];
                self.stream.read_exact(&mut bytes).ok()?;
                u64::from(u16::from_be_bytes(bytes))
            }
            127 => {
                let mut bytes = [0; 8];
                self.stream.read_exact(&mut bytes).ok()?;
                u64::from_be_bytes(bytes)
            }
            short => u64::from(short),
        };
        assert!(length < 1 << 20, "a frame of {length} bytes");
        let mut bytes = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut bytes).ok()?;
        Some((head[0] & 0x0f, bytes))
    }
}
