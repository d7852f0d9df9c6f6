//! The bytes of messages' rows, which the store of an older version holds.

use super::rows::{
    Ahead, Conversation, Counts, GroupChanges, Place, Reach, Role, Room, Sent, Stored,
};
use magpie_protocol::{
    address::Address,
    bounded::{Blob, List},
    codec::{decode, encode},
    content::Kind,
    ids::{GroupId, MessageId},
};
use magpie_storage::key::{key_bytes, read_key};
use proptest::prelude::*;

fn address() -> Address {
    "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".parse().unwrap()
}

#[test]
fn golden_rows() {
    let peer = hex::encode(address().as_bytes());
    let room = Room::Direct(address());
    let key = key_bytes(&room);
    assert_eq!(hex::encode(&key), format!("00{peer}"));
    assert_eq!(read_key(&key), Some(room));
    let group = Room::Group(GroupId(*address().as_bytes()));
    let group_key = key_bytes(&group);
    assert_eq!(hex::encode(&group_key), format!("01{peer}"));
    assert_eq!(read_key(&group_key), Some(group));
    for bad in [vec![], vec![1], [&[2], &key[1..]].concat(), [&group_key[..], &[0]].concat()] {
        assert_eq!(read_key::<Room>(&bad), None);
    }

    let canonical = Blob::new(vec![0xaa, 0xbb]).unwrap();
    let stored = Stored {
        author: address(),
        time_ms: 1,
        kind: Kind::TEXT,
        number: 2,
        reach: Reach::Delivered,
        sent: Sent::Done { stored: Some((3, 5)) },
        updated_ms: 4,
        canonical: canonical.clone(),
    };
    let bytes = encode(&stored).unwrap();
    assert_eq!(hex::encode(&bytes), format!("01{peer}01010201010103050402aabb"));
    assert_eq!(decode::<Stored>(&bytes), Ok(stored));

    let place = Place { room, lamport: 5, role: Role::Ahead };
    assert_eq!(hex::encode(encode(&place).unwrap()), format!("0100{peer}0502"));
    let grouped = Place { room: group, ..place };
    assert_eq!(hex::encode(encode(&grouped).unwrap()), format!("0101{peer}0502"));
    let ahead = Ahead { room, canonical };
    assert_eq!(hex::encode(encode(&ahead).unwrap()), format!("0100{peer}02aabb"));
    let ahead = Ahead { room: group, ..ahead };
    assert_eq!(hex::encode(encode(&ahead).unwrap()), format!("0101{peer}02aabb"));

    let conversation = Conversation {
        created_ms: 1,
        updated_ms: 2,
        ranked_ms: 3,
        newest: Some((4, MessageId([5; 32]))),
        count: 6,
        unread: 7,
        read_to: 8,
        marked: true,
        heads: List::new(vec![(9, MessageId([10; 32]))]).unwrap(),
    };
    let bytes = encode(&conversation).unwrap();
    let (newest, head) = ("05".repeat(32), "0a".repeat(32));
    assert_eq!(hex::encode(&bytes), format!("010102030104{newest}060708010109{head}"));
    assert_eq!(decode::<Conversation>(&bytes), Ok(conversation));
    let counts = Counts { unread: 1, version: 2 };
    assert_eq!(hex::encode(encode(&counts).unwrap()), "010102");
    assert_eq!(hex::encode(encode(&GroupChanges(3)).unwrap()), "0103");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..400)) {
        bytes[0] = 1;
        if let Ok(row) = decode::<Stored>(&bytes) {
            prop_assert_eq!(encode(&row).unwrap(), bytes.clone());
        }
        if let Ok(row) = decode::<Conversation>(&bytes) {
            prop_assert_eq!(encode(&row).unwrap(), bytes);
        }
    }
}
