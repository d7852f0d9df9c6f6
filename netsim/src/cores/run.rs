//! One run of a scenario under one seed, on a thread of its own.

use super::{
    Finding, Sabotage,
    blocks::DecidedBlock,
    checks::check_all,
    story::{Standing, Story},
};
use crate::scenario::Scenario;
use magpie_protocol::{address::Address, ledger::EntryId};
use serde::Serialize;
use std::{collections::BTreeMap, thread, time::Instant};

/// How often the end is looked for, milliseconds.
const LOOK_MS: u64 = 5_000;
/// Before ledgers are looked into, milliseconds: a person may know of a block, by the one that cheats, before
/// any other super node has all votes for it.
const AFTER_MS: u64 = 2_000;
/// The stack of a run's thread, bytes: debug builds of the cores are deep.
const STACK: usize = 32 << 20;

/// What one run came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ran {
    /// The seed.
    pub seed: u64,
    /// The hash of everything that happened.
    pub trace_hash: String,
    /// What the hash covers: `shape`, for the ratchets draw from the operating system.
    pub trace_covers: &'static str,
    /// How many inputs, batches and effects there were.
    pub happenings: u64,
    /// What checkers found.
    pub findings: Vec<Finding>,
    /// How many violations there were, those that were not kept included.
    pub violations: u64,
    /// Deliveries that were to be.
    pub expected: u64,
    /// Deliveries that took place.
    pub delivered: u64,
    /// Of the expected deliveries of which listeners were told: time of the message's call, milliseconds
    /// since the beginning, and how long after it that was, milliseconds.
    pub latencies: Vec<(u64, u64)>,
    /// The newest block.
    pub height: u64,
    /// Claims that were to be settled.
    pub expected_claims: u64,
    /// The claims that were settled, in the order in which they were called.
    pub claims: Vec<SettledClaim>,
    /// When each block was decided, milliseconds since the beginning, and how many entries it has.
    pub blocks: Vec<(u64, u64)>,
    /// Payments and packets that were answered 200, and claims.
    pub payments: [u64; 3],
    /// Bytes sent by each node.
    pub sent: BTreeMap<String, u64>,
    /// Bytes sent by all, by second since the beginning.
    pub sent_by_second: BTreeMap<u64, u64>,
    /// The same over each protocol, and as gossip, by its name.
    pub sent_by_kind: BTreeMap<String, BTreeMap<u64, u64>>,
    /// Frames that were sent.
    pub frames: u64,
    /// When the work began, milliseconds since the beginning.
    pub began_ms: u64,
    /// Simulated time, milliseconds.
    pub simulated_ms: u64,
    /// Time that it took, milliseconds.
    pub wall_ms: u64,
    /// What happened, for people to read.
    pub events: Vec<super::Happened>,
}

/// A claim whose person was told that they have a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SettledClaim {
    /// When it was called, milliseconds since the beginning.
    pub called_ms: u64,
    /// When its block was decided first, likewise.
    pub decided_ms: Option<u64>,
    /// When the person was told, likewise.
    pub settled_ms: u64,
}

/// Runs a scenario under a seed on a fresh thread, so that nothing of an earlier run is left in it.
pub fn run(scenario: &Scenario, seed: u64, sabotage: Option<Sabotage>) -> Ran {
    run_seeded(scenario, seed, sabotage, |_| {})
}

/// Does the same as [`run`] on a thread for which `seed_thread` makes what the ratchets draw from the
/// system follow from the seed, where the program can do that.
pub fn run_seeded(
    scenario: &Scenario,
    seed: u64,
    sabotage: Option<Sabotage>,
    seed_thread: fn(u64),
) -> Ran {
    let scenario = scenario.clone();
    let begun = Instant::now();
    let body = move || {
        seed_thread(seed);
        story(scenario, seed, sabotage)
    };
    let thread = thread::Builder::new().name(format!("seed {seed}")).stack_size(STACK).spawn(body);
    let mut ran = match thread.map(thread::JoinHandle::join) {
        Ok(Ok(ran)) => ran,
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            failed(seed, "never-panics", text.unwrap_or_default())
        }
        Err(error) => failed(seed, "runs", format!("no thread: {error}")),
    };
    ran.wall_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    ran
}

fn failed(seed: u64, checker: &'static str, what: String) -> Ran {
    let finding = Finding { at_ms: 0, checker, node: String::new(), what };
    Ran { seed, findings: vec![finding], violations: 1, ..Ran::default() }
}

fn story(scenario: Scenario, seed: u64, sabotage: Option<Sabotage>) -> Ran {
    let settle_ms = scenario.settle_seconds * 1_000;
    let mut story = match Story::new(scenario, seed, sabotage) {
        Ok(story) => story,
        Err(error) => return failed(seed, "begins", error.to_string()),
    };
    if let Err(why) = story.settle_in() {
        let mut ran = told(&story);
        ran.findings.push(Finding {
            at_ms: 0,
            checker: "begins",
            node: String::new(),
            what: why.0,
        });
        ran.violations += 1;
        return ran;
    }
    let began_ms = story.world.elapsed();
    story.make_plan();
    let work_ms = story.world.scenario.seconds * 1_000;
    story.pass(work_ms);
    story.make_peace();
    let end = story.world.now + settle_ms;
    // What is read while somebody has work to do may be what they had before it.
    let mut was_quiet = story.is_quiet();
    let mut histories = story.histories();
    loop {
        let (expected, delivered) = story.deliveries(&histories);
        let is_over = expected == delivered
            && was_quiet
            && story.agree(&histories)
            && story.is_quiet()
            && story.members_agree();
        if is_over || story.world.now >= end {
            break;
        }
        story.pass(LOOK_MS);
        was_quiet = story.is_quiet();
        histories = story.histories();
    }
    story.pass(AFTER_MS);
    story.world.tamper();
    check_all(&mut story, &histories);
    let (expected, delivered) = story.deliveries(&histories);
    Ran { expected, delivered, began_ms, ..told(&story) }
}

/// Returns what a story came to so far.
fn told(story: &Story) -> Ran {
    let world = &story.world;
    let latencies = story.log.messages.iter().enumerate().flat_map(|(number, message)| {
        // Those alone who are to hear it: whoever was added or removed meanwhile may hear it too.
        let expected = match message.standing {
            Standing::Done => story.listeners(number),
            _ => vec![],
        };
        let heard = expected.into_iter().filter_map(|who| message.heard.get(&who));
        heard.map(|heard| (message.at_ms, heard.saturating_sub(message.at_ms))).collect::<Vec<_>>()
    });
    let blocks = world.blocks();
    let name = |at: usize| world.scenario.name_of(at);
    let sent = world.traffic.by_node().iter();
    Ran {
        seed: world.seed,
        trace_hash: world.trace.hash(),
        trace_covers: "shape",
        happenings: world.trace.happenings(),
        findings: world.findings.all().to_vec(),
        violations: world.findings.count(),
        latencies: latencies.collect(),
        height: world.chain.height(),
        expected_claims: story.expected_claims(),
        claims: claims(story, &blocks),
        blocks: blocks.iter().map(|block| (block.at_ms, block.entries as u64)).collect(),
        payments: story.settled(),
        sent: sent.map(|(at, bytes)| (name(*at), *bytes)).collect(),
        sent_by_second: world.traffic.by_second().clone(),
        sent_by_kind: world.traffic.by_kind(),
        frames: world.traffic.frames(),
        simulated_ms: world.elapsed(),
        events: story.log.events.clone(),
        ..Ran::default()
    }
}

/// Returns when the claims that were settled were called, decided and settled.
fn claims(story: &Story, blocks: &[DecidedBlock]) -> Vec<SettledClaim> {
    let in_blocks = blocks.iter().flat_map(|block| {
        block.claims.iter().map(|(packet, wallet)| ((*packet, *wallet), block.at_ms))
    });
    let decided: BTreeMap<(EntryId, Address), u64> = in_blocks.collect();
    let mut all = Vec::new();
    for packet in &story.log.packets {
        let id = packet.uid.as_ref().and_then(|uid| uid.parse().ok());
        for (who, claim) in &packet.claims {
            let wallet = story.people[*who].wallet.parse().ok();
            let (Some(called_ms), Some(settled_ms)) = (claim.called_ms, claim.settled_ms) else {
                continue;
            };
            let decided_ms = id.zip(wallet).and_then(|key| decided.get(&key)).copied();
            all.push(SettledClaim { called_ms, decided_ms, settled_ms });
        }
    }
    all.sort_unstable();
    all
}
