use super::{
    super::bounds::FORGOTTEN_PER_STEP,
    people::{envelope, person, put, token},
    world::{KEPT, World},
};
use crate::core::Input;
use magpie_protocol::{
    bounded::List,
    directory::PutAnswer as RecordAnswer,
    mail::{Ack, Answer, Auth, Fetch, PutAnswer, Refusal, Request, Tokens},
};

#[test]
fn a_device_collects_its_own_mailbox_alone() {
    let (mut world, alice) = World::with_alice();
    let first = world.send(&alice, 0, 1);
    let second = world.send(&alice, 1, 2);
    assert_eq!(world.waiting(&alice, 0), std::slice::from_ref(&first));
    assert_eq!(world.waiting(&alice, 1), std::slice::from_ref(&second));
    // One device's acknowledgement never deletes another's mail.
    world.ack(&alice, 0, &[&first, &second], false);
    assert_eq!(world.waiting(&alice, 0), Vec::<Vec<u8>>::new());
    assert_eq!(world.waiting(&alice, 1), [second]);
}

#[test]
fn who_is_no_device_of_the_account_is_told_nothing() {
    let (mut world, alice) = World::with_alice();
    let bob = person(20);
    world.register(&bob, &bob.list((0, 0), &[0]));
    let bytes = world.send(&alice, 0, 1);
    let rows = world.rows();
    let account = alice.address();
    let ids = List::new(vec![super::people::id_of(&bytes)]).unwrap();
    let requests = [
        Request::Fetch(Fetch { account, after: 0, limit: 9 }),
        Request::Ack(Ack { account, held: false, ids }),
        Request::Tokens(Tokens { account, set: List::default(), withdraw: List::default() }),
    ];
    for request in requests {
        let answer = world.mail(bob.node(0), &request);
        assert_eq!(answer, Answer::Refused(Refusal::UnknownDevice));
    }
    assert_eq!(world.rows(), rows);
}

#[test]
fn a_list_that_names_a_foreign_node_reaches_none_of_its_mail() {
    let (mut world, alice) = World::with_alice();
    let bytes = world.send(&alice, 0, 1);
    // Mallory's list names Alice's node as his own device.
    let mut mallory = person(20);
    mallory.nodes[0] = alice.nodes[0].clone();
    world.register(&mallory, &mallory.list((0, 0), &[0]));
    mallory.nodes[0] = person(30).nodes[0].clone();
    let removal = mallory.list((1, 0), &[0]);
    assert!(matches!(world.put_record(&removal, None), RecordAnswer::Stored(_)));
    world.ticks();
    assert_eq!(world.waiting(&alice, 0), [bytes]);
}

#[test]
fn a_removed_device_loses_its_mailbox_its_records_and_its_say() {
    let (mut world, alice) = World::with_alice();
    for device in [0, 1] {
        world.put_record(&alice.bundle(device, (0, 1), 5), None);
        world.put_record(&alice.addresses(device, 5), None);
    }
    let kept = world.send(&alice, 0, 1);
    let many = FORGOTTEN_PER_STEP as u64 + 10;
    for seed in 0..many {
        world.send(&alice, 1, 100 + seed);
    }
    assert_eq!(world.rows_of(0x21), 5);
    let removal = alice.list((0, 3), &[0]);
    assert!(matches!(world.put_record(&removal, None), RecordAnswer::Stored(_)));
    assert_eq!(world.rows_of(0x21), 3);

    let fetch = Fetch { account: alice.address(), after: 0, limit: 9 };
    let answer = world.mail(alice.node(1), &Request::Fetch(fetch));
    assert_eq!(answer, Answer::Refused(Refusal::UnknownDevice));
    let late = envelope(&person(100), alice.node(1), world.now + KEPT, 9, 0);
    let answer = world.put_one(put(alice.address(), Auth::Token(token(1)), &late));
    assert_eq!(answer, PutAnswer::Refused(Refusal::UnknownDevice));

    // The mailbox is emptied a piece at a time, then nothing of it is left.
    world.run(Input::Tick);
    assert_eq!(world.rows_of(0x28), 11);
    world.ticks();
    assert_eq!((world.rows_of(0x28), world.rows_of(0x29), world.rows_of(0x2a)), (1, 1, 1));
    assert_eq!((world.rows_of(0x26), world.rows_of(0x27), world.rows_of(0x2d)), (1, 1, 0));
    assert_eq!(world.waiting(&alice, 0), [kept]);
}

#[test]
fn a_device_that_comes_back_has_a_mailbox_again_and_its_cursor_still_fits() {
    let (mut world, alice) = World::with_alice();
    let first = world.send(&alice, 1, 1);
    let cursor = world.fetch(&alice, 1, 0, 9).next;
    let update = |world: &mut World, version, devices: &[usize]| {
        let answer = world.put_record(&alice.list((0, version), devices), None);
        assert!(matches!(answer, RecordAnswer::Stored(_)), "{answer:?}");
    };
    update(&mut world, 3, &[0]);
    update(&mut world, 5, &[0, 1]);
    // It was back before the mailbox was emptied.
    world.ticks();
    assert_eq!(world.waiting(&alice, 1), [first]);
    update(&mut world, 7, &[0]);
    world.ticks();
    assert_eq!(world.rows_of(0x27), 0);
    update(&mut world, 9, &[0, 1]);
    world.now += 1;
    let later = world.send(&alice, 1, 2);
    let fetched = world.fetch(&alice, 1, cursor, 9);
    assert_eq!(fetched.envelopes.len(), 1);
    assert_eq!(fetched.envelopes[0].to_vec(), later);
}
