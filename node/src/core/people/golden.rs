//! The bytes of people's rows, which the store of an older version holds.

use super::rows::{Answered, Asked, Counts, Mark, Person, Request};
use magpie_protocol::codec::{decode, encode};
use proptest::prelude::*;

#[test]
fn golden_rows() {
    let request = Request {
        greeting: "hi".into(),
        again: 1,
        since_ms: 2,
        at_ms: 3,
        state: Answered::Accepted,
        seen: true,
    };
    let person = Person {
        card: None,
        version: 4,
        remark: "r".into(),
        friend_ms: Some(5),
        was_friend: true,
        asked: Some(Asked { posted_ms: 6 }),
        request: Some(request),
        said_ms: 7,
        their_ask_ms: 8,
        heard_ask_ms: 9,
        blocked_ms: Some(10),
        blocked_by: true,
        blocked_by_ms: 11,
        updated_ms: 12,
    };
    let bytes = encode(&person).unwrap();
    assert_eq!(hex::encode(&bytes), "01000401720105010106010268690102030101070809010a010b0c");
    assert_eq!(decode::<Person>(&bytes), Ok(person));
    let counts = Counts {
        people: 1,
        friends: 2,
        requests: 3,
        unseen: 4,
        blocked: 5,
        contact_version: 6,
        blocked_version: 7,
    };
    assert_eq!(hex::encode(encode(&counts).unwrap()), "0101020304050607");
    assert_eq!(hex::encode(encode(&Mark).unwrap()), "01");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
        bytes[0] = 1;
        if let Ok(person) = decode::<Person>(&bytes) {
            prop_assert_eq!(encode(&person).unwrap(), bytes);
        }
    }
}
