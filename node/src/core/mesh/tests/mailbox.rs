use super::{
    super::{
        bounds::{MAIL_DISK_BYTES, MAILBOX_BYTES, MAILBOX_PLACES},
        rows::{MAILBOXES, MailboxRow, TOTALS, Totals},
    },
    people::{PLAINTEXT, envelope, id_of, person, put, token},
    world::{KEPT, World},
};
use magpie_protocol::{
    address::NodeId,
    bounded::{Blob, List},
    mail::{Answer, Auth, Put, PutAnswer, Refusal, Request},
    receipt::Stored,
    version::VersionRange,
};
use magpie_storage::overlay::Tx;

fn with_token(number: u8) -> Auth {
    Auth::Token(token(number))
}

#[test]
fn hello_tells_the_versions_and_a_notice_is_nothing_for_a_super_node() {
    let mut world = World::new();
    let answer = world.mail(NodeId([1; 32]), &Request::Hello(VersionRange::OURS));
    assert_eq!(answer, Answer::Hello(VersionRange::OURS));
    let answer = world.mail(NodeId([1; 32]), &Request::Notice { waiting: 1 });
    assert_eq!(answer, Answer::Refused(Refusal::Malformed));
}

#[test]
fn an_envelope_with_a_token_is_stored_receipted_and_fetched() {
    let (mut world, alice) = World::with_alice();
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let answer = world.put_one(put(alice.address(), with_token(1), &bytes));
    let PutAnswer::Stored(receipt) = answer else { panic!("{answer:?}") };
    world.check(&receipt, Stored::Envelope { mailbox: alice.node(0), envelope: id_of(&bytes) });
    assert_eq!(receipt.body.stored_ms, world.now);
    assert_eq!(receipt.body.expiry_ms, world.now + KEPT);
    assert_eq!(world.waiting(&alice, 0), [bytes]);
}

#[test]
fn each_reason_to_refuse_is_told_and_changes_nothing() {
    let (mut world, alice) = World::with_alice();
    let account = alice.address();
    let good = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let rows = world.rows();
    let mut refusal = |put: Put| match world.put_one(put) {
        PutAnswer::Refused(refusal) => refusal,
        stored @ PutAnswer::Stored(_) => panic!("{stored:?}"),
    };
    let unknown = put(account, with_token(2), &good);
    assert_eq!(refusal(unknown), Refusal::UnknownToken);
    let nobody = put(person(20).address(), with_token(1), &good);
    assert_eq!(refusal(nobody), Refusal::UnknownDevice);
    let nowhere = envelope(&person(100), alice.node(2), super::people::START + KEPT, 1, 0);
    assert_eq!(refusal(put(account, with_token(1), &nowhere)), Refusal::UnknownDevice);
    let misplaced = Put { mailbox: alice.node(1), ..put(account, with_token(1), &good) };
    assert_eq!(refusal(misplaced), Refusal::Malformed);
    let junk =
        Put { envelope: Blob::new(vec![1; 99]).unwrap(), ..put(account, with_token(1), &good) };
    assert_eq!(refusal(junk), Refusal::Malformed);
    let expired = envelope(&person(100), alice.node(0), super::people::START, 1, 0);
    assert_eq!(refusal(put(account, with_token(1), &expired)), Refusal::Expiry);
    let eternal = envelope(&person(100), alice.node(0), u64::MAX, 1, 0);
    assert_eq!(refusal(put(account, with_token(1), &eternal)), Refusal::Expiry);
    assert_eq!(world.rows(), rows);
}

#[test]
fn the_same_envelope_again_is_stored_once_and_receipted_alike() {
    let (mut world, alice) = World::with_alice();
    let bytes = world.send(&alice, 0, 1);
    let again = put(alice.address(), with_token(1), &bytes);
    let PutAnswer::Stored(first) = world.put_one(again.clone()) else { panic!() };
    let rows = world.rows();
    world.now += 5_000;
    assert_eq!(world.put_one(again.clone()), PutAnswer::Stored(first.clone()));
    assert_eq!(world.rows(), rows);
    // Twice in one request is once, too.
    let new = envelope(&person(100), alice.node(0), world.now + KEPT, 2, 0);
    let new = put(alice.address(), with_token(1), &new);
    let answer =
        world.mail(NodeId([77; 32]), &Request::Put(List::new(vec![new.clone(), new]).unwrap()));
    let Answer::Put(answers) = answer else { panic!("{answer:?}") };
    assert_eq!(answers[0], answers[1]);
    assert_eq!(world.waiting(&alice, 0).len(), 2);
    // Drained, it is a tombstone: still stored, never again delivered.
    world.ack(&alice, 0, &[&bytes], true);
    assert_eq!(world.put_one(again), PutAnswer::Stored(first));
    assert_eq!(world.waiting(&alice, 0).len(), 1);
}

#[test]
fn a_full_mailbox_or_disk_refuses_and_mail_never_fills_the_directorys_part() {
    let (mut world, alice) = World::with_alice();
    let at = (*alice.address().as_bytes(), alice.node(0));
    let bytes = envelope(&person(100), alice.node(0), world.now + KEPT, 1, 0);
    let mut with = |row: MailboxRow, totals: Totals| {
        let mut tx = Tx::new(&world.store);
        MAILBOXES.put(&mut tx, &at, &row).unwrap();
        TOTALS.put(&mut tx, &(), &totals).unwrap();
        let batch = tx.into_batch();
        world.store.push(batch);
        world.put_one(put(alice.address(), with_token(1), &bytes))
    };
    let full = PutAnswer::Refused(Refusal::Full);
    let (row, totals) = (MailboxRow::default(), Totals { accounts: 1, bytes: 5_000 });
    assert_eq!(with(MailboxRow { bytes: MAILBOX_BYTES - 100, ..row }, totals), full);
    assert_eq!(with(MailboxRow { places: MAILBOX_PLACES, ..row }, totals), full);
    assert_eq!(with(row, Totals { bytes: MAIL_DISK_BYTES - 100, ..totals }), full);
    assert!(matches!(with(row, totals), PutAnswer::Stored(_)));
}

#[test]
fn nothing_on_disk_names_the_sender_or_shows_what_was_said() {
    let (mut world, alice) = World::with_alice();
    let bob = person(100);
    for seed in 0..4 {
        world.send(&alice, 0, seed);
        world.knock(&alice, 1, 50 + seed);
    }
    let bytes = world.send(&alice, 0, 9);
    world.ack(&alice, 0, &[&bytes], false);
    let rows = world.rows();
    let (sender, device, shown_token) = (bob.address(), bob.device(0), token(1));
    let name = sender.to_string();
    let secrets: [(&str, &[u8]); 6] = [
        ("plaintext", PLAINTEXT),
        ("sender's address", sender.as_bytes()),
        ("sender's device", &device.0),
        ("token", shown_token.expose()),
        // Who handed the envelope over.
        ("peer", &[77; 32]),
        ("sender's name", name.as_bytes()),
    ];
    for (what, secret) in secrets {
        let shown = rows.iter().any(|(key, value)| {
            [key, value].into_iter().any(|part| part.windows(secret.len()).any(|w| w == secret))
        });
        assert!(!shown, "a row shows the {what}");
    }
    // The scan finds what is there.
    let alice = alice.address();
    assert!(rows.iter().any(|(key, _)| key.windows(32).any(|w| w == alice.as_bytes())));
}
