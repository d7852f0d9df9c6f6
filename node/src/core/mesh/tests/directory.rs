use super::{
    super::{
        bounds::{ACCOUNTS_KEPT, ARRIVALS_IDLE, DISK_BYTES, RECORD_KEPT_MS},
        rows::{FORKS, TOTALS, Totals},
    },
    people::{Person, blob, person},
    world::{EFFORT, World, subject_of},
};
use crate::core::net::{Fault, NetCommand, Protocol};
use magpie_protocol::{
    address::NodeId,
    bounded::List,
    codec::encode,
    directory::{Answer, Found, PutAnswer, PutRecord, Query, Refusal, Request},
    receipt::Stored,
    record::{Record, RecordKind},
    version::VersionRange,
};
use magpie_storage::overlay::Tx;

const PEER: NodeId = NodeId([50; 32]);

fn get(world: &mut World, of: &[&Person], kinds: &[RecordKind]) -> Vec<Found> {
    let kinds = List::new(kinds.to_vec()).unwrap();
    let query = |of: &&Person| Query { account: of.address(), kinds: kinds.clone() };
    let queries = List::new(of.iter().map(query).collect()).unwrap();
    match world.record(PEER, &Request::Get(queries)) {
        Answer::Found(found) => found.into_vec(),
        other => panic!("{other:?}"),
    }
}

const ALL: [RecordKind; 4] =
    [RecordKind::Addresses, RecordKind::Profile, RecordKind::KeyBundle, RecordKind::DeviceList];

fn records(world: &mut World, of: &Person) -> Vec<Vec<u8>> {
    match get(world, &[of], &ALL).remove(0) {
        Found::Records(records) => records.into_iter().map(|r| r.to_vec()).collect(),
        other => panic!("{other:?}"),
    }
}

fn encoded(records: &[&Record]) -> Vec<Vec<u8>> {
    records.iter().map(|record| encode(*record).unwrap()).collect()
}

fn set_totals(world: &mut World, totals: Totals) {
    let mut tx = Tx::new(&world.store);
    TOTALS.put(&mut tx, &(), &totals).unwrap();
    let batch = tx.into_batch();
    world.store.push(batch);
    world.store.commit().unwrap();
}

#[test]
fn hello_tells_the_versions() {
    let mut world = World::new();
    let answer = world.record(PEER, &Request::Hello(VersionRange { lowest: 1, highest: 9 }));
    assert_eq!(answer, Answer::Hello(VersionRange::OURS));
}

#[test]
fn a_new_address_needs_a_stamp_for_its_very_list() {
    let mut world = World::new();
    let alice = person(10);
    let list = alice.list((0, 0), &[0]);
    let before = world.rows();
    let wanted = PutAnswer::Refused(Refusal::StampWanted { effort: EFFORT });
    assert_eq!(world.put_record(&list, None), wanted);
    let other = world.work(&subject_of(&person(20), &list), 16);
    let other = magpie_protocol::stamp::Stamp { effort: 16, ..other };
    assert_eq!(world.put_record(&list, Some(other)), wanted);
    assert_eq!(world.rows(), before);

    let stamp = world.work(&subject_of(&alice, &list), EFFORT);
    let PutAnswer::Stored(receipt) = world.put_record(&list, Some(stamp)) else { panic!() };
    let Stored::Record { account, record } = receipt.body.stored else { panic!() };
    world.check(&receipt, Stored::Record { account: alice.address(), record });
    assert_eq!((account, receipt.body.stored_ms), (alice.address(), world.now));
    assert_eq!(receipt.body.expiry_ms, world.now + RECORD_KEPT_MS);
    // The address is no longer new.
    let next = alice.list((0, 1), &[0, 1]);
    assert!(matches!(world.put_record(&next, None), PutAnswer::Stored(_)));
}

#[test]
fn the_list_comes_first_and_the_same_record_again_is_stored_again() {
    let mut world = World::new();
    let alice = person(10);
    let bundle = alice.bundle(0, (0, 1), 5);
    assert_eq!(world.put_record(&bundle, None), PutAnswer::Refused(Refusal::ListWanted));
    world.register(&alice, &alice.list((0, 0), &[0]));
    // It names a newer list than the one that is known.
    assert_eq!(world.put_record(&bundle, None), PutAnswer::Refused(Refusal::ListWanted));
    let list = alice.list((0, 1), &[0, 1]);
    assert!(matches!(world.put_record(&list, None), PutAnswer::Stored(_)));
    let PutAnswer::Stored(first) = world.put_record(&bundle, None) else { panic!() };
    let rows = world.rows();
    world.now += 1_000;
    let PutAnswer::Stored(again) = world.put_record(&bundle, None) else { panic!() };
    assert_eq!(again.body.stored_ms, first.body.stored_ms);
    assert_eq!(world.rows(), rows);
    assert_eq!(records(&mut world, &alice), encoded(&[&list, &bundle]));
}

#[test]
fn a_list_and_its_records_pass_in_one_request() {
    let mut world = World::new();
    let alice = person(10);
    let list = alice.list((0, 1), &[0, 1]);
    let stamp = Some(world.work(&subject_of(&alice, &list), EFFORT));
    let (bundle, addresses) = (alice.bundle(1, (0, 1), 5), alice.addresses(0, 9));
    let put = |record: &Record| PutRecord { record: blob(record), stamp: None };
    let puts = vec![PutRecord { stamp, ..put(&list) }, put(&bundle), put(&addresses)];
    let answer = world.record(PEER, &Request::Put(List::new(puts).unwrap()));
    let Answer::Put(answers) = answer else { panic!() };
    assert!(answers.iter().all(|answer| matches!(answer, PutAnswer::Stored(_))), "{answers:?}");
    assert_eq!(records(&mut world, &alice), encoded(&[&list, &bundle, &addresses]));
}

#[test]
fn an_older_record_is_answered_with_the_newer() {
    let (mut world, alice) = World::with_alice();
    let (old, new) = (alice.bundle(0, (0, 1), 5), alice.bundle(0, (0, 1), 6));
    assert!(matches!(world.put_record(&new, None), PutAnswer::Stored(_)));
    let rows = world.rows();
    assert_eq!(world.put_record(&old, None), PutAnswer::Newer(blob(&new)));
    let list = alice.list((0, 1), &[0, 1]);
    assert_eq!(world.put_record(&alice.list((0, 0), &[0]), None), PutAnswer::Newer(blob(&list)));
    assert_eq!(world.rows(), rows);
    // A higher term wins over any version.
    let term = alice.list((1, 0), &[0]);
    assert!(matches!(world.put_record(&term, None), PutAnswer::Stored(_)));
    assert_eq!(records(&mut world, &alice)[0], encode(&term).unwrap());
}

#[test]
fn a_forked_list_changes_nothing_but_is_kept_once_as_evidence() {
    let (mut world, alice) = World::with_alice();
    let kept = alice.list((0, 1), &[0, 1]);
    let fork = alice.list((0, 1), &[0, 2]);
    assert_eq!(world.put_record(&fork, None), PutAnswer::Newer(blob(&kept)));
    let evidence = FORKS.get(&world.store, alice.address().as_bytes()).unwrap().unwrap();
    assert_eq!(evidence.record, blob(&fork));
    let rows = world.rows();
    let another = alice.list((0, 1), &[0]);
    assert_eq!(world.put_record(&another, None), PutAnswer::Newer(blob(&kept)));
    assert_eq!(world.rows(), rows);
    assert_eq!(records(&mut world, &alice), encoded(&[&kept]));
}

#[test]
fn a_forged_record_is_refused_and_counted() {
    let (mut world, alice) = World::with_alice();
    let rows = world.rows();
    let forged = alice.addresses_signed(0, 5, &person(20).nodes[0]);
    let put = PutRecord { record: blob(&forged), stamp: None };
    let request = Request::Put(List::new(vec![put]).unwrap());
    let commands = world.ask(PEER, Protocol::Record, encode(&request).unwrap());
    let fault = NetCommand::Misbehaved { peer: PEER, fault: Fault::Forged };
    assert!(commands.contains(&fault), "{commands:?}");
    assert_eq!(commands.len(), 2);
    assert_eq!(world.put_record(&forged, None), PutAnswer::Refused(Refusal::Invalid));
    // A device that is not in the list forges nothing; it is refused.
    let stranger = alice.bundle(2, (0, 1), 5);
    assert_eq!(world.put_record(&stranger, None), PutAnswer::Refused(Refusal::Invalid));
    assert_eq!(world.rows(), rows);
}

#[test]
fn only_the_kinds_wanted_are_found_and_nothing_of_the_unknown() {
    let (mut world, alice) = World::with_alice();
    let bundle = alice.bundle(0, (0, 1), 5);
    world.put_record(&bundle, None);
    let kinds = [RecordKind::KeyBundle, RecordKind::KeyBundle];
    let found = get(&mut world, &[&alice, &person(20)], &kinds);
    let one = List::new(vec![blob(&bundle)]).unwrap();
    assert_eq!(found, [Found::Records(one), Found::Records(List::default())]);
}

#[test]
fn an_answer_without_room_says_ask_again() {
    let (mut world, alice) = World::with_alice();
    world.put_record(&alice.bundle(0, (0, 1), 5), None);
    let outcome_rows = world.rows().len();
    let mut turn_room = 1_500;
    let query = Query { account: alice.address(), kinds: List::new(ALL.to_vec()).unwrap() };
    let mut rng: rand_chacha::ChaCha20Rng = rand_chacha::rand_core::SeedableRng::from_seed([1; 32]);
    let turn = crate::core::Turn::new(&mut world.core, &world.store, world.now, &mut rng, None);
    let Found::Records(found) = turn.find_records(&query, &mut turn_room).unwrap() else {
        panic!("there is room for all");
    };
    let used = found.iter().map(|record| record.len() + 3).sum::<usize>();
    assert_eq!(1_500 - used, turn_room);
    assert_eq!(turn.find_records(&query, &mut turn_room).unwrap(), Found::AskAgain);
    // Later queries, however small, wait too: the order of answers is the order of questions.
    let empty = Query { account: person(20).address(), ..query };
    assert_eq!(turn.find_records(&empty, &mut turn_room).unwrap(), Found::AskAgain);
    assert_eq!(world.rows().len(), outcome_rows);
}

#[test]
fn the_effort_rises_with_new_addresses() {
    let mut world = World::new();
    for _ in 0..ARRIVALS_IDLE {
        world.core.mesh.accounts.note(world.now);
    }
    let alice = person(10);
    let list = alice.list((0, 0), &[0]);
    let wanted = PutAnswer::Refused(Refusal::StampWanted { effort: EFFORT + 1 });
    let idle = magpie_protocol::stamp::Mint::new(&subject_of(&alice, &list), world.now, EFFORT, 0);
    assert_eq!(world.put_record(&list, idle.unwrap().step(1_000)), wanted);
    let stamp = world.work(&subject_of(&alice, &list), EFFORT + 1);
    assert!(matches!(world.put_record(&list, Some(stamp)), PutAnswer::Stored(_)));
}

#[test]
fn a_full_directory_takes_no_new_address_and_a_full_disk_no_larger_record() {
    let (mut world, alice) = World::with_alice();
    let bob = person(20);
    let list = bob.list((0, 0), &[0]);
    let stamp = world.work(&subject_of(&bob, &list), EFFORT);
    set_totals(&mut world, Totals { accounts: ACCOUNTS_KEPT, bytes: 10_000 });
    assert_eq!(world.put_record(&list, Some(stamp)), PutAnswer::Refused(Refusal::Full));
    set_totals(&mut world, Totals { accounts: 1, bytes: DISK_BYTES });
    let bundle = alice.bundle(0, (0, 1), 5);
    assert_eq!(world.put_record(&bundle, None), PutAnswer::Refused(Refusal::Full));
    // A device can be removed all the same.
    let removal = alice.list((0, 3), &[0]);
    assert!(matches!(world.put_record(&removal, None), PutAnswer::Stored(_)));
}

#[test]
fn a_persons_node_serves_no_directory() {
    let mut world = World::with_role(crate::core::Role::User);
    let hello = encode(&Request::Hello(VersionRange::OURS)).unwrap();
    let commands = world.ask(PEER, Protocol::Record, hello);
    assert!(matches!(commands[..], [NetCommand::Refuse { .. }]), "{commands:?}");
    assert_eq!(world.core.wake_at(), None);
}
