//! The members speak in turns, and what each hears is counted from its own node's events.

use crate::{
    speech::{Ear, Sent, Text, send, words},
    world::{Failed, latency::Latencies, person::Person},
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
    time::{MissedTickBehavior, interval},
};

/// Bytes of a message's text.
pub(crate) const TEXT_BYTES: usize = 256;
/// How long after the last message what was not heard counts as missing: members look at what super
/// nodes keep once a minute.
const TAIL: Duration = Duration::from_secs(150);
/// Between two looks whether everybody has heard.
const LOOK: Duration = Duration::from_millis(5);
/// Between two lines of progress on the standard error.
const PROGRESS: Duration = Duration::from_secs(10);
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

/// When the next one speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// So many times a second, whatever was heard.
    Rate(u32),
    /// Once everybody has heard what was said before.
    Heard,
}

/// Lets the members send `messages` texts in turns, and waits until everybody has all of them, [`TAIL`]
/// behind the last one at most.
pub(crate) async fn speak(
    people: &[Person],
    group: &str,
    messages: usize,
    pace: Pace,
) -> Result<Said, Failed> {
    let (tell, mut heard) = mpsc::channel(HEARD);
    let mut ears = JoinSet::new();
    for (by, person) in people.iter().enumerate() {
        ears.spawn(hear(by, Ear::of(&person.node).await?, tell.clone()));
    }
    drop(tell);
    let begun = Instant::now();
    let mut count = Count { members: people.len(), last: Some(begun), ..Count::default() };
    let mut calls = FuturesUnordered::new();
    let (mut sent, mut spoken) = (0, begun);
    let mut turn = interval(match pace {
        Pace::Rate(rate) => Duration::from_secs(1) / rate.max(1),
        Pace::Heard => LOOK,
    });
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look = interval(PROGRESS);
    while count.by_all.len() < messages && spoken.elapsed() < TAIL {
        let may = sent < messages && (pace != Pace::Heard || count.by_all.len() == sent);
        tokio::select! {
            _ = turn.tick(), if may => {
                let words = words(sent, TEXT_BYTES);
                let text = Text { conversation: group, is_group: true, words };
                let author = sent % people.len();
                let handle = people[author].node.handle();
                calls.push(async move { (Instant::now(), author, send(handle, text).await) });
                (sent, spoken) = (sent + 1, Instant::now());
            }
            Some((at, author, answer)) = calls.next() => {
                let Sent { id, busy } = answer?;
                count.busy += busy;
                count.said(id, at, author);
            }
            next = heard.recv() => count.heard(next.ok_or("the nodes tell no more")?),
            _ = look.tick() => {
                let (at, heard) = (begun.elapsed().as_secs(), count.deliveries);
                let whole = count.by_all.len();
                eprintln!("{at} s: {sent} said, {heard} heard, {whole} of them by everybody");
            }
        }
    }
    ears.abort_all();
    Ok(count.end(begun))
}

/// What was said and heard so far.
#[derive(Default)]
struct Count {
    members: usize,
    ways: BTreeMap<String, Way>,
    by_all: Latencies,
    deliveries: usize,
    doubled: usize,
    busy: u64,
    last: Option<Instant>,
}

impl Count {
    fn said(&mut self, id: String, at: Instant, author: usize) {
        self.ways.entry(id.clone()).or_default().asked = Some((at, author));
        self.is_whole(&id);
    }

    fn heard(&mut self, Heard { by, id, at }: Heard) {
        if self.ways.entry(id.clone()).or_default().heard.insert(by, at).is_some() {
            self.doubled += 1;
            return;
        }
        self.deliveries += 1;
        self.last = self.last.max(Some(at));
        self.is_whole(&id);
    }

    /// Notes the time of a message that everybody has now.
    fn is_whole(&mut self, id: &str) {
        let Some(Way { asked: Some((asked, _)), heard }) = self.ways.get(id) else { return };
        if heard.len() + 1 == self.members
            && let Some(end) = heard.values().max()
        {
            self.by_all.add(end.saturating_duration_since(*asked));
        }
    }

    fn end(self, begun: Instant) -> Said {
        let wall = self.last.map_or(Duration::ZERO, |last| last - begun);
        let Self { members, by_all, doubled, busy, .. } = self;
        let mut said = Said { wall, by_all, doubled, busy, ..Said::default() };
        let mut lacks = BTreeMap::<usize, usize>::new();
        for way in self.ways.values() {
            let Some((asked, author)) = way.asked else { continue };
            for at in way.heard.values() {
                let took = at.saturating_duration_since(asked);
                said.deliveries.add(took);
                said.late += usize::from(took > LATE);
            }
            let has = |who: &usize| *who == author || way.heard.contains_key(who);
            for who in (0..members).filter(|who| !has(who)) {
                *lacks.entry(who).or_default() += 1;
            }
        }
        said.lacking = lacks.into_iter().collect();
        said
    }
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
