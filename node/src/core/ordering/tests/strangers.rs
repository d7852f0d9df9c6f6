//! What of a peer is no business of the order, or no frame at all.

use super::{
    people::mint,
    world::{STRANGER, World},
};
use crate::core::net::Fault;
use magpie_protocol::{
    codec::encode,
    consensus::Message,
    ledger::exchange::{Answer, Refusal, Request},
};
use proptest::prelude::*;

fn status() -> Vec<u8> {
    encode(&Request::Consensus(Box::new(Message::Status(1_000)))).unwrap()
}

#[test]
fn consensus_of_a_stranger_is_refused_unread_and_counted() {
    let mut world = World::new(4, 21);
    world.pass(1_000);
    let rows = world.rows(0);
    // What comes behind the first two bytes is not looked at.
    for bytes in [status(), vec![1, 0], [&[1, 0][..], &[255; 100_000]].concat()] {
        let answer = world.ask_bytes(0, STRANGER, bytes).unwrap();
        assert_eq!(answer, encode(&Answer::Refused(Refusal::NotYours)).unwrap());
        assert_eq!(world.faults.pop(), Some((0, STRANGER, Fault::Forged)));
    }
    assert_eq!(world.rows(0), rows);
    // Of a super node it is taken in: one that is far ahead is asked for its blocks.
    let peer = world.node(1);
    assert_eq!(world.ask_bytes(0, peer, status()).unwrap(), encode(&Answer::Done).unwrap());
    assert_eq!(world.faults, []);
}

#[test]
fn what_is_no_request_is_a_fault_and_a_newer_one_is_none() {
    let mut world = World::new(4, 22);
    world.pass(1_000);
    let peer = world.node(1);
    for from in [STRANGER, peer] {
        assert_eq!(world.ask_bytes(0, from, vec![2, 0, 1]), None);
        assert_eq!(world.faults, []);
        for bytes in [vec![], vec![1], vec![1, 9], [status(), vec![0]].concat()] {
            if from == STRANGER && Request::is_consensus(&bytes) {
                continue;
            }
            assert_eq!(world.ask_bytes(0, from, bytes), None);
            assert_eq!(world.faults.pop(), Some((0, from, Fault::Malformed)));
        }
    }
}

#[test]
fn a_stranger_that_does_not_wait_floods_and_a_super_node_has_a_share() {
    let mut world = World::new(4, 23);
    world.pass(1_000);
    let request = Request::Header(1);
    let mut answers = 0;
    while world.faults.is_empty() {
        let _refused = world.ask_bytes(0, STRANGER, encode(&request).unwrap());
        answers += 1;
        assert!(answers < 10_000);
    }
    assert_eq!(world.faults.pop(), Some((0, STRANGER, Fault::Flooding)));
    let peer = world.node(1);
    let wait = Answer::Refused(Refusal::Wait(1));
    let served = (0..10_000).take_while(|_| world.ask(0, peer, &request) != wait).count();
    assert!(served > answers, "{served}");
    assert_eq!(world.faults, []);
    world.pass(1_000);
    assert_ne!(world.ask(0, peer, &request), wait);
}

#[test]
fn a_flood_of_entries_is_slowed_down() {
    let mut world = World::new(4, 24);
    world.pass(1_000);
    let entry = mint(world.network.id(), 9, 1, world.now);
    let mut judged = 0;
    while world.submit(0, entry.clone()) == Answer::Refused(Refusal::Entry) {
        judged += 1;
        assert!(judged < 1_000);
    }
    assert!(judged > 100, "{judged}");
    // Another is served.
    let peer = world.node(2);
    let answer = world.ask(0, peer, &Request::Submit(Box::new(entry)));
    assert_eq!(answer, Answer::Refused(Refusal::Entry));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_get_one_answer_and_decide_nothing(
        all in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), 0..5_u8, any::<bool>()), 40)
    ) {
        let mut world = World::new(4, 25);
        world.pass(1_000);
        let (rows, peer) = (world.rows(0), world.node(1));
        for (bytes, kind, known) in all {
            // Past the version and the variant, which are right by chance too rarely.
            let likely = [&[1, kind][..], &bytes].concat();
            let from = if known { peer } else { STRANGER };
            let _answer = world.ask_bytes(0, from, bytes);
            let _answer = world.ask_bytes(0, from, likely);
        }
        prop_assert_eq!(world.rows(0), rows);
    }
}
