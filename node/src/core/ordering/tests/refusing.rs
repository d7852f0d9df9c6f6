//! Entries that do not wait, and ledgers that cannot be opened.

use super::{
    people::{mint, network},
    world::{STRANGER, World},
};
use crate::core::{Broken, Input, net::Fault};
use magpie_protocol::{
    codec::{decode, encode},
    ids::NetworkId,
    ledger::{
        Entry,
        exchange::{Answer, Refusal, Request},
    },
};

#[test]
fn an_entry_waits_once_and_another_in_its_place_does_not() {
    let mut world = World::new(4, 31);
    world.pass(1_000);
    let chain = world.network.id();
    let entry = mint(chain, 0, 5, world.now);
    let waits = Answer::Waits(entry.id().unwrap());
    assert_eq!(world.submit(0, entry.clone()), waits);
    assert_eq!(world.submit(0, entry.clone()), waits);
    let other = mint(chain, 0, 6, world.now);
    let occupied = Answer::Refused(Refusal::Occupied(entry.id().unwrap()));
    assert_eq!(world.submit(0, other), occupied);
    let refused = Answer::Refused(Refusal::Entry);
    // There is a gap before it; it is over; it is of another network.
    assert_eq!(world.submit(0, mint(chain, 2, 5, world.now)), refused);
    assert_eq!(world.submit(0, mint(chain, 1, 5, world.now - 120_000)), refused);
    assert_eq!(world.submit(0, mint(NetworkId([1; 32]), 1, 5, world.now)), refused);
    assert_eq!(world.faults, []);
    world.pass(100);
    // One from a super node waits as well, and is not handed on.
    assert_eq!(world.handed, 3);
    let (peer, second) = (world.node(2), mint(chain, 1, 5, world.now));
    let answer = world.ask(1, peer, &Request::Submit(Box::new(second.clone())));
    assert_eq!(answer, Answer::Waits(second.id().unwrap()));
    assert_eq!(world.handed, 3);
}

#[test]
fn a_forged_entry_counts_against_who_brings_it() {
    let mut world = World::new(4, 32);
    world.pass(1_000);
    let mut bytes = encode(&mint(world.network.id(), 0, 5, world.now)).unwrap();
    // The signature stands last.
    *bytes.last_mut().unwrap() ^= 1;
    let forged: Entry = decode(&bytes).unwrap();
    assert_eq!(world.submit(0, forged), Answer::Refused(Refusal::Entry));
    assert_eq!(world.faults, [(0, STRANGER, Fault::Forged)]);
    assert_eq!(world.handed, 0);
}

#[test]
fn a_store_of_another_network_ends_the_node() {
    let mut world = World::new(1, 33);
    world.pass(1_000);
    world.kill(0);
    world.network = network(&[world.keys(0)], "another");
    world.kill(0);
    let error = world.step(0, Input::Started).unwrap_err();
    assert!(matches!(error, Broken::Ledger(_)), "{error}");
    assert!(error.to_string().contains("network"), "{error}");
}

#[test]
fn a_super_node_that_the_genesis_does_not_name_orders_nothing() {
    let mut world = World::asleep(2, 34);
    world.network = network(&[world.keys(1)], "world");
    world.kill(0);
    world.start(0);
    world.pass(20_000);
    assert_eq!(world.height(0), 0);
    let request = encode(&Request::Header(1)).unwrap();
    assert_eq!(world.ask_bytes(0, STRANGER, request), None);
    assert_eq!(world.faults, []);
}
