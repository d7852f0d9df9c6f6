//! Loss, delay, partitions, crashes and a Byzantine validator: no fork, no honest contradiction, and
//! blocks go on.

use super::{byzantine::Vice, scene::Scene, world::World};
use magpie_protocol::ledger::Conflict;
use std::collections::BTreeSet;

const VICES: [Vice; 10] = [
    Vice::Equivocates,
    Vice::Withholds,
    Vice::Lies,
    Vice::Replays,
    Vice::Garbles,
    Vice::Reuses,
    Vice::Insists,
    Vice::Drips,
    Vice::Claims,
    Vice::Doubles,
];

/// Runs a scene twice and checks that it was the same run, that nothing broke, and that every
/// height was decided, everywhere the same.
fn passes(scene: Scene) -> World {
    let mut world = World::new(scene);
    let done = world.run();
    assert_eq!(world.checker.broken, BTreeSet::new(), "{scene:?}");
    assert!(done, "stuck at {:?}: {scene:?}", world.heights());
    let honest = scene.nodes - usize::from(scene.vice.is_some());
    for height in 1..=scene.heights {
        let at = |node| world.decided(node, height).unwrap().block;
        assert!((scene.dead..honest).all(|node| at(node) == at(scene.dead)), "fork at {height}");
    }
    let mut again = World::new(scene);
    again.run();
    assert_eq!(world.trace(), again.trace(), "{scene:?}");
    world
}

#[test]
fn one_validator_decides_alone() {
    let world = passes(Scene::calm(1, 30));
    assert_eq!(world.messages, 0);
}

#[test]
fn four_validators_decide_in_their_first_round() {
    let world = passes(Scene::calm(4, 20));
    for height in 1..=20 {
        let decided = world.decided(0, height).unwrap();
        assert_eq!(decided.certificate.round, 0, "height {height}");
    }
}

#[test]
fn four_and_five_go_on_with_one_dead() {
    for nodes in [4, 5] {
        passes(Scene { dead: 1, ..Scene::calm(nodes, 12) });
    }
}

#[test]
fn three_of_five_decide_nothing_and_go_on_when_a_fourth_comes() {
    let mut world = World::new(Scene { dead: 2, patience_ms: 3_000, ..Scene::calm(5, 3) });
    assert!(!world.run());
    assert_eq!(world.heights(), [None, None, Some(0), Some(0), Some(0)]);
    world.start(1);
    world.run_for(60_000);
    assert!(world.heights()[1].unwrap() > 3, "{:?}", world.heights());
    assert_eq!(world.checker.broken, BTreeSet::new());
}

#[test]
fn a_lossy_slow_and_reordering_network_goes_on() {
    for seed in 0..4 {
        let calm = Scene::calm(4, 8);
        passes(Scene { seed, loss: 10, twice: 10, delay_ms: 600, ..calm });
    }
}

#[test]
fn a_network_that_falls_apart_goes_on_when_it_is_whole() {
    for seed in 0..4 {
        passes(Scene { seed, splits: true, loss: 2, ..Scene::calm(4, 12) });
    }
}

#[test]
fn crashes_between_commit_and_publication_forget_and_contradict_nothing() {
    let mut crashes = 0;
    for seed in 0..6 {
        crashes += passes(Scene { seed, crashes: 30, ..Scene::calm(4, 10) }).crashes;
    }
    crashes += passes(Scene { crashes: 100, ..Scene::calm(1, 20) }).crashes;
    assert!(crashes > 60, "{crashes}");
}

#[test]
fn one_byzantine_validator_of_four_stops_and_splits_nothing() {
    for vice in VICES {
        for seed in 0..2 {
            passes(Scene { seed, vice: Some(vice), loss: 2, ..Scene::calm(4, 8) });
        }
        passes(Scene { vice: Some(vice), crashes: 10, splits: true, ..Scene::calm(4, 6) });
    }
}

#[test]
fn a_validator_that_says_two_things_is_found_out() {
    let world = passes(Scene { vice: Some(Vice::Equivocates), ..Scene::calm(4, 12) });
    let accused = world.accused();
    assert!(world.evidence.iter().all(|evidence| evidence.accused == accused));
    let votes = |conflict: &Conflict| matches!(conflict, Conflict::Votes(..));
    let both = world.evidence.iter().map(|evidence| votes(&evidence.conflict));
    assert_eq!(both.collect::<BTreeSet<_>>(), BTreeSet::from([false, true]));
}

#[test]
fn a_validator_that_leaves_follows_and_votes_no_more() {
    let world = passes(Scene { leaves_at: Some(4), ..Scene::calm(5, 12) });
    let set = &world.set;
    let left = set.validators().last().unwrap().key;
    for height in 5..=12 {
        let decided = world.decided(0, height).unwrap();
        let signed = |each: &magpie_protocol::ledger::CommitSignature| each.validator == left;
        assert!(decided.block.header.proposer != left);
        assert!(!decided.certificate.signatures.iter().any(signed), "height {height}");
    }
}

/// The long proof, for `.ci/long`: a thousand heights, and five thousand crashes. `MAGPIE_SEED` is the
/// first seed of the crashes.
#[test]
#[ignore = "takes minutes; .ci/long runs it"]
fn a_thousand_heights_and_five_thousand_crashes() {
    let calm = passes(Scene { loss: 1, ..Scene::calm(4, 1_000) });
    println!("1000 heights: {} messages", calm.messages);
    let first = std::env::var("MAGPIE_SEED").map_or(100, |seed| seed.parse().unwrap());
    let (mut crashes, mut heights, mut seed) = (0, 0, first);
    while crashes < 5_000 {
        // Every third seed is an honest one.
        let vice = (seed % 3 != 1).then_some(VICES[seed as usize % VICES.len()]);
        // A crash comes with a step, and who insists makes forty times as many.
        let rate = if vice == Some(Vice::Insists) { 1 } else { 30 };
        let scene = Scene { seed, vice, crashes: rate, loss: 2, ..Scene::calm(4, 40) };
        let world = passes(Scene { splits: seed % 3 == 0, ..scene });
        crashes += world.crashes;
        heights += 40;
        seed += 1;
    }
    println!("{crashes} crashes in {heights} heights of {} seeds", seed - first);
}
