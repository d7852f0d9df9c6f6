use super::{fixtures::*, *};
use crate::{
    bounded::{List, Text},
    codec::{decode, encode},
    golden,
    ids::EntryHash,
    keys::OlmSessionKey,
    limits,
    sign::Signature,
};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

fn rule(error: RecordError) -> &'static str {
    match error {
        RecordError::Shape { rule, .. } => rule,
        other => panic!("{other}"),
    }
}

#[test]
fn golden_records_verify_and_fit() {
    let alice = person(1);
    let list = alice.verified();
    for (name, record) in alice.records() {
        let bytes = golden::check(&format!("record_{name}"), encode(&record).unwrap());
        assert!(bytes.len() <= limits::RECORD);
        let verified = Record::verify_bytes(&bytes, Some(&list)).unwrap();
        assert_eq!((verified.key(), verified.key().account), (record.key(), alice.address()));
    }
    golden::check("device_list_hash", list.entry_hash().0.to_vec());
}

#[test]
fn a_full_device_list_is_a_record() {
    let alice = person(1);
    let keys: Vec<_> = (0..32_u8).map(|i| SigningKey::from_bytes(&[0x80 + i; 32])).collect();
    let mut devices: Vec<_> = keys
        .iter()
        .map(|key| Device { device: device_id(key), node: node_id(key), added_ms: u64::MAX })
        .collect();
    devices.sort_by_key(|device| device.device);
    let mut entry = alice.entry(limits::DEVICE_LIST_TERM_MAX, 0, Some(EntryHash([1; 32])), false);
    entry.primary = device_id(&keys[0]);
    entry.devices = List::new(devices).unwrap();
    let mut later = entry.clone();
    later.at.version = u32::MAX;
    let list = DeviceList {
        opening: entry.sign_opening(&alice.account).unwrap(),
        later: Some(later.sign_later(&keys[0]).unwrap()),
    };
    let bytes = encode(&Record::DeviceList(Box::new(list))).unwrap();
    assert!(Record::verify_bytes(&bytes, None).is_ok());
}

#[test]
fn a_list_finds_its_devices_and_nodes() {
    let alice = person(1);
    let list = alice.verified();
    assert_eq!((list.account(), list.primary()), (alice.address(), alice.device()));
    assert_eq!(list.at(), ListVersion { term: 0, version: 1 });
    assert_eq!(list.devices().len(), 2);
    assert_eq!(list.device_at(node_id(&alice.nodes[1])).unwrap().device, device_id(&alice.second));
    assert!(list.device(device_id(&person(50).primary)).is_none());
    assert_eq!(list.entry_hash(), list.list().latest().hash().unwrap());
}

#[test]
fn only_the_account_opens_and_only_the_primary_continues() {
    let alice = person(1);
    let mut list = alice.list();
    list.opening = alice.entry(0, 0, None, false).sign_opening(&alice.primary).unwrap();
    assert!(matches!(list.verify(), Err(RecordError::Signature { part: "device list", .. })));

    for signer in [&alice.second, &alice.account, &person(9).primary] {
        let mut list = alice.list();
        let entry = list.later.unwrap().entry;
        list.later = Some(entry.sign_later(signer).unwrap());
        assert!(matches!(list.verify(), Err(RecordError::Signature { .. })));
    }

    // An opening's signature is none under a later entry, and the other way round.
    let mut list = alice.list();
    let entry = list.later.unwrap().entry;
    list.later = Some(entry.sign_opening(&alice.primary).unwrap());
    assert!(matches!(list.verify(), Err(RecordError::Signature { .. })));
}

#[test]
fn entries_that_do_not_belong_together_are_refused() {
    let alice = person(1);
    let previous = Some(alice.opening().entry.hash().unwrap());
    let refused = |change: &dyn Fn(&mut Entry)| {
        let mut entry = alice.entry(0, 1, previous, true);
        change(&mut entry);
        let later = Some(entry.sign_later(&alice.primary).unwrap());
        DeviceList { opening: alice.opening(), later }.verify().unwrap_err()
    };
    assert_eq!(rule(refused(&|e| e.previous = None)), "a later entry names the one before");
    let wrong = Some(EntryHash([9; 32]));
    assert_eq!(rule(refused(&|e| e.previous = wrong)), "version 1 follows the opening");
    assert_eq!(
        rule(refused(&|e| e.at.term = 1)),
        "the latest entry is a later version of the same term"
    );
    assert_eq!(
        rule(refused(&|e| e.at.version = 0)),
        "the latest entry is a later version of the same term"
    );
    assert_eq!(
        rule(refused(&|e| e.primary = device_id(&alice.second))),
        "a term keeps its primary"
    );
    assert!(matches!(refused(&|e| e.account = person(9).address()), RecordError::Account { .. }));
    let order = |e: &mut Entry| {
        let mut devices = e.devices.to_vec();
        devices.reverse();
        e.devices = List::new(devices).unwrap();
    };
    assert_eq!(rule(refused(&order)), "devices ascend and differ");
    let twice = |e: &mut Entry| {
        let mut devices = e.devices.to_vec();
        devices[1].node = devices[0].node;
        e.devices = List::new(devices).unwrap();
    };
    assert_eq!(rule(refused(&twice)), "two devices share a node");
    let without = |e: &mut Entry| {
        let keep = e.devices.iter().filter(|d| d.device != alice.device()).cloned().collect();
        e.devices = List::new(keep).unwrap();
    };
    assert_eq!(rule(refused(&without)), "the primary is among the devices");

    let opened_late = DeviceList {
        opening: alice.entry(0, 1, None, false).sign_opening(&alice.account).unwrap(),
        later: None,
    };
    assert_eq!(rule(opened_late.verify().unwrap_err()), "a term opens with version 0");
    let past = DeviceList {
        opening: alice.entry(1 << 31, 0, None, false).sign_opening(&alice.account).unwrap(),
        later: None,
    };
    assert_eq!(rule(past.verify().unwrap_err()), "its term is past the last one");
}

#[test]
fn newer_lists_follow_and_two_of_one_place_are_a_fork() {
    let alice = person(1);
    let v0 = DeviceList { opening: alice.opening(), later: None }.verify().unwrap();
    let v1 = alice.verified();
    let make = |version, previous, both| {
        let entry = alice.entry(0, version, Some(previous), both);
        let later = Some(entry.sign_later(&alice.primary).unwrap());
        DeviceList { opening: alice.opening(), later }.verify().unwrap()
    };
    let other_v1 = make(1, v0.entry_hash(), false);
    let v2 = make(2, v1.entry_hash(), false);
    let v2_after_other = make(2, other_v1.entry_hash(), false);
    let v3 = make(3, v2.entry_hash(), true);
    let entry = alice.entry(1, 0, Some(v1.entry_hash()), true);
    let opening = entry.sign_opening(&alice.account).unwrap();
    let term1 = DeviceList { opening, later: None }.verify().unwrap();
    let entry = alice.entry(1, 0, None, false);
    let opening = entry.sign_opening(&alice.account).unwrap();
    let other_term1 = DeviceList { opening, later: None }.verify().unwrap();

    let is = |a: &VerifiedDeviceList, b: &VerifiedDeviceList| a.succession(b).unwrap();
    assert_eq!(is(&v0, &v0), Succession::Same);
    assert_eq!(is(&v0, &v1), Succession::Newer);
    assert_eq!(is(&v1, &v0), Succession::Older);
    assert_eq!(is(&v1, &other_v1), Succession::Fork);
    assert_eq!(is(&v1, &v2), Succession::Newer);
    assert_eq!(is(&v1, &v2_after_other), Succession::Fork);
    assert_eq!(is(&v2_after_other, &v1), Succession::Fork);
    assert_eq!(is(&v1, &v3), Succession::Newer);
    assert_eq!(is(&v3, &term1), Succession::Newer);
    assert_eq!(is(&term1, &v3), Succession::Older);
    assert_eq!(is(&term1, &other_term1), Succession::Fork);
    assert!(v0.succession(&person(60).verified()).is_err());
}

#[test]
fn records_of_devices_outside_the_list_are_refused() {
    let (alice, eve) = (person(1), person(100));
    let list = alice.verified();
    let mut body = alice.bundle_body();
    body.device = eve.device();
    assert!(matches!(
        body.sign(&eve.primary).unwrap().verify(&list),
        Err(RecordError::NotListed { .. })
    ));
    // Right device named, wrong key signed.
    assert!(matches!(
        alice.bundle_body().sign(&eve.primary).unwrap().verify(&list),
        Err(RecordError::Signature { .. })
    ));
    assert!(matches!(eve.bundle().verify(&list), Err(RecordError::Account { .. })));
    assert!(matches!(eve.addresses().verify(&list), Err(RecordError::Account { .. })));
    let mut body = alice.addresses_body();
    body.node = node_id(&eve.nodes[0]);
    assert!(matches!(
        body.sign(&eve.nodes[0]).unwrap().verify(&list),
        Err(RecordError::NodeNotListed { .. })
    ));
    let mut body = alice.addresses_body();
    body.addresses = List::new(vec![Text::new("/ip4/1.2.3.4/\u{202e}tcp/1").unwrap()]).unwrap();
    assert_eq!(
        rule(body.sign(&alice.nodes[1]).unwrap().verify(&list).unwrap_err()),
        "a multiaddr is printable ASCII"
    );
}

#[test]
fn a_record_that_names_a_newer_list_asks_for_it() {
    let alice = person(1);
    let old = DeviceList { opening: alice.opening(), later: None }.verify().unwrap();
    assert!(matches!(alice.bundle().verify(&old), Err(RecordError::ListTooOld { .. })));
    assert!(matches!(alice.profile().verify(&old), Err(RecordError::ListTooOld { .. })));
    let bundle = Record::KeyBundle(Box::new(alice.bundle()));
    assert!(matches!(bundle.verify(None), Err(RecordError::NoList { .. })));
}

#[test]
fn a_card_counts_only_with_the_account_keys_signature_in_the_lists_term() {
    let (alice, eve) = (person(1), person(100));
    let list = alice.verified();
    let verified = alice.card().verify(&list).unwrap();
    assert_eq!(verified.keys().wallet, alice.address());
    // Another wallet, signed by a device: the money would go elsewhere.
    let mut body = alice.profile_body();
    let mut keys = alice.card().keys.keys;
    keys.wallet = eve.address();
    body.card.as_mut().unwrap().keys = keys.sign(&alice.second).unwrap();
    assert!(matches!(
        body.sign(&alice.second).unwrap().verify(&list),
        Err(RecordError::Signature { part: "key part", .. })
    ));
    let mut card = alice.card();
    card.keys.keys.term = 1;
    card.keys = card.keys.keys.sign(&alice.account).unwrap();
    assert!(matches!(card.verify(&list), Err(RecordError::KeyTerm { term: 0, found: 1, .. })));
    assert!(matches!(eve.card().verify(&list), Err(RecordError::Account { .. })));

    let mut hidden = alice.profile_body();
    hidden.card = None;
    assert!(hidden.sign(&alice.second).unwrap().verify(&list).unwrap().card().is_none());
}

#[test]
fn a_one_time_key_is_its_devices() {
    let alice = person(1);
    let key = OneTimeKey::sign(OlmSessionKey([4; 32]), &alice.primary);
    assert_eq!(key.verify(alice.address(), alice.device()), Ok(OlmSessionKey([4; 32])));
    assert!(key.verify(alice.address(), device_id(&alice.second)).is_err());
}

#[test]
fn the_newer_list_wins_before_the_counter_and_ties_are_broken() {
    let alice = person(1);
    let list = alice.verified();
    let order = |change: &dyn Fn(&mut ProfileBody)| {
        let mut body = alice.profile_body();
        change(&mut body);
        let record = Record::Profile(Box::new(body.sign(&alice.second).unwrap()));
        record.verify(Some(&list)).unwrap()
    };
    let now = order(&|_| ());
    let older_list = order(&|body| {
        body.list.version = 0;
        body.counter = u64::MAX;
    });
    assert!(now.replaces(&older_list.order()) && !older_list.replaces(&now.order()));
    assert!(order(&|body| body.counter += 1).replaces(&now.order()));
    let twin = order(&|body| body.card = None);
    assert!(now.replaces(&twin.order()) != twin.replaces(&now.order()));
    assert!(!now.replaces(&now.order()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_bytes_are_no_record(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Record::verify_bytes(&bytes, Some(&person(1).verified())).is_err());
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed(which in 0_usize..4, at: prop::sample::Index, bit in 0..8) {
        let alice = person(1);
        let mut bytes = encode(&alice.records()[which].1).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Record::verify_bytes(&bytes, Some(&alice.verified())).is_err());
    }

    #[test]
    fn truncated_records_are_refused(which in 0_usize..4, at: prop::sample::Index) {
        let bytes = encode(&person(1).records()[which].1).unwrap();
        prop_assert!(decode::<Record>(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn any_signature_but_the_right_one_is_refused(first: [u8; 32], second: [u8; 32]) {
        let alice = person(1);
        let mut bundle = alice.bundle();
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&first);
        bytes[32..].copy_from_slice(&second);
        bundle.signature = Signature(bytes);
        prop_assert!(bundle.verify(&alice.verified()).is_err());
    }
}
