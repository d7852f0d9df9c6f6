use super::*;
use crate::{
    address::NodeId,
    bounded::Blob,
    golden,
    ids::EntryHash,
    keys::{OlmSessionKey, SealKey},
    limits,
    record::{DeviceList, ListVersion, OneTimeKey, RecordError, fixtures::*},
};
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use x25519_dalek::{PublicKey, StaticSecret};

const EXPIRY: u64 = 1_702_592_000_000;
const MAILBOX: NodeId = NodeId([9; 32]);

fn secret() -> StaticSecret {
    StaticSecret::from([0x42; 32])
}

fn key() -> SealKey {
    SealKey(PublicKey::from(&secret()).to_bytes())
}

fn letter(intro: bool, body: usize) -> Letter {
    let alice = person(1);
    let intro = intro.then(|| {
        Box::new(Intro {
            list: alice.list(),
            bundle: alice.bundle(),
            one_time_key: OneTimeKey::sign(OlmSessionKey([0x51; 32]), &alice.primary),
        })
    });
    Letter {
        account: alice.address(),
        device: alice.device(),
        entry: alice.verified().entry_hash(),
        list: ListVersion { term: 0, version: 1 },
        intro,
        olm: OlmMessage { kind: OlmKind::PreKey, body: Blob::new(vec![0x61; body]).unwrap() },
    }
}

fn sealed(letter: &Letter) -> Sealed {
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    seal(&mut rng, &key(), MAILBOX, EXPIRY, letter).unwrap()
}

#[test]
fn golden_envelopes_open() {
    for (name, letter) in [("intro", letter(true, 200)), ("plain", letter(false, 100))] {
        let sealed = sealed(&letter);
        golden::check(&format!("envelope_{name}"), sealed.bytes.clone());
        golden::check(&format!("envelope_{name}_id"), sealed.id.0.to_vec());
        let envelope = Envelope::parse(&sealed.bytes).unwrap();
        assert_eq!(envelope.id(), sealed.id);
        assert_eq!((envelope.header().mailbox, envelope.header().expiry_ms), (MAILBOX, EXPIRY));
        assert_eq!(envelope.open(&secret()).unwrap(), letter);
    }
}

#[test]
fn every_envelope_of_a_bucket_is_as_long_as_any_other() {
    let of = |body| {
        let bytes = sealed(&letter(false, body)).bytes;
        (Envelope::parse(&bytes).unwrap().header().bucket, bytes.len())
    };
    assert_eq!(of(0).0, Bucket::K1);
    assert_eq!(of(0), of(800));
    assert_eq!(of(1_100).0, Bucket::K4);
    assert_eq!(of(1_100), of(3_900));
    assert_eq!(of(10_000).0, Bucket::K16);
    assert_eq!(of(limits::OLM_MESSAGE).0, Bucket::K64);
    assert!(of(limits::OLM_MESSAGE).1 <= limits::ENVELOPE);
}

#[test]
fn an_intro_beside_a_full_message_is_refused_with_its_size() {
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let error = seal(&mut rng, &key(), MAILBOX, EXPIRY, &letter(true, limits::OLM_MESSAGE));
    assert!(matches!(error, Err(EnvelopeError::Encode(_))));
}

#[test]
fn a_generator_behind_a_reference_seals_the_same() {
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let any: &mut dyn rand_core::CryptoRng = &mut rng;
    let again = seal(any, &key(), MAILBOX, EXPIRY, &letter(false, 9)).unwrap();
    assert_eq!(again, sealed(&letter(false, 9)));
}

#[test]
fn another_key_or_an_invalid_one_does_not_open_or_seal() {
    let envelope = Envelope::parse(&sealed(&letter(false, 9)).bytes).unwrap();
    let other = StaticSecret::from([0x43; 32]);
    assert_eq!(envelope.open(&other).unwrap_err(), EnvelopeError::Sealed);
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    let zero = seal(&mut rng, &SealKey([0; 32]), MAILBOX, EXPIRY, &letter(false, 9));
    assert_eq!(zero.unwrap_err(), EnvelopeError::SealKey);
}

#[test]
fn a_first_letter_brings_all_that_is_needed() {
    let verified = letter(true, 9).verify(None).unwrap();
    assert_eq!(verified.list, person(1).verified());
    assert_eq!(verified.bundle.unwrap().bundle(), &person(1).bundle());
    assert_eq!(verified.one_time_key, Some(OlmSessionKey([0x51; 32])));
    let verified = letter(false, 9).verify(Some(&person(1).verified())).unwrap();
    assert!(verified.bundle.is_none() && verified.one_time_key.is_none());
    assert!(matches!(letter(false, 9).verify(None), Err(LetterError::NoList(_))));
}

#[test]
fn a_newer_list_in_the_letter_counts_and_an_older_one_does_not() {
    let alice = person(1);
    let old = DeviceList { opening: alice.opening(), later: None };
    let known = old.clone().verify().unwrap();
    assert_eq!(letter(true, 9).verify(Some(&known)).unwrap().list, alice.verified());
    let too_old = letter(false, 9).verify(Some(&known));
    assert!(matches!(too_old, Err(LetterError::Record(RecordError::ListTooOld { .. }))));

    // The sender has not heard of the newer list yet, but still stands in it.
    let mut late = letter(false, 9);
    late.list = known.at();
    late.entry = known.entry_hash();
    assert_eq!(late.verify(Some(&alice.verified())).unwrap().list, alice.verified());

    // A removed device brings the old list in which it still stood.
    let previous = Some(alice.verified().entry_hash());
    let entry = alice.entry(0, 2, previous, false).sign_later(&alice.primary).unwrap();
    let without = DeviceList { opening: alice.opening(), later: Some(entry) }.verify().unwrap();
    let mut removed = letter(true, 9);
    removed.device = device_id(&alice.second);
    let error = removed.verify(Some(&without)).unwrap_err();
    assert!(matches!(error, LetterError::Record(RecordError::NotListed { .. })));
}

#[test]
fn forks_strangers_and_borrowed_intros_are_refused() {
    let (alice, eve) = (person(1), person(100));
    let mut fork = letter(false, 9);
    fork.entry = EntryHash([3; 32]);
    let error = fork.verify(Some(&alice.verified())).unwrap_err();
    assert!(matches!(error, LetterError::Fork { .. }));

    // Eve's letter with Alice's public intro.
    let mut borrowed = letter(true, 9);
    borrowed.account = eve.address();
    borrowed.device = eve.device();
    assert!(borrowed.clone().verify(None).is_err());
    assert!(borrowed.verify(Some(&eve.verified())).is_err());

    // Another device's bundle, and a one-time key that another device signed.
    let mut other = letter(true, 9);
    other.device = device_id(&alice.second);
    assert!(other.verify(None).is_err());
    let mut swapped = letter(true, 9);
    swapped.intro.as_mut().unwrap().one_time_key =
        OneTimeKey::sign(OlmSessionKey([0x51; 32]), &alice.second);
    let error = swapped.verify(None).unwrap_err();
    assert!(matches!(error, LetterError::Record(RecordError::Signature { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn random_bytes_are_no_envelope(bytes in proptest::collection::vec(any::<u8>(), 0..1_300)) {
        prop_assert!(Envelope::parse(&bytes).is_err());
    }

    #[test]
    fn a_flipped_bit_anywhere_keeps_it_closed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = sealed(&letter(false, 100)).bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(Envelope::parse(&bytes).and_then(|e| e.open(&secret())).is_err());
    }

    #[test]
    fn random_letters_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(letter) = crate::codec::decode::<Letter>(&bytes) {
            prop_assert!(letter.verify(None).is_err());
        }
    }

    #[test]
    fn a_letter_with_a_flipped_bit_never_panics(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = crate::codec::encode(&letter(true, 9)).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(letter) = crate::codec::decode::<Letter>(&bytes) {
            let _ = letter.verify(Some(&person(1).verified()));
        }
    }
}
