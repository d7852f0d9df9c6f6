//! Runs of one seed are equal, byte for byte, and a simulated hour takes no hour.

use crate::{clock, platform, randomness::seed_thread};
use magpie_netsim::{
    cores,
    report::Measured,
    scenario::{Scenario, builtin},
    swarm,
};
use std::{
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

/// Forty nodes and every kind of trouble.
const TROUBLE: &str = r#"
name = "trouble"
about = "everything at once"
level = "swarm"
seed = 1
seconds = 20
settle_seconds = 20
[nodes]
supers = 1
people = 40
[links]
latency_ms = [10, 100]
jitter_ms = 10
loss = 0.01
[swarm]
uplink_kbit = 10000
[swarm.gossip]
dials = 5
warmup_seconds = 10
sources = 4
messages = 20
bytes = 200
[swarm.churn]
nodes = 10
up_seconds = [5, 10]
down_seconds = [2, 5]
[swarm.partition]
at_seconds = 5
lasts_seconds = 3
[swarm.attack]
kind = "junk"
sybils = 5
dials = 3
"#;

/// Whole nodes, some of them in a group.
const TOWN: &str = r#"
name = "town"
about = "people who write to a group"
level = "swarm"
seed = 1
seconds = 4
settle_seconds = 30
[nodes]
supers = 3
people = 6
[links]
latency_ms = [10, 80]
jitter_ms = 5
loss = 0.005
[swarm.town]
friends = 1
members = 4
messages = 8
"#;

fn run(text: &str, seed: u64) -> Measured {
    let scenario = Scenario::read(text).unwrap();
    swarm::run(&scenario, seed, None, platform(), |_| {}).unwrap().measured(seed)
}

#[test]
fn runs_of_one_seed_are_equal_and_of_another_are_not() {
    let first = run(TROUBLE, 1);
    for _ in 0..2 {
        let again = run(TROUBLE, 1);
        assert_eq!(again.trace_hash, first.trace_hash);
        assert_eq!((again.delivered, again.latencies), (first.delivered, first.latencies.clone()));
    }
    assert_ne!(run(TROUBLE, 2).trace_hash, first.trace_hash);
    assert!(first.numbers["forged"] > 0.0 && first.numbers["lost_packets"] > 0.0);
    assert_eq!(first.delivered, first.expected, "all that were there got all");
}

#[test]
fn a_town_of_whole_nodes_repeats_itself() {
    let first = run(TOWN, 7);
    assert_eq!((first.expected, first.delivered), (24, 24));
    for _ in 0..2 {
        assert_eq!(run(TOWN, 7).trace_hash, first.trace_hash);
    }
    assert_ne!(run(TOWN, 8).trace_hash, first.trace_hash);
}

#[test]
fn cores_repeat_what_their_ratchets_draw() {
    // Nodes order what they read at once by ids that the ratchets drew: without seeded ratchets this
    // scenario has one of two hashes.
    let scenario = builtin::scenario("catch-up").unwrap().unwrap();
    let run = || cores::run_seeded(&scenario, 1, None, seed_thread).trace_hash;
    let first = run();
    for _ in 0..5 {
        assert_eq!(run(), first);
    }
}

#[test]
fn time_passes_when_nobody_works() {
    let began = Instant::now();
    // A timer is made inside of the runtime that drives it.
    clock::paused()
        .unwrap()
        .block_on(async { tokio::time::sleep(Duration::from_secs(3_600)).await });
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_seeded_thread_repeats_what_the_system_gives_it_and_others_do_not() {
    // A hash map's order is of randomness that std asks the system for.
    let order = |seed: Option<u64>| {
        let drawn = thread::spawn(move || {
            if let Some(seed) = seed {
                seed_thread(seed);
            }
            let map: HashMap<u32, u32> = (0..64).map(|n| (n, n)).collect();
            map.into_keys().collect::<Vec<_>>()
        });
        drawn.join().unwrap()
    };
    assert_eq!(order(Some(1)), order(Some(1)));
    assert_ne!(order(Some(1)), order(Some(2)));
    assert_ne!(order(None), order(None));
}
