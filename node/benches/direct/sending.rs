//! Sending with so many messages on their way, and how long each takes until it is delivered.

use crate::{
    speech::{Ear, Text, send, words},
    world::{Failed, latency::Latencies, person::Person},
};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// Bytes of a message's text.
pub(crate) const TEXT_BYTES: usize = 256;
/// How long nothing may happen.
const SILENCE: Duration = Duration::from_secs(60);
/// `msg_state` of a message that the other device has durably.
const DELIVERED: i64 = 3;
/// `msg_is_send` of a message that was given up.
const FAILED: i64 = 2;

/// What a run measured.
#[derive(Debug)]
pub(crate) struct Run {
    /// From the first call until the last message was delivered.
    pub(crate) wall: Duration,
    /// Of each message, from its call until its sender's node told that it is delivered.
    pub(crate) latencies: Latencies,
    /// How often the node's mailbox was full and the call was made again.
    pub(crate) busy: u64,
    /// Messages that super nodes stored before they were delivered: they did not go directly.
    pub(crate) stored: u64,
}

/// Sends `messages` texts to somebody, `waiting` of them not delivered at any time.
pub(crate) async fn run(
    person: &Person,
    ear: &mut Ear,
    to: &str,
    messages: usize,
    waiting: usize,
) -> Result<Run, Failed> {
    let begun = Instant::now();
    let mut run = Run { wall: Duration::ZERO, latencies: Latencies::default(), busy: 0, stored: 0 };
    let mut calls = FuturesUnordered::new();
    // The event may be heard before the answer: whichever comes second makes a latency of the two.
    let (mut asked, mut told) = (BTreeMap::new(), BTreeMap::new());
    let mut sent = 0;
    while run.latencies.len() < messages {
        while sent < messages && sent - run.latencies.len() < waiting {
            let text = Text { conversation: to, is_group: false, words: words(sent, TEXT_BYTES) };
            let handle = person.node.handle();
            calls.push(async move { (Instant::now(), send(handle, text).await) });
            sent += 1;
        }
        let next = async {
            tokio::select! {
                Some((at, answer)) = calls.next() => {
                    let answer = answer?;
                    run.busy += answer.busy;
                    match told.remove(&answer.id) {
                        Some(end) => run.latencies.add(end - at),
                        None => drop(asked.insert(answer.id, at)),
                    }
                }
                event = ear.next() => {
                    let (end, event) = (Instant::now(), event?);
                    match progress(&event.text)? {
                        Some((id, Progress::Delivered)) => match asked.remove(&id) {
                            Some(at) => run.latencies.add(end - at),
                            None => drop(told.insert(id, end)),
                        },
                        Some((_, Progress::Stored)) => run.stored += 1,
                        None => {}
                    }
                }
            }
            Ok::<(), Failed>(())
        };
        match timeout(SILENCE, next).await {
            Ok(done) => done?,
            Err(_) => {
                let delivered = run.latencies.len();
                let why =
                    format!("{delivered} of {messages} delivered, then silence ({SILENCE:?})");
                return Err(why.into());
            }
        }
    }
    run.wall = begun.elapsed();
    Ok(run)
}

enum Progress {
    Delivered,
    Stored,
}

/// Reads how far a message has come, from an event that says so. Error: it failed.
fn progress(text: &str) -> Result<Option<(String, Progress)>, Failed> {
    if !text.contains("\"event\":\"messageState\"") {
        return Ok(None);
    }
    let event: Value = serde_json::from_str(text)?;
    let data = &event["data"];
    if data["msg_is_send"] == FAILED {
        return Err(format!("a message failed: {data}").into());
    }
    let id = data["msg_id"].as_str().ok_or("an event without msg_id")?.to_owned();
    let delivered = data["msg_state"] == DELIVERED;
    Ok(Some((id, if delivered { Progress::Delivered } else { Progress::Stored })))
}
