//! The bytes of groups' rows, which the store of an older version holds.

use super::rows::{
    Cursor, FrameRow, GroupRow, HolderRow, InboundRow, Mark, OperationRow, OutboundRow, ParcelRow,
    SaidRow, SecretRow, ShareRow, UnreadRow,
};
use magpie_protocol::{
    address::Address,
    bounded::Blob,
    codec::{Format, decode, encode},
    content::MegolmKey,
    group::{EpochKey, EpochSecret},
    ids::{FrameId, GroupId, MegolmSession, MessageId},
};
use proptest::prelude::*;
use std::fmt::Debug;

fn address() -> Address {
    "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
}

fn hexed<R: Format + PartialEq + Debug>(row: &R) -> String {
    let bytes = encode(row).unwrap();
    assert_eq!(&decode::<R>(&bytes).unwrap(), row);
    hex::encode(bytes)
}

#[test]
fn golden_rows() {
    let peer = hex::encode(address().as_bytes());
    let of = |byte: &str| byte.repeat(32);
    let group = GroupRow { since_ms: 1, shown: true, updated_ms: 2 };
    assert_eq!(hexed(&group), "01010102");
    assert_eq!(hexed(&OperationRow(Blob::new(vec![7, 8]).unwrap())), "01020708");
    assert_eq!(hexed(&SaidRow(Blob::new(vec![7, 8]).unwrap())), "01020708");
    let secret = SecretRow { secret: EpochSecret::from_bytes([3; 32]), learned_ms: 4 };
    assert_eq!(hexed(&secret), format!("01{}04", of("03")));
    let parcel = ParcelRow {
        parcel: Blob::new(vec![7]).unwrap(),
        on: Some(EpochKey([5; 32])),
        about: Some(MessageId([6; 32])),
        since_ms: 9,
    };
    assert_eq!(hexed(&parcel), format!("01010701{}01{}09", of("05"), of("06")));
    let frame = FrameRow {
        group: GroupId([1; 32]),
        epoch: EpochKey([2; 32]),
        id: FrameId([3; 32]),
        frame: Blob::new(vec![4]).unwrap(),
        about: None,
        since_ms: 5,
        stored: 6,
    };
    let want = format!("01{}{}{}0104000506", of("01"), of("02"), of("03"));
    assert_eq!(hexed(&frame), want);
    let share = ShareRow { to: address(), payload: vec![1, 2].into(), on: None, since_ms: 3 };
    assert_eq!(hexed(&share), format!("01{peer}0201020003"));
    assert_eq!(hexed(&Cursor(7)), "0107");
    assert_eq!(hexed(&Mark), "01");
    let outbound = OutboundRow {
        session: MegolmSession([1; 32]),
        previous: Some(MegolmSession([2; 32])),
        pickle: vec![3].into(),
        made_ms: 4,
    };
    assert_eq!(hexed(&outbound), format!("01{}01{}010304", of("01"), of("02")));
    let holder = HolderRow { key: MegolmKey::new(&[5, 6]).unwrap() };
    assert_eq!(hexed(&holder), "01020506");
    let inbound = InboundRow { account: address(), pickle: vec![7].into(), since_ms: 8 };
    assert_eq!(hexed(&inbound), format!("01{peer}010708"));
    let unread = UnreadRow { said: Blob::new(vec![9]).unwrap(), account: address(), since_ms: 1 };
    assert_eq!(hexed(&unread), format!("010109{peer}01"));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
        bytes[0] = 1;
        let _ = decode::<ParcelRow>(&bytes);
        let _ = decode::<FrameRow>(&bytes);
        let _ = decode::<ShareRow>(&bytes);
        let _ = decode::<OutboundRow>(&bytes);
        let _ = decode::<InboundRow>(&bytes);
        let _ = decode::<UnreadRow>(&bytes);
        let _ = decode::<SecretRow>(&bytes);
    }
}
