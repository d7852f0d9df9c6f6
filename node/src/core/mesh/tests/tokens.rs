use super::{
    super::{
        bounds::TOKENS_PER_ACCOUNT,
        rows::{GRANTED, TOKEN_COUNTS, TokenCount},
    },
    people::{Person, envelope, person, put, token},
    world::{KEPT, World},
};
use magpie_protocol::{
    bounded::List,
    ids::TokenHash,
    mail::{Answer, Auth, Grant, PutAnswer, Refusal, Request, Tokens},
    token::Quota,
};
use magpie_storage::overlay::Tx;

fn tokens(of: &Person, set: &[u8], withdraw: &[u8]) -> Request {
    let grant = |number: &u8| Grant { hash: token(*number).hash(), quota: Quota::default() };
    let hashes: Vec<TokenHash> = withdraw.iter().map(|number| token(*number).hash()).collect();
    Request::Tokens(Tokens {
        account: of.address(),
        set: List::new(set.iter().map(grant).collect()).unwrap(),
        withdraw: List::new(hashes).unwrap(),
    })
}

fn try_token(world: &mut World, to: &Person, device: usize, number: u8, seed: u64) -> PutAnswer {
    let bytes = envelope(&person(100), to.node(device), world.now + KEPT, seed, 0);
    world.put_one(put(to.address(), Auth::Token(token(number)), &bytes))
}

#[test]
fn any_device_sets_and_withdraws_for_all_mailboxes() {
    let (mut world, alice) = World::with_alice();
    assert_eq!(world.mail(alice.node(1), &tokens(&alice, &[2], &[1])), Answer::Done);
    for device in [0, 1] {
        let stored = try_token(&mut world, &alice, device, 2, 1);
        assert!(matches!(stored, PutAnswer::Stored(_)), "{stored:?}");
        let unknown = PutAnswer::Refused(Refusal::UnknownToken);
        assert_eq!(try_token(&mut world, &alice, device, 1, 2), unknown);
    }
    // Said again, it changes nothing; and what waits of a withdrawn token stays.
    let rows = world.rows();
    assert_eq!(world.mail(alice.node(0), &tokens(&alice, &[2], &[1])), Answer::Done);
    assert_eq!(world.rows(), rows);
    assert_eq!(world.mail(alice.node(0), &tokens(&alice, &[], &[2])), Answer::Done);
    assert_eq!(world.waiting(&alice, 0).len(), 1);
}

#[test]
fn a_request_that_contradicts_itself_changes_nothing() {
    let (mut world, alice) = World::with_alice();
    let rows = world.rows();
    for request in [tokens(&alice, &[3, 2], &[2]), tokens(&alice, &[2, 2], &[])] {
        assert_eq!(world.mail(alice.node(0), &request), Answer::Refused(Refusal::Malformed));
    }
    assert_eq!(world.rows(), rows);
}

#[test]
fn a_quota_counts_what_waits_in_each_mailbox_and_is_capped() {
    let (mut world, alice) = World::with_alice();
    assert_eq!(world.grant(&alice, 2, Quota { envelopes: 2, bytes: 1 << 20 }), Answer::Done);
    let over = PutAnswer::Refused(Refusal::OverQuota);
    for seed in 0..2 {
        assert!(matches!(try_token(&mut world, &alice, 0, 2, seed), PutAnswer::Stored(_)));
    }
    assert_eq!(try_token(&mut world, &alice, 0, 2, 9), over);
    // The other device's mailbox, and the other token, count for themselves.
    assert!(matches!(try_token(&mut world, &alice, 1, 2, 10), PutAnswer::Stored(_)));
    assert!(matches!(try_token(&mut world, &alice, 0, 1, 11), PutAnswer::Stored(_)));
    // What is drained counts no more; a withdrawal in between forgets nothing.
    let first = world.waiting(&alice, 0).remove(0);
    world.ack(&alice, 0, &[&first], false);
    assert_eq!(world.mail(alice.node(0), &tokens(&alice, &[], &[2])), Answer::Done);
    assert_eq!(world.grant(&alice, 2, Quota { envelopes: 2, bytes: 1 << 20 }), Answer::Done);
    assert!(matches!(try_token(&mut world, &alice, 0, 2, 12), PutAnswer::Stored(_)));
    assert_eq!(try_token(&mut world, &alice, 0, 2, 13), over);
    // Bytes count as envelopes do.
    assert_eq!(world.grant(&alice, 3, Quota { envelopes: 9, bytes: 2_000 }), Answer::Done);
    assert!(matches!(try_token(&mut world, &alice, 0, 3, 14), PutAnswer::Stored(_)));
    assert_eq!(try_token(&mut world, &alice, 0, 3, 15), over);

    let greedy = Quota { envelopes: u32::MAX, bytes: u64::MAX };
    assert_eq!(world.grant(&alice, 4, greedy), Answer::Done);
    let key = (*alice.address().as_bytes(), token(4).hash().0);
    assert_eq!(GRANTED.get(&world.store, &key).unwrap().unwrap().0, Quota::default());
}

#[test]
fn an_account_has_so_many_tokens_and_may_always_exchange_one() {
    let (mut world, alice) = World::with_alice();
    let mut tx = Tx::new(&world.store);
    let full = TokenCount(TOKENS_PER_ACCOUNT);
    TOKEN_COUNTS.put(&mut tx, alice.address().as_bytes(), &full).unwrap();
    let batch = tx.into_batch();
    world.store.push(batch);
    let rows = world.rows();
    let answer = world.mail(alice.node(0), &tokens(&alice, &[2], &[]));
    assert_eq!(answer, Answer::Refused(Refusal::Full));
    assert_eq!(world.rows(), rows);
    assert_eq!(world.mail(alice.node(0), &tokens(&alice, &[2], &[1])), Answer::Done);
}
