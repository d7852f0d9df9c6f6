//! The bytes of money's rows, which the store of an older version holds.

use super::rows::{
    Breach, Change, Checked, Fate, LightRow, Mark, Named, Operation, PacketRow, Record, TransferRow,
};
use magpie_protocol::{
    address::Address,
    bounded::{Blob, List, Text},
    codec::{Format, decode, encode},
    content::{Audience, PacketCard, TransferCard},
    group::OperationId,
    ids::{GroupId, MessageId},
    ledger::{Amount, BlockHash, EntryId, PacketKind},
};
use proptest::prelude::*;

fn address() -> Address {
    "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
}

/// The bytes of a row, which read back as the same row.
fn hexed<R: Format + PartialEq>(row: &R) -> String {
    let bytes = encode(row).unwrap();
    assert!(decode::<R>(&bytes).unwrap() == *row);
    hex::encode(bytes)
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text.to_owned()).unwrap()
}

fn packet() -> PacketCard {
    PacketCard {
        packet: EntryId([1; 32]),
        kind: PacketKind::Fortune,
        amount: Amount(300),
        count: 3,
        from: address(),
        expires_ms: 4,
        remark: text("r"),
        cover: 2,
        nickname: text("n"),
        audience: Audience::Members { heads: List::new(vec![OperationId([2; 32])]).unwrap() },
        word: None,
    }
}

fn transfer() -> TransferCard {
    TransferCard {
        transfer: EntryId([1; 32]),
        amount: Amount(300),
        from: address(),
        to: address(),
        expires_ms: 4,
        remark: text("r"),
        nickname: text("n"),
    }
}

#[test]
fn golden_rows() {
    let of = |byte: &str| byte.repeat(32);
    assert_eq!(hexed(&LightRow(Blob::new(vec![7, 8]).unwrap())), "01020708");
    let breach = Breach {
        packet: EntryId([1; 32]),
        height: 300,
        header: Blob::new(vec![7, 8]).unwrap(),
        why: text("w"),
        found_ms: 5,
    };
    assert_eq!(hexed(&breach), format!("01{}fb2c01020708017705", of("01")));
    let checked = Checked { height: 300, hash: BlockHash([1; 32]) };
    assert_eq!(hexed(&checked), format!("01fb2c01{}", of("01")));
    let operation = |fate| Operation { entry: Blob::new(vec![7, 8]).unwrap(), signed_ms: 5, fate };
    assert_eq!(hexed(&operation(Fate::Sent)), "010207080500");
    assert_eq!(hexed(&operation(Fate::Final { height: 6 })), "01020708050106");
    assert_eq!(hexed(&operation(Fate::Never)), "010207080502");
    let named = Named { entry: EntryId([1; 32]), request: [2; 32], at_ms: 300 };
    assert_eq!(hexed(&named), format!("01{}{}fb2c01", of("01"), of("02")));
    assert_eq!(hexed(&Mark), "01");
}

#[test]
fn golden_cards() {
    let who = hex::encode(address().as_bytes());
    let of = |byte: &str| byte.repeat(32);
    let row = PacketRow {
        card: packet(),
        sender: address(),
        group: Some(GroupId([3; 32])),
        message: Some(MessageId([4; 32])),
        made_ms: 5,
    };
    let card = format!("{}01fb2c0103{who}04017202016e0001{}00", of("01"), of("02"));
    assert_eq!(hexed(&row), format!("01{card}{who}01{}01{}05", of("03"), of("04")));
    let bare = PacketRow { group: None, message: None, ..row };
    assert_eq!(hexed(&bare), format!("01{card}{who}000005"));
    let row = TransferRow { card: transfer(), sender: address(), message: None, made_ms: 5 };
    let card = format!("{}fb2c01{who}{who}040172016e", of("01"));
    assert_eq!(hexed(&row), format!("01{card}{who}0005"));
    let told = TransferRow { message: Some(MessageId([4; 32])), ..row };
    assert_eq!(hexed(&told), format!("01{card}{who}01{}05", of("04")));
}

#[test]
fn golden_records() {
    let kinds =
        [Change::Received, Change::Transferred, Change::Packet, Change::Share, Change::Returned];
    for (change, number) in kinds.into_iter().zip(0..) {
        let record = Record {
            change,
            amount: Amount(300),
            fee: Amount(1),
            height: 2,
            remark: "r".to_owned(),
            uid: EntryId([1; 32]),
            at_ms: 3,
        };
        let want = format!("010{number}fb2c0101020172{}03", "01".repeat(32));
        assert_eq!(hexed(&record), want);
    }
}

fn reads_back<R: Format>(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(row) = decode::<R>(bytes) {
        prop_assert_eq!(encode(&row).unwrap(), bytes);
    }
    Ok(())
}

proptest! {
    #[test]
    fn random_bytes_are_a_row_or_refused(
        mut bytes in proptest::collection::vec(any::<u8>(), 1..400)
    ) {
        bytes[0] = 1;
        reads_back::<LightRow>(&bytes)?;
        reads_back::<Breach>(&bytes)?;
        reads_back::<Checked>(&bytes)?;
        reads_back::<Operation>(&bytes)?;
        reads_back::<Named>(&bytes)?;
        reads_back::<PacketRow>(&bytes)?;
        reads_back::<TransferRow>(&bytes)?;
        reads_back::<Record>(&bytes)?;
        reads_back::<Mark>(&bytes)?;
    }

    #[test]
    fn changed_bytes_are_a_row_or_refused(at in 1..300_usize, to in any::<u8>()) {
        let (sender, made_ms) = (address(), 5);
        let group = Some(GroupId([3; 32]));
        let row = PacketRow { card: packet(), sender, group, message: None, made_ms };
        let mut bytes = encode(&row).unwrap();
        let at = at % bytes.len();
        bytes[at] = to;
        reads_back::<PacketRow>(&bytes)?;
        let mut bytes =
            encode(&TransferRow { card: transfer(), sender, message: None, made_ms }).unwrap();
        let at = at % bytes.len();
        bytes[at] = to;
        reads_back::<TransferRow>(&bytes)?;
    }
}
