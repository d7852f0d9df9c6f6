//! When blocks are made.

use super::{
    scene::{BEGIN, CHAIN, Scene},
    world::World,
};
use magpie_protocol::{
    address::Address,
    ledger::{Amount, Entry, Instruction, Notarize, Payment},
};
use std::collections::BTreeSet;

fn idle() -> Scene {
    Scene { busy: false, ..Scene::calm(4, 100) }
}

pub(super) fn entry() -> Entry {
    let key = super::scene::signing_key(100);
    let wallet = Address::of(&key.verifying_key()).unwrap();
    let valid_until_ms = BEGIN + 600_000;
    let payment = Payment { wallet, sequence: 0, valid_until_ms, gas: Amount(1_000) };
    let notarize = Box::new(Notarize { payment, digest: [7; 32] });
    Instruction::Notarize(notarize).sign(CHAIN, &key).unwrap()
}

/// Returns a calm world after its first block, a moment before the next could come.
fn begun() -> (World, u64) {
    let mut world = World::new(idle());
    world.run_for(1_000);
    assert_eq!(world.heights(), [Some(1); 4]);
    let time_ms = world.decided(0, 1).unwrap().block.header.time_ms;
    (world, time_ms)
}

#[test]
fn an_idle_chain_makes_an_empty_block_at_each_heartbeat() {
    let (mut world, first) = begun();
    world.run_for(35_000);
    assert_eq!(world.heights(), [Some(4); 4]);
    for height in 2..=4 {
        let time_ms = world.decided(0, height).unwrap().block.header.time_ms;
        let due = first + 10_000 * (height - 1);
        assert!((due..due + 1_000).contains(&time_ms), "height {height} at {time_ms}");
    }
}

#[test]
fn an_entry_that_waits_everywhere_is_in_a_block_at_once() {
    let (mut world, _) = begun();
    for node in 0..4 {
        world.offer(node, entry());
    }
    let before = world.now;
    world.run_for(400);
    let block = world.decided(3, 2).unwrap().block;
    assert_eq!(block.entries.to_vec(), [entry()]);
    assert!(block.header.time_ms < before + 100);
    // It waits no more, and the next block is due at the heartbeat.
    world.run_for(5_000);
    assert_eq!(world.heights(), [Some(2); 4]);
}

#[test]
fn an_entry_that_waits_at_one_validator_alone_gets_into_its_own_block() {
    for node in 0..4 {
        let (mut world, _) = begun();
        world.offer(node, entry());
        // Its turn comes in the first round of one of four heights; entries are gossiped for more.
        world.run_for(45_000);
        let blocks = (2..=6).filter_map(|height| world.decided(0, height));
        let entries: Vec<_> = blocks.flat_map(|decided| decided.block.entries.into_vec()).collect();
        assert_eq!(entries, [entry()], "at {node}");
    }
}

#[test]
fn blocks_keep_the_interval_however_busy() {
    let mut world = World::new(Scene::calm(4, 10));
    assert!(world.run());
    assert_eq!(world.checker.broken, BTreeSet::new());
    let time = |height| world.decided(0, height).unwrap().block.header.time_ms;
    for height in 2..=10 {
        let gap = time(height) - time(height - 1);
        assert!((500..800).contains(&gap), "{gap} before height {height}");
    }
}
