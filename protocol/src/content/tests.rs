use super::*;
use crate::{
    bounded::{Blob, List, Text},
    codec::encode,
    golden,
    group::{EpochKey, EpochSecret},
    ids::{EnvelopeId, GroupId, MegolmSession, MessageId},
    keys::OlmSessionKey,
    limits::{CLOCK_MAX, MESSAGE_BODY, MESSAGE_TEXT_CHARS, NAMED_ENVELOPES},
    record::{OneTimeKey, fixtures::*},
    token::Token,
};
use proptest::prelude::*;

pub(super) fn message() -> Message {
    let (alice, bob) = (person(1), person(50));
    let text = MessageText { text: Text::new("鹊桥相会").unwrap() };
    Message {
        conversation: Conversation::Direct(bob.address()),
        author: alice.address(),
        device: alice.device(),
        lamport: 1_700_000_000_001,
        parents: List::new(vec![MessageId([1; 32]), MessageId([2; 32])]).unwrap(),
        time_ms: 1_700_000_000_000,
        burn_ms: 0,
        kind: Kind(0),
        body: Blob::default(),
    }
    .with_content(&Content::Text(text))
    .unwrap()
}

pub(super) fn verify(message: Message) -> Result<VerifiedMessage, MessageError> {
    message.verify(person(1).address(), person(1).device())
}

fn payloads() -> Vec<(&'static str, Payload)> {
    let alice = person(1);
    let token = Token::from_bytes([7; 16]);
    let request = FriendRequest {
        greeting: Text::new("你好").unwrap(),
        card: alice.card(),
        token: token.clone(),
        asked_ms: 3,
    };
    let ids = |byte| List::new(vec![MessageId([byte; 32])]).unwrap();
    let accepted = FriendAnswer::Accepted { card: Box::new(alice.card()), token };
    let group = GroupId([4; 32]);
    let operations = vec![Blob::new(vec![1, 2]).unwrap()];
    let operations = GroupOperations { group, operations: List::new(operations).unwrap() };
    let secrets = List::new(vec![EpochSecret::from_bytes([0x41; 32])]).unwrap();
    let secrets = GroupSecrets { group, secrets };
    let session = GroupSession { group, key: MegolmKey::new(&[3, 4]).unwrap() };
    let wanted = GroupWanted {
        group,
        epochs: List::new(vec![EpochKey([5; 32])]).unwrap(),
        sessions: List::new(vec![MegolmSession([6; 32])]).unwrap(),
    };
    let unread = List::new(vec![EnvelopeId([3; 32]), EnvelopeId([4; 32])]).unwrap();
    let together = List::new(vec![message(), Message { lamport: 2, ..message() }]).unwrap();
    let one_time = OneTimeKey::sign(OlmSessionKey([8; 32]), &alice.primary);
    vec![
        ("message", Payload::Message(Box::new(message()))),
        (
            "receipt",
            Payload::Receipt(Box::new(DeliveryReceipt { delivered: ids(1), read: ids(2) })),
        ),
        ("friend_request", Payload::FriendRequest(Box::new(request))),
        ("friend_accepted", Payload::FriendAnswer(Box::new(accepted))),
        ("friend_declined", Payload::FriendAnswer(Box::new(FriendAnswer::Declined))),
        ("card", Payload::Card(Box::new(alice.card()))),
        ("one_time_key", Payload::OneTimeKey(Box::new(one_time))),
        ("device_list", Payload::DeviceListNotice(Box::new(alice.list()))),
        ("deleted", Payload::Deleted(Box::new(Deleted { at_ms: 5 }))),
        ("blocked", Payload::Blocked(Box::new(Blocked { on: true, at_ms: 6 }))),
        ("typing", Payload::Typing(Box::new(Typing { on: true }))),
        ("group_operations", Payload::GroupOperations(Box::new(operations))),
        ("group_secrets", Payload::GroupSecrets(Box::new(secrets))),
        ("group_session", Payload::GroupSession(Box::new(session))),
        ("group_wanted", Payload::GroupWanted(Box::new(wanted))),
        ("unread", Payload::Unread(Box::new(UnreadEnvelopes { ids: unread }))),
        ("messages", Payload::Messages(Box::new(Messages { messages: together }))),
    ]
}

#[test]
fn golden_payloads_survive() {
    for (name, payload) in payloads() {
        let bytes = golden::check(&format!("payload_{name}"), payload.to_bytes().unwrap());
        assert_eq!(Payload::from_bytes(&bytes).unwrap(), payload);
    }
}

#[test]
fn golden_message_has_its_id_on_both_sides_and_in_the_store() {
    let sent = verify(message()).unwrap();
    golden::check("message_id", sent.id().0.to_vec());
    let stored = VerifiedMessage::from_store(sent.bytes()).unwrap();
    assert_eq!(stored, sent);
    assert_eq!(sent.order().lamport, message().lamport);
    let (alice, bob) = (person(1).address(), person(50).address());
    assert_eq!(sent.peer_of(alice), Some(bob));
    assert_eq!(sent.peer_of(bob), Some(alice));
    assert_eq!(sent.peer_of(person(90).address()), None);
    let mut group = message();
    group.conversation = Conversation::Group(GroupId([1; 32]));
    assert_eq!(verify(group).unwrap().peer_of(alice), None);
}

#[test]
fn golden_contents_survive() {
    let recall = Content::Recall(Recall { target: MessageId([9; 32]) });
    let system = System { event: SystemEvent::Friends, account: person(1).address() };
    for (name, content) in [("recall", recall), ("system", Content::System(system))] {
        let message = message().with_content(&content).unwrap();
        golden::check(&format!("content_{name}"), message.body.to_vec());
        assert_eq!(verify(message).unwrap().content(), &content);
    }
}

#[test]
fn what_a_newer_magpie_says_is_kept_as_it_came() {
    let mut newer = message();
    newer.kind = Kind(999);
    newer.body = Blob::new(vec![4, 5, 6]).unwrap();
    let unknown = Content::Unknown { kind: Kind(999), body: vec![4, 5, 6] };
    let verified = verify(newer.clone()).unwrap();
    assert_eq!(verified.content(), &unknown);
    assert_eq!(newer.clone().with_content(&unknown).unwrap(), newer);
    assert_eq!(VerifiedMessage::from_store(verified.bytes()).unwrap(), verified);

    let mut second_version = message();
    let mut body = second_version.body.to_vec();
    body[0] = 2;
    second_version.body = Blob::new(body.clone()).unwrap();
    let unknown = Content::Unknown { kind: Kind::TEXT, body };
    assert_eq!(verify(second_version).unwrap().content(), &unknown);

    let payload = Payload::Unknown { number: 77, body: vec![1, 2] };
    assert_eq!(Payload::from_bytes(&payload.to_bytes().unwrap()).unwrap(), payload);
    let newer_typing = Payload::Unknown { number: 10, body: vec![2, 9, 9, 9] };
    assert_eq!(Payload::from_bytes(&newer_typing.to_bytes().unwrap()).unwrap(), newer_typing);
}

#[test]
fn a_known_kind_or_number_with_a_broken_body_is_refused() {
    let mut broken = message();
    broken.body = Blob::new(vec![1, 200]).unwrap();
    assert!(matches!(
        verify(broken),
        Err(MessageError::Content(ContentError::Body { kind: 1, .. }))
    ));
    let broken = Payload::Unknown { number: 10, body: vec![1, 7] }.to_bytes().unwrap();
    assert!(matches!(Payload::from_bytes(&broken), Err(PayloadError::Decode(_))));
}

#[test]
fn nobody_speaks_for_another_person_or_device() {
    let (alice, bob) = (person(1), person(50));
    assert!(matches!(
        message().verify(bob.address(), bob.device()),
        Err(MessageError::Author { .. })
    ));
    assert!(matches!(
        message().verify(alice.address(), device_id(&alice.second)),
        Err(MessageError::Device { .. })
    ));
}

#[test]
fn malformed_parents_clocks_and_texts_are_refused() {
    let refused = |change: &dyn Fn(&mut Message)| {
        let mut message = message();
        change(&mut message);
        verify(message).unwrap_err()
    };
    let parents = |ids: [u8; 2]| List::new(ids.map(|id| MessageId([id; 32])).to_vec()).unwrap();
    assert_eq!(refused(&|m| m.parents = parents([2, 1])), MessageError::Parents);
    assert_eq!(refused(&|m| m.parents = parents([1, 1])), MessageError::Parents);
    assert_eq!(refused(&|m| m.lamport = 0), ClockError::Range(0).into());
    assert_eq!(refused(&|m| m.lamport = CLOCK_MAX + 1), ClockError::Range(CLOCK_MAX + 1).into());
    let empty = encode(&MessageText { text: Text::default() }).unwrap();
    assert_eq!(
        refused(&|m| m.body = Blob::new(empty.clone()).unwrap()),
        ContentError::EmptyText.into()
    );
    let nothing = Content::Text(MessageText { text: Text::default() });
    assert!(message().with_content(&nothing).is_err());
}

#[test]
fn the_longest_text_and_body_fit_an_envelope() {
    let longest = "鹊".repeat(MESSAGE_TEXT_CHARS);
    let text = Content::Text(MessageText { text: Text::new(longest).unwrap() });
    let message = message().with_content(&text).unwrap();
    let payload = Payload::Message(Box::new(message.clone()));
    assert!(payload.to_bytes().is_ok());
    assert!(verify(message).is_ok());
    let body = Content::Unknown { kind: Kind(500), body: vec![0xff; MESSAGE_BODY] };
    let full = super::tests::message().with_content(&body).unwrap();
    assert!(Payload::Message(Box::new(full)).to_bytes().is_ok());
}

#[test]
fn an_unread_notice_names_so_many_envelopes_and_no_more() {
    let ids = vec![EnvelopeId([0xff; 32]); NAMED_ENVELOPES];
    let full = UnreadEnvelopes { ids: List::new(ids).unwrap() };
    let mut body = encode(&full).unwrap();
    let bytes = Payload::Unread(Box::new(full.clone())).to_bytes().unwrap();
    assert_eq!(Payload::from_bytes(&bytes).unwrap(), Payload::Unread(Box::new(full)));
    body[1] += 1;
    body.extend([0xff; 32]);
    let over = Payload::Unknown { number: 15, body }.to_bytes().unwrap();
    assert!(matches!(Payload::from_bytes(&over), Err(PayloadError::Decode(_))));
}

#[test]
fn debug_of_a_payload_shows_no_token() {
    for (name, payload) in payloads() {
        let shown = format!("{payload:?}");
        assert!(!shown.contains("7, 7, 7") && !shown.contains("0707"), "{name}: {shown}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Payload::from_bytes(&bytes);
        let _ = VerifiedMessage::from_store(&bytes);
    }

    #[test]
    fn random_bodies_never_panic(
        number in 0_u16..18, body in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        let bytes = Payload::Unknown { number, body }.to_bytes().unwrap();
        let _ = Payload::from_bytes(&bytes);
    }

    #[test]
    fn a_flipped_bit_is_another_message(at: prop::sample::Index, bit in 0..8) {
        let sent = verify(message()).unwrap();
        let mut bytes = sent.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(other) = VerifiedMessage::from_store(&bytes) {
            prop_assert_ne!(other.id(), sent.id());
        }
    }

    #[test]
    fn tampered_payloads_never_panic(which in 0_usize..12, at: prop::sample::Index, bit in 0..8) {
        let mut bytes = payloads()[which].1.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let _ = Payload::from_bytes(&bytes);
    }
}

#[test]
fn debug_of_a_session_key_or_an_epoch_secret_shows_nothing() {
    let key = MegolmKey::new(b"the key").unwrap();
    assert_eq!(format!("{key:?}"), "MegolmKey(..)");
    let secret = EpochSecret::from_bytes([0x41; 32]);
    assert_eq!(format!("{secret:?}"), "EpochSecret(..)");
}
