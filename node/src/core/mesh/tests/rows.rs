//! Golden bytes of every row that a super node keeps.

use super::super::{frames::rows::*, rows::*};
use magpie_protocol::{
    bounded::Blob,
    codec::{Format, decode, encode},
    ids::{EnvelopeId, RecordHash, TokenHash},
    token::Quota,
};
use proptest::prelude::*;
use std::fmt::Debug;

/// Returns the row's bytes in hex, and checks that they are read back.
fn golden<T: Format + PartialEq + Debug>(row: &T) -> String {
    let bytes = encode(row).unwrap();
    assert_eq!(&decode::<T>(&bytes).unwrap(), row);
    hex::encode(&bytes)
}

fn kept() -> KeptRecord {
    let (hash, record) = (RecordHash([4; 32]), Blob::new(vec![6, 7]).unwrap());
    KeptRecord { term: 1, version: 300, counter: 3, hash, stored_ms: 70_000, record }
}

fn mailbox() -> MailboxRow {
    MailboxRow { last: 300, waiting: 2, bytes: 70_000, places: 4, strangers: 5, past: 6 }
}

fn place(state: State) -> Place {
    Place { sequence: 300, len: 1_100, stored_ms: 70_000, expiry_ms: 80_000, state }
}

#[test]
fn golden_bytes_of_rows() {
    let fork = Fork { record: Blob::new(vec![6, 7]).unwrap(), seen_ms: 300 };
    let rows = [
        golden(&Totals { accounts: 3, bytes: 70_000 }),
        golden(&kept()),
        golden(&fork),
        golden(&Mark),
        golden(&TokenCount(300)),
        golden(&Granted(Quota { envelopes: 2_000, bytes: 70_000 })),
        golden(&Count { envelopes: 1, bytes: 1_100 }),
        golden(&mailbox()),
        golden(&Mail(Blob::new(vec![8, 9]).unwrap())),
        golden(&place(State::Token(TokenHash([5; 32])))),
        golden(&place(State::Stranger)),
        golden(&place(State::Drained)),
        golden(&place(State::Passed)),
        golden(&place(State::Pushed)),
        golden(&StrangerRow(EnvelopeId([7; 32]))),
    ];
    let expected = [
        "0103fc70110100",
        "0101fb2c01030404040404040404040404040404040404040404040404040404040404040404fc70110100020607",
        "01020607fb2c01",
        "01",
        "01fb2c01",
        "01fbd007fc70110100",
        "0101fb4c04",
        "01fb2c0102fc70110100040506",
        "01020809",
        "01fb2c01fb4c04fc70110100fc80380100000505050505050505050505050505050505050505050505050505050505050505",
        "01fb2c01fb4c04fc70110100fc8038010001",
        "01fb2c01fb4c04fc70110100fc8038010002",
        "01fb2c01fb4c04fc70110100fc8038010003",
        "01fb2c01fb4c04fc70110100fc8038010004",
        "010707070707070707070707070707070707070707070707070707070707070707",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn golden_bytes_of_group_rows() {
    let place = FramePlace {
        sequence: 300,
        len: 1_100,
        stored_ms: 70_000,
        expiry_ms: 80_000,
        sender: [9; 32],
    };
    let rows = [
        golden(&GroupTotals { epochs: 3, bytes: 70_000 }),
        golden(&EpochRow { last: 300, frames: 2, bytes: 70_000 }),
        golden(&KeptFrame(Blob::new(vec![8, 9]).unwrap())),
        golden(&place),
        golden(&Share { frames: 1, bytes: 1_100 }),
    ];
    let expected = [
        "0103fc70110100",
        "01fb2c0102fc70110100",
        "01020809",
        "01fb2c01fb4c04fc70110100fc803801000909090909090909090909090909090909090909090909090909090909090909",
        "0101fb4c04",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn the_largest_group_rows_fit() {
    use magpie_protocol::limits::FRAME;
    let (sequence, stored_ms, expiry_ms) = (u64::MAX, u64::MAX, u64::MAX);
    let place = FramePlace { sequence, len: u32::MAX, stored_ms, expiry_ms, sender: [255; 32] };
    golden(&GroupTotals { epochs: u64::MAX, bytes: u64::MAX });
    golden(&EpochRow { last: u64::MAX, frames: u32::MAX, bytes: u64::MAX });
    golden(&KeptFrame(Blob::new(vec![8; FRAME]).unwrap()));
    golden(&place);
    golden(&Share { frames: u32::MAX, bytes: u64::MAX });
}

proptest! {
    #[test]
    fn random_bytes_are_a_group_row_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..90)) {
        fn canonical<T: Format>(bytes: &[u8]) -> bool {
            decode::<T>(bytes).is_ok_and(|row| encode(&row).unwrap() == bytes)
                || decode::<T>(bytes).is_err()
        }
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        prop_assert!(canonical::<GroupTotals>(&bytes) && canonical::<EpochRow>(&bytes));
        prop_assert!(canonical::<KeptFrame>(&bytes) && canonical::<FramePlace>(&bytes));
        prop_assert!(canonical::<Share>(&bytes));
    }
}
