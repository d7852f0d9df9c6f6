use super::*;
use crate::{
    address::NodeId,
    bounded::{Blob, List},
    codec::{decode, encode},
    envelope::{Envelope, Letter, OlmKind, OlmMessage, seal},
    golden,
    group::EpochSecret,
    ids::{EntryHash, EnvelopeId, TokenHash},
    keys::SealKey,
    limits::{self, DAY_MS},
    receipt,
    record::{ListVersion, fixtures::*},
    stamp::{Mint, Stamp, Subject},
    token::{Quota, Token},
    version::VersionRange,
};
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use x25519_dalek::{PublicKey, StaticSecret};

const NOW: u64 = 1_700_000_000_000;
const KEPT: u64 = 30 * DAY_MS;
const MAILBOX: NodeId = NodeId([9; 32]);

fn envelope(expiry_ms: u64, body: usize) -> Vec<u8> {
    let alice = person(1);
    let letter = Letter {
        account: alice.address(),
        device: alice.device(),
        entry: EntryHash([1; 32]),
        list: ListVersion { term: 0, version: 0 },
        intro: None,
        olm: OlmMessage { kind: OlmKind::Normal, body: Blob::new(vec![0; body]).unwrap() },
    };
    let to = SealKey(PublicKey::from(&StaticSecret::from([3; 32])).to_bytes());
    seal(&mut ChaCha20Rng::from_seed([4; 32]), &to, MAILBOX, expiry_ms, &letter).unwrap().bytes
}

fn put(auth: Auth, envelope: Vec<u8>) -> Put {
    let envelope = Blob::new(envelope).unwrap();
    Put { account: person(50).address(), mailbox: MAILBOX, auth, envelope }
}

fn token() -> Auth {
    Auth::Token(Token::from_bytes([6; 16]))
}

fn stamp(envelope: &[u8], effort: u8) -> Stamp {
    let envelope = Envelope::parse(envelope).unwrap().id();
    let subject = Subject::Envelope { mailbox: MAILBOX, envelope };
    Mint::new(&subject, NOW, effort, 0).unwrap().step(1_000_000).unwrap()
}

fn fetch_frames(now_ms: u64) -> FetchFrames {
    let keys = EpochSecret::from_bytes([0x41; 32]).keys();
    FetchFrames::sign(&keys, MAILBOX, 7, 100, now_ms).unwrap()
}

fn requests() -> Vec<(&'static str, Request)> {
    let account = person(50).address();
    let bytes = envelope(NOW + KEPT, 10);
    let work = Auth::Stamp(stamp(&bytes, 8));
    let puts = vec![put(token(), bytes.clone()), put(work, bytes)];
    let grant = Grant { hash: TokenHash([2; 32]), quota: Quota::default() };
    let tokens = Tokens {
        account,
        set: List::new(vec![grant]).unwrap(),
        withdraw: List::new(vec![TokenHash([3; 32])]).unwrap(),
    };
    let ids = List::new(vec![EnvelopeId([4; 32])]).unwrap();
    let put_frame = PutFrame { frame: Blob::new(vec![7; 9]).unwrap(), sender: [8; 32] };
    vec![
        ("hello", Request::Hello(VersionRange::OURS)),
        ("put", Request::Put(List::new(puts).unwrap())),
        ("fetch", Request::Fetch(Fetch { account, after: 7, limit: 100 })),
        ("ack", Request::Ack(Ack { account, held: true, ids })),
        ("tokens", Request::Tokens(tokens)),
        ("notice", Request::Notice { waiting: 3 }),
        ("put_frames", Request::PutFrames(List::new(vec![put_frame]).unwrap())),
        ("fetch_frames", Request::FetchFrames(fetch_frames(NOW))),
    ]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let refusals = [
        Refusal::UnknownToken,
        Refusal::OverQuota,
        Refusal::StampWanted { effort: 22 },
        Refusal::TooLarge,
        Refusal::Expiry,
        Refusal::Full,
        Refusal::NotHere,
        Refusal::UnknownDevice,
        Refusal::Malformed,
        Refusal::Wait { seconds: 30 },
    ];
    let stored = PutAnswer::Stored(Box::new(receipt::tests::receipt()));
    let puts = [stored].into_iter().chain(refusals.map(PutAnswer::Refused)).collect();
    let envelopes = List::new(vec![Blob::new(envelope(NOW + KEPT, 10)).unwrap()]).unwrap();
    let frames = List::new(vec![Blob::new(vec![7; 9]).unwrap()]).unwrap();
    let frames = Frames { frames, next: 9, more: true };
    vec![
        ("hello", Answer::Hello(VersionRange::OURS)),
        ("put", Answer::Put(List::new(puts).unwrap())),
        ("fetched", Answer::Fetched(Fetched { envelopes, next: 9, more: true })),
        ("done", Answer::Done),
        ("refused", Answer::Refused(Refusal::NotHere)),
        ("frames", Answer::Frames(frames)),
    ]
}

#[test]
fn golden_requests_and_answers_survive() {
    for (name, request) in requests() {
        let bytes = golden::check(&format!("mail_request_{name}"), encode(&request).unwrap());
        assert_eq!(decode::<Request>(&bytes).unwrap(), request);
    }
    for (name, answer) in answers() {
        let bytes = golden::check(&format!("mail_answer_{name}"), encode(&answer).unwrap());
        assert_eq!(decode::<Answer>(&bytes).unwrap(), answer);
    }
}

#[test]
fn a_token_or_enough_work_lets_in() {
    let bytes = envelope(NOW + KEPT, 10);
    let verified = put(token(), bytes.clone()).verify(NOW, KEPT, 8).unwrap();
    assert_eq!(verified.auth, VerifiedAuth::Token(Token::from_bytes([6; 16]).hash()));
    assert_eq!(
        (verified.id, verified.header.mailbox),
        (Envelope::parse(&bytes).unwrap().id(), MAILBOX)
    );
    assert_eq!(verified.bytes, bytes);
    let work = Auth::Stamp(stamp(&bytes, 8));
    let verified = put(work.clone(), bytes.clone()).verify(NOW, KEPT, 8).unwrap();
    assert_eq!(verified.auth, VerifiedAuth::Stranger);
    let refused = put(work, bytes).verify(NOW, KEPT, 9).unwrap_err();
    assert_eq!(refused.refusal(), Refusal::StampWanted { effort: 9 });
}

#[test]
fn a_put_that_breaks_a_rule_is_told_which() {
    let refusal = |put: Put| put.verify(NOW, KEPT, 0).unwrap_err().refusal();
    assert_eq!(refusal(put(token(), vec![1, 2, 3])), Refusal::Malformed);
    let other = Put { mailbox: NodeId([8; 32]), ..put(token(), envelope(NOW + KEPT, 10)) };
    assert_eq!(refusal(other), Refusal::Malformed);
    assert_eq!(refusal(put(token(), envelope(NOW, 10))), Refusal::Expiry);
    let long = NOW + KEPT + limits::CLOCK_AHEAD_MS;
    assert!(put(token(), envelope(long, 10)).verify(NOW, KEPT, 0).is_ok());
    assert_eq!(refusal(put(token(), envelope(long + 1, 10))), Refusal::Expiry);
    assert_eq!(refusal(put(token(), envelope(u64::MAX, 10))), Refusal::Expiry);

    let large = envelope(NOW + KEPT, 5_000);
    let work = Auth::Stamp(stamp(&large, 0));
    assert_eq!(refusal(put(work, large.clone())), Refusal::TooLarge);
    assert!(put(token(), large).verify(NOW, KEPT, 0).is_ok());
}

#[test]
fn a_fetch_of_frames_is_good_for_one_node_and_a_while() {
    let fetch = fetch_frames(NOW);
    assert!(fetch.verify(MAILBOX, NOW + limits::FETCH_SLACK_MS).is_ok());
    assert!(fetch.verify(MAILBOX, NOW - limits::FETCH_SLACK_MS).is_ok());
    assert!(fetch.verify(MAILBOX, NOW + limits::FETCH_SLACK_MS + 1).is_err());
    assert!(fetch.verify(NodeId([1; 32]), NOW).is_err());
    let mut other = fetch;
    other.epoch = EpochSecret::from_bytes([0x42; 32]).keys().key();
    assert!(other.verify(MAILBOX, NOW).is_err());
}

#[test]
fn a_full_request_of_small_mail_and_a_few_large_ones_fit_a_frame() {
    let small = vec![put(token(), envelope(NOW + KEPT, 10)); limits::MAIL_ENVELOPES];
    assert!(encode(&Request::Put(List::new(small).unwrap())).is_ok());
    let large = envelope(NOW + KEPT, limits::OLM_MESSAGE);
    let many = vec![put(token(), large.clone()); 15];
    assert!(encode(&Request::Put(List::new(many).unwrap())).is_ok());
    let too_many = vec![put(token(), large); 17];
    assert!(encode(&Request::Put(List::new(too_many).unwrap())).is_err());
}

#[test]
fn debug_of_a_put_shows_no_token() {
    let shown = format!("{:?}", requests());
    assert!(shown.contains("Token(..)") && !shown.contains("6, 6, 6"), "{shown}");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = decode::<Answer>(&bytes);
        if let Ok(Request::Put(puts)) = decode::<Request>(&bytes) {
            for put in puts {
                prop_assert!(put.verify(NOW, KEPT, 8).is_err());
            }
        }
    }

    #[test]
    fn tampered_requests_never_panic(which in 0_usize..8, at: prop::sample::Index, bit in 0..8) {
        let mut bytes = encode(&requests()[which].1).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(Request::Put(puts)) = decode::<Request>(&bytes) {
            for put in puts {
                let _ = put.verify(NOW, KEPT, 8);
            }
        }
    }

    #[test]
    fn tampered_answers_never_panic(which in 0_usize..6, at: prop::sample::Index, bit in 0..8) {
        let mut bytes = encode(&answers()[which].1).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let _ = decode::<Answer>(&bytes);
    }
}
