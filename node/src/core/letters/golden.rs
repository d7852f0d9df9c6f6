//! The bytes of letters' rows, which the store of an older version holds.

use super::rows::{About, Brought, Held, HeldId, Kept, Number, Offers, Outgoing, SentAs, Waiting};
use magpie_protocol::{
    address::{Address, NodeId},
    bounded::{Blob, List},
    codec::{Format, decode, encode},
    ids::{DeviceId, EnvelopeId, MessageId},
};
use proptest::prelude::*;

fn address() -> Address {
    "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
}

fn node() -> NodeId {
    NodeId([3; 32])
}

/// The bytes of a row, which read back as the same bytes.
fn hexed<R: Format>(row: &R) -> String {
    let bytes = encode(row).unwrap();
    assert_eq!(encode(&decode::<R>(&bytes).unwrap()).unwrap(), bytes);
    hex::encode(bytes)
}

fn about(ids: &[u8]) -> About {
    List::new(ids.iter().map(|id| MessageId([*id; 32])).collect()).unwrap()
}

fn outgoing(ids: &[u8]) -> Outgoing {
    Outgoing {
        to: address(),
        device: DeviceId([1; 32]),
        id: EnvelopeId([2; 32]),
        envelope: Blob::new(vec![7, 8]).unwrap(),
        about: about(ids),
        since_ms: 5,
        stored: 6,
        stamp: None,
    }
}

fn kept(ids: &[u8]) -> Kept {
    Kept {
        to: address(),
        device: DeviceId([1; 32]),
        id: EnvelopeId([2; 32]),
        payload: Blob::new(vec![7, 8]).unwrap(),
        about: about(ids),
        since_ms: 5,
        unread: 6,
    }
}

#[test]
fn golden_rows() {
    let peer = hex::encode(address().as_bytes());
    let of = |byte: &str| byte.repeat(32);
    let waiting = Waiting {
        payload: Blob::new(vec![7, 8]).unwrap(),
        about: Some(MessageId([9; 32])),
        since_ms: 5,
    };
    assert_eq!(hexed(&waiting), format!("0102070801{}05", of("09")));
    // None and one message stand as the option of version 2 did: 00, and 01 before the id.
    let head = format!("01{peer}{}{}020708", of("01"), of("02"));
    assert_eq!(hexed(&outgoing(&[])), format!("{head}00050600"));
    assert_eq!(hexed(&outgoing(&[9])), format!("{head}01{}050600", of("09")));
    assert_eq!(hexed(&outgoing(&[9, 10])), format!("{head}02{}{}050600", of("09"), of("0a")));
    assert_eq!(hexed(&kept(&[])), format!("{head}000506"));
    assert_eq!(hexed(&kept(&[9])), format!("{head}01{}0506", of("09")));
    assert_eq!(hexed(&kept(&[9, 10])), format!("{head}02{}{}0506", of("09"), of("0a")));
    assert_eq!(hexed(&SentAs { node: node(), number: 4 }), format!("01{}04", of("03")));
    let brought = Brought { account: address(), message: MessageId([9; 32]) };
    assert_eq!(hexed(&brought), format!("01{peer}{}", of("09")));
    assert_eq!(hexed(&Number(300)), "01fb2c01");
    assert_eq!(hexed(&Held(Blob::new(vec![7, 8]).unwrap())), "01020708");
    assert_eq!(hexed(&HeldId(EnvelopeId([2; 32]))), format!("01{}", of("02")));
    let offers = Offers { theirs: Some([1; 32]), ours: None, renewed_ms: 2 };
    assert_eq!(hexed(&offers), format!("0101{}0002", of("01")));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..400)) {
        bytes[0] = 1;
        let _ = decode::<Waiting>(&bytes);
        let _ = decode::<Outgoing>(&bytes);
        let _ = decode::<Kept>(&bytes);
        let _ = decode::<SentAs>(&bytes);
        let _ = decode::<Brought>(&bytes);
        let _ = decode::<Offers>(&bytes);
    }
}
