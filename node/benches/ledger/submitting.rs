//! Entries that were signed before, submitted at a user's node, which answers when it has verified
//! that each stands in a block.

use crate::{town::Lane, world::Failed};
use futures::stream::{FuturesUnordered, StreamExt};
use magpie_node::{
    core::Scopes,
    host::mailbox::{CODE_OK, CoreHandle},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval};

/// The code of a call that the ledger has not decided in time.
const PENDING: u16 = 21009;
/// How often such a call is made again.
const LATE: u64 = 4;

/// When the next entry is submitted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Pace {
    /// So many a second, whatever became of those before, the lanes in turns.
    Offered(f64),
    /// Of each lane when the one before is answered.
    Answered,
}

/// What became of entries.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Run {
    /// From the first call until the last answer, microseconds.
    pub(crate) wall_us: u64,
    /// Of each entry that is final, from its call until its answer, microseconds.
    pub(crate) latencies_us: Vec<u64>,
    /// How often a call was told that nothing is decided in time, and was made again.
    pub(crate) late: u64,
    /// How many calls were answered with another code, with an example of the message.
    pub(crate) failed: BTreeMap<u16, (u64, String)>,
}

/// Writes entries for another process.
pub(crate) fn write(lanes: &[Lane], file: &Path) -> Result<(), Failed> {
    let hex = |lane: &Lane| -> Result<Vec<String>, Failed> {
        lane.iter().map(|entry| Ok(hex::encode(entry.to_bytes()?))).collect()
    };
    let lanes: Vec<Vec<String>> = lanes.iter().map(hex).collect::<Result<_, _>>()?;
    Ok(fs::write(file, serde_json::to_vec(&lanes)?)?)
}

/// Submits the entries of a file at a node.
pub(crate) async fn run(node: &CoreHandle, file: &Path, pace: Pace) -> Result<Run, Failed> {
    let lanes: Vec<Vec<String>> = serde_json::from_slice(&fs::read(file)?)?;
    let begun = Instant::now();
    let mut run = Run::default();
    match pace {
        Pace::Answered => {
            let lanes = lanes.into_iter().map(|lane| one_by_one(node, lane));
            let mut lanes: FuturesUnordered<_> = lanes.collect();
            while let Some(done) = lanes.next().await {
                run.add(done);
            }
        }
        Pace::Offered(rate) => offered(node, lanes, rate, &mut run).await,
    }
    run.wall_us = micros(begun.elapsed());
    Ok(run)
}

async fn one_by_one(node: &CoreHandle, lane: Vec<String>) -> Run {
    let mut run = Run::default();
    for entry in lane {
        run.add(submit(node, entry).await);
    }
    run
}

async fn offered(node: &CoreHandle, lanes: Vec<Vec<String>>, rate: f64, run: &mut Run) {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut calls = FuturesUnordered::new();
    let longest = lanes.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (0..longest).flat_map(|turn| lanes.iter().filter_map(move |lane| lane.get(turn)));
    let mut turns = turns.cloned().peekable();
    while turns.peek().is_some() || !calls.is_empty() {
        tokio::select! {
            _ = ticks.tick(), if turns.peek().is_some() => {
                calls.extend(turns.next().map(|entry| submit(node, entry)));
            }
            Some(done) = calls.next(), if !calls.is_empty() => run.add(done),
        }
    }
}

async fn submit(node: &CoreHandle, entry: String) -> Run {
    let begun = Instant::now();
    let (module, method) = ("ledger".to_owned(), "submit".to_owned());
    let params = json!({ "entry": entry });
    let mut run = Run::default();
    loop {
        let (module, method) = (module.clone(), method.clone());
        let answer = node.call(module, method, params.clone(), Scopes::ALL, None).await;
        match answer.code {
            CODE_OK => run.latencies_us.push(micros(begun.elapsed())),
            PENDING if run.late < LATE => {
                run.late += 1;
                continue;
            }
            code => drop(run.failed.insert(code, (1, answer.message))),
        }
        return run;
    }
}

impl Run {
    /// Adds what became of others; the longer of both times on the wall counts.
    pub(crate) fn add(&mut self, other: Self) {
        self.wall_us = self.wall_us.max(other.wall_us);
        self.latencies_us.extend(other.latencies_us);
        self.late += other.late;
        for (code, (count, message)) in other.failed {
            self.failed.entry(code).or_insert((0, message)).0 += count;
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
