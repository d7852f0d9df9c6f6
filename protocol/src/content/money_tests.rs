//! Cards and notices of money: their bytes, and what is refused.

use super::{
    tests::{message, verify},
    *,
};
use crate::{
    bounded::{Blob, List, Text},
    codec::{Format, decode, encode},
    golden,
    group::OperationId,
    ids::MessageId,
    ledger::{Amount, EntryId, PacketKind},
    limits::{
        MONEY_REMARK_CHARS, NICKNAME_CHARS, OPERATION_PARENTS, PACKET_SHARES, WORD_LANES,
        WORD_MEMORY_KIB, WORD_PASSES,
    },
    network::KdfFloor,
    record::fixtures::person,
};
use proptest::prelude::*;

fn members() -> PacketCard {
    PacketCard {
        packet: EntryId([0x11; 32]),
        kind: PacketKind::Fortune,
        amount: Amount(900_000_000),
        count: 3,
        from: person(1).address(),
        expires_ms: 1_700_086_400_000,
        remark: Text::new("恭喜发财").unwrap(),
        cover: 1,
        nickname: Text::new("alice").unwrap(),
        audience: Audience::Members {
            heads: List::new(vec![OperationId([0x22; 32]), OperationId([0x23; 32])]).unwrap(),
        },
        word: None,
    }
}

fn one() -> PacketCard {
    let audience = Audience::One(person(50).address());
    PacketCard { kind: PacketKind::Exclusive, count: 1, cover: 2, audience, ..members() }
}

fn lock() -> WordLock {
    WordLock { salt: [0x33; 16], cost: KdfFloor { memory_kib: 65_536, passes: 3, lanes: 1 } }
}

fn word() -> PacketCard {
    PacketCard { kind: PacketKind::PasswordFortune, word: Some(lock()), ..members() }
}

fn packet(card: PacketCard) -> Content {
    Content::RedPacket(PacketMessage::Card(Box::new(card)))
}

fn transfer() -> TransferCard {
    TransferCard {
        transfer: EntryId([0x44; 32]),
        amount: Amount::COIN,
        from: person(1).address(),
        to: person(50).address(),
        expires_ms: 1_700_086_400_000,
        remark: Text::new("lunch").unwrap(),
        nickname: Text::new("bob").unwrap(),
    }
}

fn contents() -> Vec<(&'static str, Content)> {
    let card = MessageId([0x55; 32]);
    let taken = PacketNotice { packet: members().packet, card };
    let decided = TransferNotice { transfer: transfer().transfer, card, accepted: true };
    vec![
        ("packet_members", packet(members())),
        ("packet_one", packet(one())),
        ("packet_word", packet(word())),
        ("packet_notice", Content::RedPacket(PacketMessage::Notice(taken))),
        ("transfer", Content::Transfer(TransferMessage::Card(Box::new(transfer())))),
        ("transfer_notice", Content::Transfer(TransferMessage::Notice(decided))),
    ]
}

#[test]
fn golden_cards_and_notices_survive() {
    for (name, content) in contents() {
        let message = message().with_content(&content).unwrap();
        golden::check(&format!("content_{name}"), message.body.to_vec());
        let number = if name.starts_with("packet") { 17 } else { 18 };
        assert_eq!(message.kind, Kind(number), "{name}");
        assert_eq!(verify(message).unwrap().content(), &content);
    }
}

#[test]
fn a_card_and_its_notice_are_about_the_same() {
    for (name, content) in contents() {
        match content {
            Content::RedPacket(about) => assert_eq!(about.packet(), members().packet, "{name}"),
            Content::Transfer(about) => assert_eq!(about.transfer(), transfer().transfer, "{name}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Why a card is refused, by who writes it and by who reads it.
fn refused(card: PacketCard) -> MoneyError {
    let body = encode(&PacketMessage::Card(Box::new(card.clone()))).unwrap();
    let written = Message { kind: Kind::RED_PACKET, body: Blob::new(body).unwrap(), ..message() };
    let Err(MessageError::Content(ContentError::Money(read))) = verify(written) else {
        panic!("refused by who reads it")
    };
    let said = message().with_content(&packet(card)).unwrap_err();
    assert_eq!(said, MessageError::Content(ContentError::Money(read)));
    read
}

#[test]
fn a_card_that_nobody_can_act_on_is_refused() {
    let amount = members().amount;
    let shares = |count, amount| refused(PacketCard { count, amount, ..members() });
    assert_eq!(shares(0, amount), MoneyError::Shares { amount, count: 0 });
    let count = PACKET_SHARES + 1;
    assert_eq!(shares(count, amount), MoneyError::Shares { amount, count });
    assert_eq!(shares(3, Amount(2)), MoneyError::Shares { amount: Amount(2), count: 3 });
    let nobody = Audience::Members { heads: List::default() };
    assert_eq!(refused(PacketCard { audience: nobody, ..members() }), MoneyError::Audience);
    let many = PacketCard { kind: PacketKind::Exclusive, ..members() };
    assert_eq!(refused(many), MoneyError::Audience);
    assert_eq!(refused(PacketCard { word: None, ..word() }), MoneyError::Word);
    assert_eq!(refused(PacketCard { word: Some(lock()), ..members() }), MoneyError::Word);
    let nothing = TransferCard { amount: Amount::ZERO, ..transfer() };
    let nothing = Content::Transfer(TransferMessage::Card(Box::new(nothing)));
    assert!(message().with_content(&nothing).is_err());
}

#[test]
fn the_word_of_a_card_costs_something_and_not_too_much() {
    let costs = |memory_kib, passes, lanes| {
        let cost = KdfFloor { memory_kib, passes, lanes };
        WordLock { cost, ..lock() }.check().is_ok()
    };
    assert!(costs(WORD_MEMORY_KIB, WORD_PASSES, WORD_LANES) && costs(8, 1, 1));
    for (memory_kib, passes, lanes) in [
        (WORD_MEMORY_KIB + 1, 1, 1),
        (u32::MAX, u32::MAX, u32::MAX),
        (65_536, WORD_PASSES + 1, 1),
        (65_536, 3, WORD_LANES + 1),
        (65_536, 0, 1),
        (65_536, 3, 0),
        (7, 1, 1),
        (15, 1, 2),
    ] {
        assert!(!costs(memory_kib, passes, lanes), "{memory_kib} {passes} {lanes}");
        let cost = KdfFloor { memory_kib, passes, lanes };
        let card = PacketCard { word: Some(WordLock { cost, ..lock() }), ..word() };
        assert_eq!(refused(card), MoneyError::Cost { memory_kib, passes, lanes });
    }
}

#[test]
fn the_largest_cards_fit_their_formats() {
    let remark = Text::new("𝄞".repeat(MONEY_REMARK_CHARS)).unwrap();
    let nickname = Text::new("𝄞".repeat(NICKNAME_CHARS)).unwrap();
    let heads = List::new(vec![OperationId([0xff; 32]); OPERATION_PARENTS]).unwrap();
    let cost = KdfFloor { memory_kib: WORD_MEMORY_KIB, passes: WORD_PASSES, lanes: WORD_LANES };
    let card = PacketCard {
        amount: Amount(u64::MAX),
        count: PACKET_SHARES,
        expires_ms: u64::MAX,
        remark: remark.clone(),
        cover: 255,
        nickname: nickname.clone(),
        audience: Audience::Members { heads },
        word: Some(WordLock { cost, ..lock() }),
        ..word()
    };
    assert!(message().with_content(&packet(card)).is_ok());
    let most = u64::MAX;
    let card =
        TransferCard { amount: Amount(most), expires_ms: most, remark, nickname, ..transfer() };
    let card = Content::Transfer(TransferMessage::Card(Box::new(card)));
    assert!(message().with_content(&card).is_ok());
}

#[test]
fn one_head_or_character_too_many_is_no_card() {
    let body = |card| encode(&PacketMessage::Card(Box::new(card))).unwrap();
    let swapped = |from: &[u8], to: &[u8], bytes: Vec<u8>| {
        let at = bytes.windows(from.len()).position(|part| part == from).unwrap();
        [&bytes[..at], to, &bytes[at + from.len()..]].concat()
    };
    let remark = "x".repeat(MONEY_REMARK_CHARS);
    let full = PacketCard { remark: Text::new(remark.clone()).unwrap(), ..members() };
    let over = swapped(
        &[&[0xfb, 0x00, 0x01], remark.as_bytes()].concat(),
        &[&[0xfb, 0x01, 0x01], remark.as_bytes(), b"x"].concat(),
        body(full.clone()),
    );
    assert!(decode::<PacketMessage>(&body(full)).is_ok());
    assert!(decode::<PacketMessage>(&over).is_err());
    let head = [0xff; 32];
    let heads = List::new(vec![OperationId(head); OPERATION_PARENTS]).unwrap();
    let full = PacketCard { audience: Audience::Members { heads }, ..members() };
    let heads = head.repeat(OPERATION_PARENTS);
    let over = swapped(
        &[&[OPERATION_PARENTS as u8], &heads[..]].concat(),
        &[&[OPERATION_PARENTS as u8 + 1], &heads[..], &head].concat(),
        body(full.clone()),
    );
    assert!(decode::<PacketMessage>(&body(full)).is_ok());
    assert!(decode::<PacketMessage>(&over).is_err());
}

fn read(kind: Kind, mut body: Vec<u8>, version: u8) -> Result<VerifiedMessage, MessageError> {
    if let Some(first) = body.first_mut() {
        *first = version;
    }
    verify(Message { kind, body: Blob::new(body).unwrap(), ..message() })
}

proptest! {
    #[test]
    fn random_bodies_never_panic(
        kind in 17_u16..19, body in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        let _ = read(Kind(kind), body.clone(), PacketMessage::VERSION);
        let _ = decode::<PacketMessage>(&body);
        let _ = decode::<TransferMessage>(&body);
    }

    #[test]
    fn tampered_cards_are_refused_or_another_message(
        which in 0_usize..6, at: prop::sample::Index, bit in 0..8
    ) {
        let (_, content) = contents().swap_remove(which);
        let mut changed = message().with_content(&content).unwrap();
        let mut body = changed.body.to_vec();
        let at = at.index(body.len());
        body[at] ^= 1_u8 << bit;
        changed.body = Blob::new(body).unwrap();
        if let Ok(other) = verify(changed) {
            prop_assert_ne!(other.content(), &content);
        }
    }
}
