//! What somebody says who does not know yet that they were removed: all who stay come to show the same.

use super::{
    groups::{make, members, say, texts, three},
    world::{At, World},
};
use crate::core::{Turn, groups::rows::INBOUND};
use magpie_protocol::ids::GroupId;
use magpie_storage::{engine::Order, table::Keys};
use serde_json::json;

/// Cuts somebody off from these.
fn part_all(world: &mut World, at: At, others: &[At]) {
    for other in others {
        world.part(at, *other);
    }
    world.pass(1_000);
}

fn meet_all(world: &mut World, at: At, others: &[At]) {
    for other in others {
        world.meet(at, *other);
    }
}

fn remove(world: &mut World, by: At, group: &str, who: At) {
    let items = json!([{"u_nd_add": world.address(who)}]);
    let request = json!({"gId": group, "mSelectGroupItems": items});
    world.call(by, "sync", "removeGroupMemberWith", request).unwrap();
}

#[test]
fn the_first_words_of_somebody_just_removed_reach_the_remover_too() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    part_all(&mut world, alice, &[0, 1, 2, bob, carol]);
    // Alice has no key of carol's yet, and knows of the removal before it comes.
    say(&mut world, carol, &group, "am I still here?");
    remove(&mut world, alice, &group, carol);
    world.settle();
    meet_all(&mut world, alice, &[0, 1, 2, bob, carol]);
    world.settle();
    for at in [alice, bob] {
        assert_eq!(members(&mut world, at, &group).len(), 2, "{at}");
        assert_eq!(texts(&mut world, at, &group), ["am I still here?"], "{at}");
    }
}

/// Lets a node lose the keys that others gave it in a group.
fn lose_keys(world: &mut World, at: At, group: &str) {
    let group: GroupId = group.parse().unwrap();
    let now = world.now;
    let peer = &mut world.peers[at];
    let mut turn = Turn::new(&mut peer.core, &peer.store, now, &mut peer.rng, None);
    let rows = turn.rows().unwrap();
    let found = INBOUND.scan(&turn.tx, &rows, &group, &Keys::all(), Order::Ascending, 100).unwrap();
    assert!(!found.is_empty(), "there are some to lose");
    for (key, _) in found {
        turn.delete(&INBOUND, &group, &key).unwrap();
        turn.open_mut().unwrap().groups.inbound.clear();
    }
    let outcome = turn.finish().unwrap();
    peer.store.push(outcome.batch);
    peer.store.commit().unwrap();
}

#[test]
fn who_was_removed_still_gives_the_key_of_what_they_said_before() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    say(&mut world, carol, &group, "first");
    world.settle();
    part_all(&mut world, alice, &[0, 1, 2, bob, carol]);
    say(&mut world, carol, &group, "second");
    remove(&mut world, alice, &group, carol);
    world.settle();
    lose_keys(&mut world, alice, &group);
    meet_all(&mut world, alice, &[0, 1, 2, bob, carol]);
    world.pass(5 * 60_000);
    assert_eq!(members(&mut world, bob, &group).len(), 2);
    for at in [alice, bob] {
        assert_eq!(texts(&mut world, at, &group), ["first", "second"], "{at}");
    }
    say(&mut world, alice, &group, "without carol");
    world.settle();
    assert_eq!(texts(&mut world, bob, &group).len(), 3);
    assert_eq!(texts(&mut world, carol, &group), ["first", "second"], "carol reads nothing later");
}

#[test]
fn what_one_heard_who_did_not_know_of_the_removal_either_comes_to_all_who_stay() {
    let mut world = World::new(3);
    let (alice, bob, carol) = three(&mut world);
    let group = make(&mut world, alice, &[bob, carol]);
    world.settle();
    say(&mut world, carol, &group, "first");
    world.settle();
    world.meet(bob, carol);
    for at in [bob, carol] {
        part_all(&mut world, at, &[0, 1, 2, alice]);
    }
    remove(&mut world, alice, &group, carol);
    // Much longer than clocks may be apart: for alice alone it would come too late.
    world.pass(10 * 60_000);
    say(&mut world, carol, &group, "far away");
    world.pass(10_000);
    assert_eq!(texts(&mut world, bob, &group), ["first", "far away"]);
    for at in [bob, carol] {
        meet_all(&mut world, at, &[0, 1, 2, alice]);
    }
    world.pass(25 * 60_000);
    for at in [alice, bob] {
        assert_eq!(members(&mut world, at, &group).len(), 2, "{at}");
        assert_eq!(texts(&mut world, at, &group), ["first", "far away"], "{at}");
    }
}
