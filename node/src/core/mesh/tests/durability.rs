use super::{
    people::{envelope, id_of, person, put, token},
    world::{KEPT, World},
};
use crate::core::{
    Effect,
    net::{NetCommand, Protocol},
};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::{decode, encode},
    directory,
    mail::{Answer, Auth, PutAnswer, Request},
};

const PEER: NodeId = NodeId([60; 32]);

#[test]
fn a_receipt_leaves_with_the_batch_that_keeps_what_it_is_for() {
    let (mut world, alice) = World::with_alice();
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let one = put(alice.address(), Auth::Token(token(1)), &bytes);
    let request = Request::Put(List::new(vec![one.clone()]).unwrap());
    let input = world.inbound(PEER, Protocol::Mail, encode(&request).unwrap());
    let outcome = world.step(input);
    let [Effect::Net(NetCommand::Respond { bytes: answer, .. })] = &outcome.effects[..] else {
        panic!("{:?}", outcome.effects)
    };
    let Answer::Put(answers) = decode(answer).unwrap() else { panic!() };
    assert!(matches!(answers[0], PutAnswer::Stored(_)));
    let kept = outcome.batch.iter().any(|(key, value)| {
        key[0] == 0x28 && value.is_some_and(|v| v.windows(bytes.len()).any(|w| w == bytes))
    });
    let named =
        outcome.batch.iter().any(|(key, _)| key[0] == 0x29 && key.ends_with(&id_of(&bytes).0));
    assert!(kept && named);

    // The power fails before the commit: no receipt went out, and nothing is there.
    world.store.push(outcome.batch);
    world.crash();
    assert!(world.waiting(&alice, 0).is_empty());
    // After the commit it is there, whatever fails.
    assert!(matches!(world.put_one(one.clone()), PutAnswer::Stored(_)));
    world.crash();
    assert_eq!(world.waiting(&alice, 0), [bytes]);
    assert_eq!(world.core.wake_at(), Some(world.now + KEPT));
    assert!(matches!(world.put_one(one), PutAnswer::Stored(_)));
    assert_eq!(world.waiting(&alice, 0).len(), 1);
}

#[test]
fn lists_tokens_tombstones_and_left_mailboxes_survive_a_crash() {
    let (mut world, alice) = World::with_alice();
    let (first, second) = (world.send(&alice, 0, 1), world.send(&alice, 1, 2));
    world.ack(&alice, 0, &[&first], false);
    world.crash();
    let again = put(alice.address(), Auth::Token(token(1)), &first);
    assert!(matches!(world.put_one(again), PutAnswer::Stored(_)));
    assert!(world.waiting(&alice, 0).is_empty());
    assert_eq!(world.waiting(&alice, 1), [second]);
    let removal = world.put_record(&alice.list((0, 3), &[0]), None);
    assert!(matches!(removal, directory::PutAnswer::Stored(_)));
    world.crash();
    // The new start knows by itself that a mailbox is to be emptied.
    assert!(world.core.wake_at().is_some_and(|at| at <= world.now));
    world.ticks();
    assert_eq!((world.rows_of(0x28), world.rows_of(0x2d)), (0, 0));
}

#[test]
fn a_store_that_fails_ends_the_node_and_answers_nobody() {
    use magpie_storage::engine::Fault;
    use rand_chacha::rand_core::SeedableRng;
    let (mut world, alice) = World::with_alice();
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let one = put(alice.address(), Auth::Token(token(1)), &bytes);
    let request = encode(&Request::Put(List::new(vec![one]).unwrap())).unwrap();
    for at in 0..6 {
        let input = world.inbound(PEER, Protocol::Mail, request.clone());
        world.disk.inject(Fault::Once(at));
        let mut rng = rand_chacha::ChaCha20Rng::from_seed([1; 32]);
        assert!(world.core.step(input, &world.store, world.now, &mut rng).is_err(), "{at}");
        world.disk.repair();
    }
}
