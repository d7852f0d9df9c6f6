//! The members speak in turns, and what each hears is counted from its own node's events.

use crate::world::{
    Failed,
    latency::Latencies,
    person::{Ear, Person, Sent, Text, send, words},
};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

/// Bytes of a message's text.
pub(crate) const TEXT_BYTES: usize = 256;
/// How long nothing may be heard before what is missing counts as missing.
const SILENCE: Duration = Duration::from_secs(90);
/// A delivery that takes longer did not come as it was said: gossip takes a second or two.
pub(crate) const LATE: Duration = Duration::from_secs(5);
/// What was heard and is not counted yet, at most.
const HEARD: usize = 4_096;
/// `msg_source` of a message of another account.
const OTHER: i64 = 1;

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// From the first call until the last delivery.
    pub(crate) wall: Duration,
    /// Of each delivery, from the author's call until the member's event.
    pub(crate) deliveries: Latencies,
    /// Of each message that all members have, until the last one's event.
    pub(crate) by_all: Latencies,
    /// Those that took longer than [`LATE`].
    pub(crate) late: usize,
    /// Events of a message that the member had already.
    pub(crate) doubled: usize,
    /// How often a node's mailbox was full and the call was made again.
    pub(crate) busy: u64,
    /// Deliveries that each member lacks, where any does.
    pub(crate) lacking: Vec<(usize, usize)>,
}

impl Said {
    /// Fails if not everything came once.
    pub(crate) fn check(&self, expected: usize) -> Result<(), Failed> {
        let have = self.deliveries.len();
        if have == expected && self.doubled == 0 {
            return Ok(());
        }
        let lacking = &self.lacking;
        Err(format!(
            "{have} of {expected} deliveries, {} doubled, lacking {lacking:?}",
            self.doubled
        )
        .into())
    }
}

/// One message a member heard.
struct Heard {
    by: usize,
    id: String,
    at: Instant,
}

/// A message on its way.
#[derive(Default)]
struct Way {
    /// When its author's call was made, and whose it was.
    asked: Option<(Instant, usize)>,
    heard: BTreeMap<usize, Instant>,
}

/// Lets the members send `messages` texts in turns, `rate` a second, and waits until everybody has all
/// of them, or nobody hears anything any more.
pub(crate) async fn speak(
    people: &[Person],
    group: &str,
    messages: usize,
    rate: u32,
) -> Result<Said, Failed> {
    let (tell, mut heard) = mpsc::channel(HEARD);
    let mut ears = JoinSet::new();
    for (by, person) in people.iter().enumerate() {
        ears.spawn(hear(by, person.hear().await?, tell.clone()));
    }
    drop(tell);
    let begun = Instant::now();
    let (mut said, mut ways) = (Said::default(), BTreeMap::<String, Way>::new());
    let mut calls = FuturesUnordered::new();
    let (mut sent, mut last) = (0, begun);
    let mut next = interval(Duration::from_secs(1) / rate.max(1));
    next.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while said.by_all.len() < messages {
        let event = async {
            tokio::select! {
                _ = next.tick(), if sent < messages => Ok(None),
                Some((at, answer)) = calls.next() => {
                    let answer: Sent = answer?;
                    said.busy += answer.busy;
                    Ok(Some((answer.id, Some(at), None)))
                }
                next = heard.recv() => match next {
                    Some(Heard { by, id, at }) => Ok(Some((id, None, Some((by, at))))),
                    None => Err::<_, Failed>("the nodes tell no more".into()),
                },
            }
        };
        let Ok(event) = timeout(SILENCE, event).await else { break };
        let Some((id, asked, hearing)) = event? else {
            let text = Text { conversation: group, is_group: true, words: words(sent, TEXT_BYTES) };
            let author = sent % people.len();
            let handle = people[author].node.handle();
            calls.push(async move { ((Instant::now(), author), send(handle, text).await) });
            sent += 1;
            continue;
        };
        let way = ways.entry(id).or_default();
        way.asked = way.asked.or(asked);
        if let Some((by, at)) = hearing {
            if way.heard.contains_key(&by) {
                said.doubled += 1;
                continue;
            }
            way.heard.insert(by, at);
            last = at;
        }
        if let (Some((asked, _)), true) = (way.asked, way.heard.len() == people.len() - 1) {
            let end = way.heard.values().max().copied().unwrap_or(asked);
            said.by_all.add(end.saturating_duration_since(asked));
        }
    }
    said.wall = last - begun;
    ears.abort_all();
    let mut lacks = BTreeMap::<usize, usize>::new();
    for way in ways.values() {
        let Some((asked, author)) = way.asked else { continue };
        for at in way.heard.values() {
            let took = at.saturating_duration_since(asked);
            said.deliveries.add(took);
            said.late += usize::from(took > LATE);
        }
        if way.heard.len() < people.len() - 1 {
            let has = |who: &usize| *who == author || way.heard.contains_key(who);
            for who in (0..people.len()).filter(|who| !has(who)) {
                *lacks.entry(who).or_default() += 1;
            }
        }
    }
    said.lacking = lacks.into_iter().collect();
    Ok(said)
}

/// Tells every message of others that a node tells of.
async fn hear(by: usize, mut ear: Ear, tell: mpsc::Sender<Heard>) -> Result<(), Failed> {
    loop {
        let event = ear.next().await?;
        let at = Instant::now();
        if !event.text.contains("\"event\":\"message\"") {
            continue;
        }
        let event: Value = serde_json::from_str(&event.text)?;
        let data = &event["data"];
        if data["msg_source"] != OTHER {
            continue;
        }
        let id = data["msg_id"].as_str().ok_or("an event without msg_id")?.to_owned();
        if tell.send(Heard { by, id, at }).await.is_err() {
            return Ok(());
        }
    }
}
