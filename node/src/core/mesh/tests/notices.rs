use super::{
    super::bounds::NOTICE_EVERY_MS,
    people::{Person, envelope, person, put, token},
    world::{KEPT, World},
};
use crate::core::{
    Input,
    net::{NetCommand, NetEvent, Protocol},
};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::decode,
    mail::{Auth, Request},
};

fn send(world: &mut World, to: &Person, device: usize, seed: u64) -> Vec<NetCommand> {
    let bytes = envelope(&person(100), to.node(device), world.now + KEPT, seed, 0);
    let put = put(to.address(), Auth::Token(token(1)), &bytes);
    world.mail_and_more(NodeId([77; 32]), &Request::Put(List::new(vec![put]).unwrap())).1
}

fn told(commands: &[NetCommand]) -> Vec<(NodeId, u32)> {
    let notice = |command: &NetCommand| match command {
        NetCommand::Request { to, protocol: Protocol::Mail, bytes, .. } => {
            let Ok(Request::Notice { waiting }) = decode(bytes) else { panic!() };
            (*to, waiting)
        }
        other => panic!("{other:?}"),
    };
    commands.iter().map(notice).collect()
}

#[test]
fn a_connected_device_is_told_at_once_and_then_once_in_a_while() {
    let (mut world, alice) = World::with_alice();
    assert_eq!(send(&mut world, &alice, 0, 1), []);
    world.run(Input::Net(NetEvent::Connected { peer: alice.node(0) }));
    assert_eq!(told(&send(&mut world, &alice, 0, 2)), [(alice.node(0), 2)]);
    // The other device is not connected.
    assert_eq!(send(&mut world, &alice, 1, 3), []);
    // What follows at once is told together.
    assert_eq!(send(&mut world, &alice, 0, 4), []);
    assert_eq!(send(&mut world, &alice, 0, 5), []);
    assert_eq!(world.core.wake_at(), Some(world.now + NOTICE_EVERY_MS));
    assert_eq!(world.run(Input::Tick), []);
    world.now += NOTICE_EVERY_MS;
    assert_eq!(told(&world.ticks()), [(alice.node(0), 4)]);
    world.now += NOTICE_EVERY_MS;
    assert_eq!(world.run(Input::Tick), []);
    assert_eq!(told(&send(&mut world, &alice, 0, 6)), [(alice.node(0), 5)]);
}

#[test]
fn a_device_that_left_is_told_nothing() {
    let (mut world, alice) = World::with_alice();
    world.run(Input::Net(NetEvent::Connected { peer: alice.node(0) }));
    send(&mut world, &alice, 0, 1);
    send(&mut world, &alice, 0, 2);
    world.run(Input::Net(NetEvent::Disconnected { peer: alice.node(0) }));
    world.now += NOTICE_EVERY_MS;
    assert_eq!(world.ticks(), []);
    assert_eq!(send(&mut world, &alice, 0, 3), []);
}

#[test]
fn requests_have_numbers_of_their_own() {
    let (mut world, alice) = World::with_alice();
    let mut ids = Vec::new();
    for device in [0, 1] {
        world.run(Input::Net(NetEvent::Connected { peer: alice.node(device) }));
        for command in send(&mut world, &alice, device, device as u64) {
            let NetCommand::Request { id, .. } = command else { panic!("{command:?}") };
            ids.push(id);
        }
    }
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}
