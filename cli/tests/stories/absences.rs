//! Validators that are away for many heights, and all of them killed at once: the chain goes on from where
//! it was, and nobody forks. Blocks follow each other as fast as the machine lets them.

use crate::{
    frozen::{assert_clean, look, witness},
    node::{Node, Place, eventually},
    people::{Network, Person},
};
use serde_json::json;
use std::{
    env,
    time::{Duration, Instant},
};

/// Heights that a validator misses, unless `MAGPIE_HEIGHTS` says otherwise.
const HEIGHTS: u64 = 24;
/// Between two blocks, milliseconds: far less than what a person's network waits.
const PACE_MS: u64 = 20;
/// How long one height may take on a busy machine, on average; a dead proposer costs about 3 s.
const HEIGHT_TIME: Duration = Duration::from_secs(2);
/// How long anything else may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is minted, in units.
const MINTED: u64 = 700_000_000;

type Super = (Place, Option<Node>);

fn height(of: &Super) -> u64 {
    let status = of.1.as_ref().unwrap().ok("ledger", "status", json!({}));
    status["height"].as_u64().unwrap()
}

/// Waits until a super node has decided this height.
#[track_caller]
fn reaches(of: &Super, least: u64, time: Duration) {
    eventually("the height is reached", time, || (height(of) >= least).then_some(()));
}

fn kill(of: &mut Super) {
    of.1.take().unwrap().kill();
}

#[test]
fn a_validator_comes_back_after_many_heights_and_all_come_back_after_a_kill() {
    let heights = env::var("MAGPIE_HEIGHTS").map_or(HEIGHTS, |it| it.parse().unwrap());
    let most = PATIENCE + HEIGHT_TIME * u32::try_from(heights).unwrap();
    let network = Network::paced(4, PACE_MS, PACE_MS);
    let mut supers = network.supers();
    let alice = Person::new(&network);
    let alice_node = alice.run();
    let wallet = alice_node.ok("wallet", "info", json!({}))["address"].as_str().unwrap().to_owned();
    let (units, issuer) = (MINTED.to_string(), network.issuer());
    alice.says(&["wallet", "mint", &wallet, &units, "--issuer-key", &issuer]);
    alice_node.kill();

    // One is away for many heights, and so is alice.
    kill(&mut supers[3]);
    let (before, begun) = (height(&supers[0]), Instant::now());
    reaches(&supers[0], before + heights, most);
    let passed = begun.elapsed();
    supers[3].1 = Some(network.start(&supers[3].0));
    let begun = Instant::now();
    let newest = supers[..3].iter().map(height).max().unwrap();
    reaches(&supers[3], newest, PATIENCE);
    let caught_up = begun.elapsed();
    println!("{heights} heights in {passed:.1?} without one of four; caught up in {caught_up:.2?}");
    // It takes what was decided faster than it was decided.
    assert!(caught_up < passed.max(Duration::from_secs(4)), "{caught_up:?} for {passed:?}");

    // It votes again: without it and another, nothing would be decided.
    kill(&mut supers[2]);
    let before = height(&supers[0]);
    reaches(&supers[0], before + 8, PATIENCE);
    supers[2].1 = Some(network.start(&supers[2].0));

    // All at once, in whatever they do.
    reaches(&supers[2], before + 8, PATIENCE);
    let before: Vec<u64> = supers.iter().map(height).collect();
    supers.iter().for_each(|(_, node)| node.as_ref().unwrap().signal_kill());
    supers.iter_mut().for_each(kill);
    for of in &mut supers {
        of.1 = Some(network.start(&of.0));
    }
    for (of, before) in supers.iter().zip(&before) {
        assert!(height(of) >= *before, "what was decided stays decided");
        reaches(of, before + 8, PATIENCE);
    }

    // Who was away believes the newest header, and has what she had.
    let alice_node = alice.run();
    let newest = height(&supers[0]);
    eventually("alice believes a header of now", PATIENCE, || {
        let status = alice_node.ok("ledger", "status", json!({}));
        (status["height"].as_u64()? >= newest && status["settled"] == true).then_some(())
    });
    let info = alice_node.ok("wallet", "info", json!({}));
    assert_eq!(info["balance"], json!(MINTED), "{info}");

    supers.iter_mut().for_each(kill);
    let mut witness = witness(&network);
    let looked = look(&supers, &mut witness);
    assert!(looked.iter().all(|it| it.height >= newest.min(heights)), "{looked:?}");
    assert_clean(&mut witness, &supers);
}
