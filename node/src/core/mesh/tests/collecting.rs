use super::{
    people::{envelope, person, put, token},
    world::{KEPT, World},
};
use magpie_protocol::{
    limits::{MAIL_ENVELOPES, OLM_MESSAGE},
    mail::{Auth, PutAnswer},
};

#[test]
fn mail_comes_oldest_first_by_cursor_and_more_is_told() {
    let (mut world, alice) = World::with_alice();
    let sent: Vec<_> = (0..7).map(|seed| world.send(&alice, 0, seed)).collect();
    let first = world.fetch(&alice, 0, 0, 3);
    assert_eq!(first.envelopes.iter().map(|e| e.to_vec()).collect::<Vec<_>>(), sent[..3]);
    assert!(first.more);
    let second = world.fetch(&alice, 0, first.next, 4);
    assert_eq!(second.envelopes.iter().map(|e| e.to_vec()).collect::<Vec<_>>(), sent[3..]);
    assert!(!second.more);
    let third = world.fetch(&alice, 0, second.next, 9);
    assert_eq!((third.envelopes.len(), third.more, third.next), (0, false, second.next));
    let none = world.fetch(&alice, 0, 0, 0);
    assert_eq!((none.envelopes.len(), none.more, none.next), (0, true, 0));
    assert_eq!(world.fetch(&alice, 0, u64::MAX, 9).envelopes.len(), 0);
}

#[test]
fn an_answer_is_bounded_in_number_and_in_bytes() {
    let (mut world, alice) = World::with_alice();
    for seed in 0..MAIL_ENVELOPES as u64 + 3 {
        world.send(&alice, 0, seed);
        world.now += 100;
    }
    let page = world.fetch(&alice, 0, 0, u16::MAX);
    assert_eq!((page.envelopes.len(), page.more), (MAIL_ENVELOPES, true));
    assert_eq!(world.fetch(&alice, 0, page.next, u16::MAX).envelopes.len(), 3);

    for seed in 0..20 {
        let large =
            envelope(&person(100), alice.node(1), world.now + KEPT, seed, OLM_MESSAGE - 1_000);
        let answer = world.put_one(put(alice.address(), Auth::Token(token(1)), &large));
        assert!(matches!(answer, PutAnswer::Stored(_)), "{answer:?}");
        world.now += 1_000;
    }
    let page = world.fetch(&alice, 1, 0, u16::MAX);
    assert_eq!((page.envelopes.len(), page.more), (16, true));
    assert_eq!(world.waiting(&alice, 1).len(), 20);
}

#[test]
fn acknowledging_frees_what_it_names_and_nothing_else() {
    let (mut world, alice) = World::with_alice();
    let sent: Vec<_> = (0..3).map(|seed| world.send(&alice, 0, seed)).collect();
    let unknown = envelope(&person(100), alice.node(0), world.now + KEPT, 50, 0);
    world.ack(&alice, 0, &[&sent[1], &unknown], false);
    assert_eq!(world.waiting(&alice, 0), [sent[0].clone(), sent[2].clone()]);
    let rows = world.rows();
    world.ack(&alice, 0, &[&sent[1], &unknown], true);
    assert_eq!(world.rows(), rows);
    // A device without a mailbox acknowledges nothing.
    world.ack(&alice, 1, &[&sent[0]], true);
    assert_eq!(world.rows(), rows);
    // Held by a locked device frees as well.
    world.ack(&alice, 0, &[&sent[0], &sent[2]], true);
    assert_eq!((world.rows_of(0x28), world.rows_of(0x26), world.rows_of(0x29)), (0, 0, 3));
}
