//! Planted bugs: what the checkers are for. Each has an honest twin that passes.

use super::{byzantine::Vice, checker::Broken, scene::Scene, world::World};
use crate::ledger::order::state::Sabotage;
use std::collections::BTreeSet;

/// Seeds in which a planted bug may hide before a checker counts as blind.
const SEEDS: u64 = 12;

/// Returns what a checker found, over as many seeds as it takes to find anything.
fn found(scene: Scene, trusting: bool) -> BTreeSet<Broken> {
    found_with(scene, trusting, |broken| !broken.is_empty())
}

fn found_with(
    scene: Scene,
    trusting: bool,
    enough: impl Fn(&BTreeSet<Broken>) -> bool,
) -> BTreeSet<Broken> {
    let mut runs = (0..SEEDS).map(|seed| {
        let mut world = World::new(Scene { seed, ..scene });
        world.checker.trusting = trusting;
        world.run();
        world.checker.broken
    });
    runs.find(enough).unwrap_or_default()
}

fn crashing() -> Scene {
    Scene { crashes: 60, patience_ms: 20_000, ..Scene::calm(4, 8) }
}

/// The two halves of four validators are apart most of the time.
fn splitting() -> Scene {
    Scene { splits: true, patience_ms: 10_000, ..Scene::calm(4, 20) }
}

#[test]
fn honest_nodes_break_nothing_where_planted_bugs_are_looked_for() {
    assert_eq!(found(crashing(), false), BTreeSet::new());
    assert_eq!(found(splitting(), false), BTreeSet::new());
}

#[test]
fn publishing_before_the_flush_is_seen_as_two_votes() {
    let broken = found(Scene { hasty: true, ..crashing() }, false);
    assert!(broken.contains(&Broken::TwoVotes), "{broken:?}");
}

#[test]
fn votes_that_are_not_logged_are_seen_as_two_votes() {
    let broken = found(Scene { sabotage: Sabotage::NoLog, ..crashing() }, false);
    assert!(broken.contains(&Broken::TwoVotes), "{broken:?}");
}

#[test]
fn proposing_before_the_log_is_replayed_is_seen_as_two_votes() {
    let broken = found(Scene { sabotage: Sabotage::EarlyProposal, ..crashing() }, false);
    assert!(broken.contains(&Broken::TwoVotes), "{broken:?}");
}

#[test]
fn publishing_what_is_replayed_is_seen() {
    let broken = found(Scene { sabotage: Sabotage::PublishOnReplay, ..crashing() }, false);
    assert_eq!(broken, BTreeSet::from([Broken::Replayed]));
}

#[test]
fn a_quorum_of_two_in_four_is_seen_as_a_fork() {
    let scene = Scene { sabotage: Sabotage::SmallQuorum, ..splitting() };
    let broken = found_with(scene, true, |broken| broken.contains(&Broken::Fork));
    assert!(broken.contains(&Broken::Fork), "{broken:?}");
    // Honest nodes blame who brings blocks of such a quorum.
    assert!(broken.contains(&Broken::Blamed), "{broken:?}");
    // Without a fork its certificates give it away.
    let broken = found_with(scene, false, |broken| broken.contains(&Broken::Certificate));
    assert!(broken.contains(&Broken::Certificate), "{broken:?}");
}

#[test]
fn a_log_without_shares_is_seen_as_crowded() {
    let honest = Scene { vice: Some(Vice::Insists), crashes: 10, ..Scene::calm(4, 4) };
    assert_eq!(found(Scene { crashes: 0, ..honest }, false), BTreeSet::new());
    let broken = found(Scene { sabotage: Sabotage::NoShares, ..honest }, false);
    assert!(broken.contains(&Broken::Crowded), "{broken:?}");
}
