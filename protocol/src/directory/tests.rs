use super::*;
use crate::{
    bounded::{Blob, List},
    codec::{decode, encode},
    golden, limits, receipt,
    record::{
        DeviceList, Record, RecordError, RecordKind, Succession, VerifiedRecordBody, fixtures::*,
    },
    stamp::{Mint, Stamp},
    version::VersionRange,
};
use proptest::prelude::*;

fn blob(record: &Record) -> Blob<{ limits::RECORD }> {
    Blob::new(encode(record).unwrap()).unwrap()
}

fn found(seed: u8) -> Vec<Blob<{ limits::RECORD }>> {
    person(seed).records().iter().map(|(_, record)| blob(record)).collect()
}

fn requests() -> Vec<(&'static str, Request)> {
    let stamp = Some(Stamp { day: 19_675, effort: 20, nonce: 77 });
    let record = found(1)[0].clone();
    let kinds = List::new(vec![RecordKind::DeviceList, RecordKind::KeyBundle]).unwrap();
    let query = Query { account: person(1).address(), kinds };
    vec![
        ("hello", Request::Hello(VersionRange::OURS)),
        ("put", Request::Put(List::new(vec![PutRecord { record, stamp }]).unwrap())),
        ("get", Request::Get(List::new(vec![query]).unwrap())),
    ]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let refusals = [
        Refusal::Invalid,
        Refusal::ListWanted,
        Refusal::StampWanted { effort: 21 },
        Refusal::NotHere,
        Refusal::Full,
        Refusal::Wait { seconds: 9 },
    ];
    let stored = PutAnswer::Stored(Box::new(receipt::tests::receipt()));
    let newer = PutAnswer::Newer(found(1)[0].clone());
    let puts = [stored, newer].into_iter().chain(refusals.map(PutAnswer::Refused)).collect();
    let records = Found::Records(List::new(found(1)).unwrap());
    let results = vec![records, Found::AskAgain, Found::Refused(Refusal::NotHere)];
    vec![
        ("hello", Answer::Hello(VersionRange::OURS)),
        ("put", Answer::Put(List::new(puts).unwrap())),
        ("found", Answer::Found(List::new(results).unwrap())),
        ("refused", Answer::Refused(Refusal::Full)),
    ]
}

#[test]
fn golden_requests_and_answers_survive() {
    for (name, request) in requests() {
        let bytes = golden::check(&format!("record_request_{name}"), encode(&request).unwrap());
        assert_eq!(decode::<Request>(&bytes).unwrap(), request);
    }
    for (name, answer) in answers() {
        let bytes = golden::check(&format!("record_answer_{name}"), encode(&answer).unwrap());
        assert_eq!(decode::<Answer>(&bytes).unwrap(), answer);
    }
}

#[test]
fn the_most_records_that_are_allowed_fit_a_frame() {
    let record = Blob::new(vec![0; limits::RECORD]).unwrap();
    let put = PutRecord { record, stamp: None };
    let puts = List::new(vec![put; limits::RECORD_PUTS]).unwrap();
    assert!(encode(&Request::Put(puts)).is_ok());
}

#[test]
fn an_answer_in_any_order_is_gathered() {
    let mut reversed = found(1);
    reversed.reverse();
    let gathered = gather(person(1).address(), None, &List::new(reversed).unwrap());
    assert_eq!(gathered.list.unwrap(), person(1).verified());
    assert_eq!((gathered.records.len(), gathered.refused, gathered.fork), (4, vec![], false));
}

#[test]
fn what_does_not_verify_spoils_nothing_else() {
    let mut mixed = found(1);
    mixed.push(found(100)[0].clone());
    mixed.push(Blob::new(vec![1, 2, 3]).unwrap());
    let mut forged = person(1).bundle();
    forged.body.made_ms += 1;
    mixed.push(blob(&Record::KeyBundle(Box::new(forged))));
    let gathered = gather(person(1).address(), None, &List::new(mixed).unwrap());
    assert_eq!(gathered.records.len(), 4);
    assert_eq!(gathered.refused.len(), 3, "{:?}", gathered.refused);
    assert!(gathered.refused.iter().any(|error| matches!(error, RecordError::Account { .. })));
    let kept = gathered.records.values().find_map(|record| match record.body() {
        VerifiedRecordBody::KeyBundle(bundle) => Some(bundle.bundle().clone()),
        _ => None,
    });
    assert_eq!(kept, Some(person(1).bundle()));
}

#[test]
fn a_rolled_back_list_is_passed_over_and_a_fork_is_told() {
    let alice = person(1);
    let known = alice.verified();
    let old = DeviceList { opening: alice.opening(), later: None };
    let old = List::new(vec![blob(&Record::DeviceList(Box::new(old)))]).unwrap();
    let gathered = gather(alice.address(), Some(&known), &old);
    assert_eq!((gathered.list.as_ref(), gathered.records.len()), (Some(&known), 0));
    assert!(!gathered.fork);

    let previous = known.list().latest().previous;
    let other = alice.entry(0, 1, previous, false).sign_later(&alice.primary).unwrap();
    let other = DeviceList { opening: alice.opening(), later: Some(other) };
    let verified = other.clone().verify().unwrap();
    assert_eq!(known.succession(&verified), Ok(Succession::Fork));
    let other = List::new(vec![blob(&Record::DeviceList(Box::new(other)))]).unwrap();
    let gathered = gather(alice.address(), Some(&known), &other);
    assert!(gathered.fork && gathered.records.is_empty());
    assert_eq!(gathered.list, Some(known));
}

#[test]
fn without_any_list_the_list_is_wanted() {
    let without = List::new(found(1)[1..].to_vec()).unwrap();
    let gathered = gather(person(1).address(), None, &without);
    assert_eq!((gathered.records.len(), gathered.refused.len()), (0, 3));
    assert!(gathered.refused.iter().all(|error| Refusal::from(error) == Refusal::ListWanted));
    let error = RecordError::Shape { account: person(1).address(), rule: "" };
    assert_eq!(Refusal::from(&error), Refusal::Invalid);
}

#[test]
fn a_first_record_is_stamped_over_its_account_and_hash() {
    let now = 1_700_000_000_000;
    let record = Record::verify_bytes(&found(1)[0], None).unwrap();
    let stamp = Mint::new(&stamp_subject(&record), now, 8, 0).unwrap().step(100_000).unwrap();
    assert!(stamp.check(&stamp_subject(&record), now, 8).is_ok());
    let other = Record::verify_bytes(&found(100)[0], None).unwrap();
    assert!(stamp.check(&stamp_subject(&other), now, 8).is_err());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = decode::<Request>(&bytes);
        let _ = decode::<Answer>(&bytes);
    }

    #[test]
    fn a_tampered_record_in_an_answer_is_refused(
        which in 0_usize..4, at: prop::sample::Index, bit in 0..8
    ) {
        let mut records = found(1);
        let mut bytes = records[which].to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        records[which] = Blob::new(bytes).unwrap();
        let known = person(1).verified();
        let gathered = gather(person(1).address(), Some(&known), &List::new(records).unwrap());
        prop_assert_eq!((gathered.records.len(), gathered.refused.len()), (3, 1));
    }

    #[test]
    fn tampered_frames_never_panic(which in 0_usize..4, at: prop::sample::Index, bit in 0..8) {
        let mut bytes = encode(&answers()[which].1).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(Answer::Found(results)) = decode::<Answer>(&bytes) {
            for result in results {
                if let Found::Records(records) = result {
                    let _ = gather(person(1).address(), None, &records);
                }
            }
        }
    }
}
