//! What frames carry, and what members' devices ask each other.

use super::world::World;
use crate::{
    bounded::{Blob, List},
    codec::{Format, decode, encode},
    content::{Conversation, Kind, Message},
    golden,
    group::{
        exchange::{Answer, Compared, Range, Request},
        *,
    },
    ids::{DeviceId, GroupId, MegolmSession, MessageId},
    limits::{MESSAGE_BODY, MESSAGE_HEADS, OPERATIONS_SENT},
};
use proptest::prelude::*;

fn said() -> Said {
    Said {
        account: World::new().people[0].address(),
        device: DeviceId([2; 32]),
        session: MegolmSession([3; 32]),
        message: Blob::new(vec![4, 5]).unwrap(),
    }
}

fn parcels() -> Vec<(&'static str, Parcel)> {
    let mut world = World::new();
    let plain = world.rename("name");
    let signed = world.sign(&[world.root], 0, None, plain).signed().clone();
    let letters = Letters { envelopes: List::new(vec![Blob::new(vec![6; 3]).unwrap()]).unwrap() };
    vec![
        ("operation", Parcel::Operation(Box::new(signed))),
        ("said", Parcel::Said(Box::new(said()))),
        ("letters", Parcel::Letters(Box::new(letters))),
        ("unknown", Parcel::Unknown { number: 999, body: vec![1, 2] }),
    ]
}

fn message(body: usize) -> Message {
    Message {
        conversation: Conversation::Group(GroupId([1; 32])),
        author: World::new().people[0].address(),
        device: DeviceId([2; 32]),
        lamport: 1_700_000_000_001,
        parents: List::new(vec![MessageId([1; 32]), MessageId([2; 32])]).unwrap(),
        time_ms: 1_700_000_000_000,
        burn_ms: 0,
        kind: Kind(999),
        body: Blob::new(vec![7; body]).unwrap(),
    }
}

fn spoken(heads: usize, body: usize) -> Spoken {
    let heads = List::new(vec![OperationId([8; 32]); heads]).unwrap();
    Spoken::Message { heads, audience: [9; 32], message: Box::new(message(body)) }
}

fn requests() -> Vec<(&'static str, Request)> {
    let group = GroupId([1; 32]);
    let range = Range { from: 1, to: 9, count: 2, fingerprint: [3; 32] };
    vec![
        (
            "operations",
            Request::Operations {
                group,
                heads: List::new(vec![OperationId([4; 32])]).unwrap(),
                wanted: List::new(vec![OperationId([5; 32])]).unwrap(),
            },
        ),
        ("compare", Request::Compare { group, ranges: List::new(vec![range]).unwrap() }),
        (
            "messages",
            Request::Messages { group, wanted: List::new(vec![MessageId([6; 32])]).unwrap() },
        ),
    ]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let range = Range { from: 1, to: 9, count: 2, fingerprint: [3; 32] };
    let operations = List::new(vec![Blob::new(vec![1, 2]).unwrap()]).unwrap();
    let compared = vec![
        Compared::Same,
        Compared::Listed(List::new(vec![MessageId([6; 32])]).unwrap()),
        Compared::Split(List::new(vec![range]).unwrap()),
    ];
    vec![
        ("operations", Answer::Operations { operations, more: true }),
        ("compared", Answer::Compared(List::new(compared).unwrap())),
        ("messages", Answer::Messages(List::new(vec![said()]).unwrap())),
        ("refused", Answer::Refused),
    ]
}

#[test]
fn golden_parcels_survive() {
    for (name, parcel) in parcels() {
        let bytes = golden::check(&format!("group_parcel_{name}"), parcel.to_bytes().unwrap());
        assert_eq!(Parcel::from_bytes(&bytes).unwrap(), parcel);
    }
    for (name, spoken) in [("message", spoken(1, 3)), ("typing", Spoken::Typing { on: true })] {
        let bytes = golden::check(&format!("group_spoken_{name}"), encode(&spoken).unwrap());
        assert_eq!(decode::<Spoken>(&bytes).unwrap(), spoken);
    }
    let state = World::new().fold().state().clone();
    golden::check("group_audience", audience(&state).to_vec());
}

#[test]
fn golden_requests_and_answers_survive() {
    for (name, request) in requests() {
        let bytes = golden::check(&format!("group_request_{name}"), encode(&request).unwrap());
        assert_eq!(decode::<Request>(&bytes).unwrap(), request);
    }
    for (name, answer) in answers() {
        let bytes = golden::check(&format!("group_answer_{name}"), encode(&answer).unwrap());
        assert_eq!(decode::<Answer>(&bytes).unwrap(), answer);
    }
}

#[test]
fn the_largest_message_and_the_largest_operation_fit_a_frame() {
    let plain = encode(&spoken(MESSAGE_HEADS, MESSAGE_BODY)).unwrap();
    // Megolm: version, index and lengths, padding to 16, an 8-byte MAC, a signature.
    let mut parcel = said();
    parcel.message = Blob::new(vec![0; plain.len() + 16 + 8 + 64 + 16]).unwrap();
    let bytes = Parcel::Said(Box::new(parcel)).to_bytes().unwrap();
    assert!(bytes.len() <= FRAME_PAYLOAD);
    const { assert!(SignedOperation::LIMIT + 32 <= FRAME_PAYLOAD) };
}

#[test]
fn the_largest_requests_fit_their_frames() {
    let group = GroupId([1; 32]);
    let wanted = List::new(vec![OperationId([4; 32]); OPERATIONS_SENT]).unwrap();
    let heads = List::new(vec![OperationId([4; 32]); 32]).unwrap();
    assert!(encode(&Request::Operations { group, heads, wanted }).is_ok());
    let range = Range { from: u64::MAX, to: u64::MAX, count: u32::MAX, fingerprint: [3; 32] };
    let ranges = List::new(vec![range; 256]).unwrap();
    assert!(encode(&Request::Compare { group, ranges }).is_ok());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = Parcel::from_bytes(&bytes);
        let _ = decode::<Spoken>(&bytes);
        let _ = decode::<Request>(&bytes);
        let _ = decode::<Answer>(&bytes);
    }

    #[test]
    fn tampered_parcels_never_panic(which in 0_usize..4, at: prop::sample::Index, bit in 0..8) {
        let mut bytes = parcels().swap_remove(which).1.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let _ = Parcel::from_bytes(&bytes);
    }
}

/// What `theirs` has and `ours` lacks, found by comparing ranges, and in how many rounds.
fn reconcile(
    ours: &[(u64, MessageId)],
    theirs: &[(u64, MessageId)],
) -> (std::collections::BTreeSet<MessageId>, usize) {
    let within = |side: &[(u64, MessageId)], from: u64, to: u64| -> Vec<(u64, MessageId)> {
        side.iter().filter(|(clock, _)| (from..=to).contains(clock)).copied().collect()
    };
    let known: std::collections::BTreeSet<_> = ours.iter().map(|(_, id)| *id).collect();
    let mut found = std::collections::BTreeSet::new();
    let (mut open, mut rounds) = (vec![(0, u64::MAX)], 0);
    while !open.is_empty() {
        rounds += 1;
        assert!(rounds < 64, "it does not end");
        let mut closer = Vec::new();
        for (from, to) in open {
            let range = Range::of(from, to, &within(ours, from, to));
            match range.compare(&within(theirs, from, to)) {
                Compared::Same => {}
                Compared::Listed(ids) => found.extend(ids.iter().filter(|id| !known.contains(id))),
                Compared::Split(ranges) => {
                    assert_eq!((ranges[0].from, ranges[ranges.len() - 1].to), (from, to));
                    for part in &*ranges {
                        if Range::of(part.from, part.to, &within(ours, part.from, part.to)) != *part
                        {
                            closer.push((part.from, part.to));
                        }
                    }
                }
            }
        }
        open = closer;
    }
    (found, rounds)
}

proptest! {
    #[test]
    fn comparing_ranges_finds_all_that_is_lacking(
        clocks in proptest::collection::vec(0_u64..5_000, 0..600),
        lacking in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut theirs: Vec<(u64, MessageId)> = clocks
            .iter()
            .enumerate()
            .map(|(at, clock)| {
                let mut id = [0; 32];
                id[..8].copy_from_slice(&(at as u64).to_be_bytes());
                (*clock, MessageId(id))
            })
            .collect();
        theirs.sort_unstable();
        let mut ours = theirs.clone();
        let mut gone = std::collections::BTreeSet::new();
        for index in lacking {
            if !ours.is_empty() {
                gone.insert(ours.remove(index.index(ours.len())).1);
            }
        }
        let (found, rounds) = reconcile(&ours, &theirs);
        prop_assert_eq!(found, gone);
        prop_assert!(rounds <= 5, "{} rounds", rounds);
    }
}
