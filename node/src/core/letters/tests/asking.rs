//! What super nodes are asked once, and once more.

use super::world::{At, World};
use crate::core::{
    Input,
    net::{InboundId, NetEvent, Protocol},
};
use magpie_protocol::{codec::encode, mail::Request};

/// The super node, which is alone.
const SUPER: At = 0;

#[test]
fn who_is_told_of_mail_while_they_ask_for_it_asks_once_more() {
    let mut world = World::new(1);
    let alice = world.person();
    world.settle();
    for (notices, asked) in [(1, 1), (2, 2), (5, 2)] {
        let before = world.fetches;
        for number in 0..notices {
            let id = InboundId(1_000_000 + number);
            let bytes = encode(&Request::Notice { waiting: 1 }).unwrap();
            let (from, protocol) = (world.node(SUPER), Protocol::Mail);
            world.put(alice, Input::Net(NetEvent::Inbound { id, from, protocol, bytes }));
        }
        world.pass(1_000);
        assert_eq!(world.fetches - before, asked, "{notices} notices");
    }
}

#[test]
fn records_that_every_super_node_has_are_not_put_again_soon() {
    let mut world = World::new(3);
    let _alice = world.person();
    world.settle();
    let before = world.publications;
    // Without a stamp, and with one.
    assert!((3..=6).contains(&before), "{before}");
    world.pass(600_000);
    assert_eq!(world.publications, before);
}
