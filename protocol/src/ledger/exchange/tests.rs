//! Golden bytes of requests and answers, and what random bytes are.

use super::*;
use crate::{
    bounded::List,
    codec::{Format, decode, encode},
    consensus::Message,
    golden,
    ids::NetworkId,
    ledger::{
        Entry, EntryId, ValidatorsHash,
        state::LeafKey,
        tests::{certified, fixtures::entries},
    },
};
use proptest::prelude::*;
use std::fmt;

fn first() -> Entry {
    entries().swap_remove(0)
}

fn decided() -> DecidedHeader {
    let (header, certificate, _) = certified();
    DecidedHeader { header, certificate }
}

fn requests() -> Vec<(&'static str, Request)> {
    let keys = List::new(vec![LeafKey([0x11; 32]), LeafKey([0x12; 32])]).unwrap();
    vec![
        ("consensus", Request::Consensus(Box::new(Message::Status(300)))),
        ("submit", Request::Submit(Box::new(first()))),
        ("prove", Request::Prove { knows: ValidatorsHash([0x21; 32]), keys }),
        ("header", Request::Header(300)),
    ]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let (.., next) = certified();
    let proven = |next| {
        let newest = Newest { decided: decided(), next };
        Answer::Proven(Box::new(Proven { newest, proofs: List::default() }))
    };
    vec![
        ("done", Answer::Done),
        ("waits", Answer::Waits(EntryId([0x31; 32]))),
        ("proven", proven(None)),
        ("proven_next", proven(Some(next.as_wire().clone()))),
        ("header", Answer::Header(Box::new(decided()))),
        ("refused", Answer::Refused(Refusal::Occupied(EntryId([0x32; 32])))),
        ("refused_wait", Answer::Refused(Refusal::Wait(300))),
    ]
}

fn check<T: Format + fmt::Debug + PartialEq>(name: &str, value: &T) {
    let bytes = golden::check(&format!("ledger_exchange_{name}"), encode(value).unwrap());
    assert_eq!(decode::<T>(&bytes).unwrap(), *value, "{name}");
}

#[test]
fn golden_requests_and_answers() {
    requests().iter().for_each(|(name, request)| check(&format!("request_{name}"), request));
    answers().iter().for_each(|(name, answer)| check(&format!("answer_{name}"), answer));
    check("decided_header", &decided());
}

#[test]
fn consensus_is_told_from_the_rest_by_its_first_bytes() {
    for (name, request) in requests() {
        let bytes = encode(&request).unwrap();
        assert_eq!(Request::is_consensus(&bytes), name == "consensus");
    }
    assert!(!Request::is_consensus(&[]) && !Request::is_consensus(&[2, 0]));
}

#[test]
fn every_network_has_its_own_topic() {
    let topic = topic(NetworkId([0xc4; 32]));
    assert_ne!(topic, super::topic(NetworkId([0xc5; 32])));
    golden::check("ledger_topic", topic.0.to_vec());
}

proptest! {
    #[test]
    fn random_bytes_are_a_frame_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..5_u8
    ) {
        // Past the version and the variant, which are right by chance too rarely.
        let likely = [&[1, kind][..], &bytes].concat();
        for bytes in [&bytes, &likely] {
            if let Ok(request) = decode::<Request>(bytes) {
                prop_assert_eq!(&encode(&request).unwrap(), bytes);
            }
            if let Ok(answer) = decode::<Answer>(bytes) {
                prop_assert_eq!(&encode(&answer).unwrap(), bytes);
            }
            if let Ok(decided) = decode::<DecidedHeader>(bytes) {
                prop_assert_eq!(&encode(&decided).unwrap(), bytes);
            }
        }
    }
}
