//! Super nodes decide, whoever is away, and whoever comes back goes on.

use super::{
    super::lines::STATEMENTS_UNDER_WAY,
    people::mint,
    world::{At, World},
};
use crate::ledger::store;
use magpie_protocol::ledger::exchange::Answer;

/// Submits the issuer's entry of this number, and tells whether it waits.
fn offer(world: &mut World, at: At, sequence: u64) -> bool {
    let entry = mint(world.network.id(), sequence, 5, world.now);
    matches!(world.submit(at, entry), Answer::Waits(_))
}

/// How many entries a node has in its blocks.
fn entries(world: &World, at: At) -> usize {
    let store = &world.places[at].store;
    let blocks =
        (1..=world.height(at)).map(|height| store::decided(store, height).unwrap().unwrap());
    blocks.map(|decided| decided.block.entries.len()).sum()
}

/// All nodes have the same blocks, as far as they have them.
fn check_one_chain(world: &World) {
    let least = world.heights().into_iter().min().unwrap();
    for height in 1..=least {
        let header =
            |at: At| store::header(&world.places[at].store, height).unwrap().unwrap().header;
        let first = header(0);
        (1..world.places.len()).for_each(|at| assert_eq!(header(at), first));
    }
}

#[test]
fn four_super_nodes_decide_an_entry_that_one_of_them_got_within_a_second() {
    let mut world = World::new(4, 1);
    world.pass(20_000);
    for (number, at) in (0..8).zip([0, 1, 2, 3].into_iter().cycle()) {
        assert!(offer(&mut world, at, number));
        let done = |world: &World| (0..4).all(|at| entries(world, at) as u64 == number + 1);
        let took = world.until(5_000, done);
        assert!(took < 1_000, "{took} ms");
    }
    check_one_chain(&world);
    assert_eq!(world.faults, []);
    // Each entry went once from who got it to the three others, and no further.
    assert_eq!(world.handed, 8 * 3);
}

#[test]
fn entries_that_one_signer_sends_at_once_reach_all_in_their_order() {
    let mut world = World::new(4, 6);
    world.pass(20_000);
    for number in 0..20 {
        assert!(offer(&mut world, 2, number));
    }
    let took = world.until(10_000, |world| (0..4).all(|at| entries(world, at) == 20));
    assert!(took < 3_000, "{took} ms");
    assert_eq!(world.handed, 20 * 3);
    // One may come after the block that it stands in.
    assert!(world.refused < 4, "{}", world.refused);
}

#[test]
fn three_go_on_without_the_fourth_which_catches_up_when_it_is_back() {
    let mut world = World::new(4, 2);
    world.pass(15_000);
    world.kill(3);
    let before = world.height(3);
    for number in 0..10 {
        assert!(offer(&mut world, (number % 3) as At, number));
        world.until(15_000, |world| (0..3).all(|at| entries(world, at) as u64 == number + 1));
    }
    world.pass(60_000);
    assert!(world.height(0) > before + 10 && world.height(3) == before);
    world.start(3);
    let took = world.until(5_000, |world| world.height(3) >= world.height(0));
    assert!(took < 1_000, "{took} ms");
    // It votes again: without it, two are no quorum.
    world.kill(0);
    assert!(offer(&mut world, 3, 10));
    world.until(15_000, |world| (1..4).all(|at| entries(world, at) == 11));
    check_one_chain(&world);
    assert_eq!(world.faults, []);
}

#[test]
fn an_entry_that_one_alone_has_goes_to_those_who_come_back() {
    let mut world = World::new(4, 7);
    world.pass(20_000);
    (1..4).for_each(|at| world.kill(at));
    world.pass(0);
    for number in 0..3 {
        assert!(offer(&mut world, 0, number));
    }
    assert_eq!(world.handed, 0);
    (1..4).for_each(|at| world.start(at));
    world.until(1_000, |world| world.handed == 3 * 3);
    world.until(5_000, |world| (0..4).all(|at| entries(world, at) == 3));
    // Who comes and goes is not handed everything each time.
    let handed = world.handed;
    world.kill(3);
    world.kill(2);
    world.pass(0);
    assert!(offer(&mut world, 0, 3));
    world.pass(100);
    for _ in 0..5 {
        world.start(3);
        world.pass(100);
        world.kill(3);
    }
    assert!(world.handed <= handed + 3, "{} after {handed}", world.handed);
    assert_eq!(world.faults, []);
}

#[test]
fn all_four_start_again_where_they_stood() {
    let mut world = World::new(4, 3);
    world.pass(0);
    assert!(offer(&mut world, 0, 0));
    world.until(5_000, |world| (0..4).all(|at| entries(world, at) == 1));
    // In the middle of a height.
    assert!(offer(&mut world, 1, 1));
    world.pass(500);
    let before = world.heights();
    (0..4).for_each(|at| world.kill(at));
    world.pass(5_000);
    (0..4).for_each(|at| world.start(at));
    world.pass(10);
    assert!(world.heights().iter().zip(&before).all(|(now, before)| now >= before));
    // What waited was in no row: who sent it sends it again, and gets it once.
    let _known = offer(&mut world, 2, 1);
    world.until(15_000, |world| (0..4).all(|at| entries(world, at) == 2));
    assert!(!offer(&mut world, 2, 1));
    check_one_chain(&world);
    assert_eq!(world.faults, []);
}

#[test]
fn one_super_node_alone_decides_at_once() {
    let mut world = World::new(1, 4);
    world.pass(1_000);
    assert!(offer(&mut world, 0, 0));
    let took = world.until(1_000, |world| entries(world, 0) == 1);
    assert_eq!(took, 0);
    // The next block is due after the interval, and without entries at the heartbeat.
    assert!(offer(&mut world, 0, 1));
    let took = world.until(1_000, |world| entries(world, 0) == 2);
    assert_eq!(took, world.network.genesis().money.pace.interval_ms);
    let height = world.height(0);
    let took = world.until(60_000, |world| world.height(0) == height + 1);
    assert_eq!(took, world.network.genesis().money.pace.heartbeat_ms);
}

#[test]
fn one_that_takes_all_and_answers_nothing_holds_nobody_up() {
    let mut world = World::new(4, 5);
    world.pass(1_000);
    world.places[2].mute = true;
    let mut number = 0;
    for round in 0..5 {
        for _ in 0..20 {
            assert!(offer(&mut world, round % 2, number));
            number += 1;
        }
        world
            .until(20_000, |world| [0, 1, 3].iter().all(|at| entries(world, *at) as u64 == number));
    }
    // All entries are of one signer.
    let most = STATEMENTS_UNDER_WAY + 1;
    world.pass(60_000);
    assert_eq!(world.most_asked, most);
    world.places[2].mute = false;
    // What is under way to it has to fail first.
    world.until(150_000, |world| world.height(2) >= world.height(0));
    check_one_chain(&world);
}

#[test]
fn a_seed_runs_the_same_way_twice() {
    let run = |seed| {
        let mut world = World::new(4, seed);
        world.pass(12_000);
        offer(&mut world, 1, 0);
        world.kill(0);
        world.pass(10_000);
        world.start(0);
        world.pass(10_000);
        (world.trace, world.heights())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}
