use super::{
    super::bounds::{PEER_BURST, PEER_DEBT},
    groups::{forged, group},
    people::{envelope, person, put, token},
    world::{KEPT, World},
};
use crate::core::net::{Fault, NetCommand, Protocol};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::{decode, encode},
    directory,
    mail::{Ack, Answer, Auth, Fetch, FetchFrames, Refusal, Request},
    record::RecordKind,
    version::VersionRange,
};
use proptest::prelude::*;

const PEER: NodeId = NodeId([61; 32]);

fn one_answer(commands: &[NetCommand]) -> bool {
    let answers =
        |c: &&NetCommand| matches!(c, NetCommand::Respond { .. } | NetCommand::Refuse { .. });
    commands.iter().filter(answers).count() == 1
}

/// Honest requests of both protocols, none of which anybody but Alice's devices may make.
fn requests(world: &World) -> Vec<(Protocol, Vec<u8>)> {
    let alice = person(10);
    let (account, group) = (alice.address(), group(1));
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let puts = List::new(vec![put(account, Auth::Token(token(9)), &bytes)]).unwrap();
    let kinds = List::new(vec![RecordKind::DeviceList]).unwrap();
    let record = super::people::blob(&alice.list((0, 0), &[0]));
    let record = directory::PutRecord { record, stamp: None };
    let mail = [
        Request::Put(puts),
        Request::Fetch(Fetch { account, after: 0, limit: 9 }),
        Request::Ack(Ack { account, held: true, ids: List::default() }),
        Request::Hello(VersionRange::OURS),
        Request::PutFrames(List::new(vec![group.put(1, &forged(&group, world.now))]).unwrap()),
        Request::FetchFrames(
            FetchFrames::sign(&group.keys, NodeId([62; 32]), 0, 9, world.now).unwrap(),
        ),
    ];
    let record = [
        directory::Request::Put(List::new(vec![record]).unwrap()),
        directory::Request::Get(List::new(vec![directory::Query { account, kinds }]).unwrap()),
    ];
    let mail = mail.iter().map(|r| (Protocol::Mail, encode(r).unwrap()));
    let record = record.iter().map(|r| (Protocol::Record, encode(r).unwrap()));
    mail.chain(record).collect()
}

#[test]
fn a_malformed_frame_is_a_fault_and_a_newer_one_is_not() {
    let mut world = World::new();
    for protocol in [Protocol::Mail, Protocol::Record] {
        let commands = world.ask(PEER, protocol, vec![1, 200, 3]);
        let fault = NetCommand::Misbehaved { peer: PEER, fault: Fault::Malformed };
        assert!(one_answer(&commands) && commands.contains(&fault), "{commands:?}");
        let commands = world.ask(PEER, protocol, vec![2, 0, 0]);
        assert!(matches!(commands[..], [NetCommand::Refuse { .. }]), "{commands:?}");
    }
    let commands = world.ask(PEER, Protocol::Direct, vec![]);
    assert!(matches!(commands[..], [NetCommand::Refuse { .. }]), "{commands:?}");
}

#[test]
fn a_peer_that_asks_too_much_waits_and_one_that_does_not_wait_floods() {
    let mut world = World::new();
    let hello = encode(&Request::Hello(VersionRange::OURS)).unwrap();
    for _ in 0..PEER_BURST {
        assert!(one_answer(&world.ask(PEER, Protocol::Mail, hello.clone())));
    }
    let wait = Refusal::Wait { seconds: 1 };
    assert_eq!(world.mail(PEER, &Request::Hello(VersionRange::OURS)), Answer::Refused(wait));
    let other = directory::Request::Hello(VersionRange::OURS);
    let wait = directory::Answer::Refused(directory::Refusal::Wait { seconds: 1 });
    assert_eq!(world.record(PEER, &other), wait);
    // Another peer notices nothing.
    let answer = world.mail(NodeId([62; 32]), &Request::Hello(VersionRange::OURS));
    assert_eq!(answer, Answer::Hello(VersionRange::OURS));
    for _ in 0..PEER_DEBT {
        assert!(one_answer(&world.ask(PEER, Protocol::Mail, hello.clone())));
    }
    let commands = world.ask(PEER, Protocol::Mail, hello);
    let fault = NetCommand::Misbehaved { peer: PEER, fault: Fault::Flooding };
    assert!(one_answer(&commands) && commands.contains(&fault), "{commands:?}");
    world.now += 60_000;
    let answer = world.mail(PEER, &Request::Hello(VersionRange::OURS));
    assert_eq!(answer, Answer::Hello(VersionRange::OURS));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_frames_get_one_answer_and_change_nothing(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..8)
    ) {
        let (mut world, _) = World::with_alice();
        let rows = world.rows();
        for (index, mut bytes) in frames.into_iter().enumerate() {
            // Half of them pass the version byte.
            if index % 2 == 0 && !bytes.is_empty() {
                bytes[0] = 1;
            }
            for protocol in [Protocol::Mail, Protocol::Record] {
                prop_assert!(one_answer(&world.ask(PEER, protocol, bytes.clone())));
            }
        }
        prop_assert_eq!(world.rows(), rows);
    }

    #[test]
    fn requests_of_nobody_whole_or_tampered_change_nothing(
        which in 0_usize..8, at: prop::sample::Index, bit in 0..8, whole: bool
    ) {
        let (mut world, _) = World::with_alice();
        let rows = world.rows();
        let (protocol, mut bytes) = requests(&world).remove(which);
        if !whole {
            let at = at.index(bytes.len());
            bytes[at] ^= 1_u8 << bit;
        }
        let commands = world.ask(PEER, protocol, bytes);
        prop_assert!(one_answer(&commands));
        prop_assert_eq!(world.rows(), rows);
        for command in commands {
            if let (NetCommand::Respond { bytes, .. }, Protocol::Mail) = (command, protocol) {
                prop_assert!(decode::<Answer>(&bytes).is_ok());
            }
        }
    }
}
