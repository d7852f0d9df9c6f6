use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sample {
    number: u64,
    text: String,
    bytes: Vec<u8>,
    map: BTreeMap<u16, bool>,
    maybe: Option<i32>,
}

impl Format for Sample {
    const NAME: &'static str = "sample";
    const VERSION: u8 = 3;
    const LIMIT: usize = 512;
}

fn sample() -> Sample {
    Sample {
        number: 300,
        text: "鹊桥".into(),
        bytes: vec![1, 2, 3],
        map: BTreeMap::from([(7, true), (9, false)]),
        maybe: Some(-2),
    }
}

#[test]
fn golden_bytes() {
    assert_eq!(
        hex::encode(encode(&sample()).unwrap()),
        "03fb2c0106e9b98ae6a1a5030102030207010900\
         0103"
    );
}

#[test]
fn another_version_is_named() {
    let mut bytes = encode(&sample()).unwrap();
    bytes[0] = 4;
    assert_eq!(
        decode::<Sample>(&bytes),
        Err(DecodeError::Version { name: "sample", found: 4, known: 3 })
    );
}

#[test]
fn empty_trailing_truncated_and_long_inputs_are_refused() {
    let bytes = encode(&sample()).unwrap();
    assert_eq!(decode::<Sample>(&[]), Err(DecodeError::Empty("sample")));
    let mut trailing = bytes.clone();
    trailing.push(0);
    assert_eq!(decode::<Sample>(&trailing), Err(DecodeError::Malformed("sample")));
    for cut in 1..bytes.len() {
        assert!(decode::<Sample>(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    assert_eq!(
        decode::<Sample>(&vec![3; 513]),
        Err(DecodeError::TooLong { name: "sample", len: 513, limit: 512 })
    );
}

#[test]
fn a_longer_varint_of_the_same_number_is_refused() {
    // 300 as the five-byte form (0xfc + u32) instead of the three-byte form.
    let bytes = hex::decode("03fc2c01000006e9b98ae6a1a50301020302070109000103").unwrap();
    assert_eq!(decode::<Sample>(&bytes), Err(DecodeError::NotCanonical("sample")));
}

#[test]
fn a_map_in_another_order_is_refused() {
    let bytes = hex::decode("03fb2c0106e9b98ae6a1a50301020302090007010103").unwrap();
    assert_eq!(decode::<Sample>(&bytes), Err(DecodeError::NotCanonical("sample")));
}

#[test]
fn a_claimed_length_of_many_gigabytes_is_refused() {
    // text length u64::MAX
    let bytes = hex::decode("0300fdffffffffffffffff").unwrap();
    assert_eq!(decode::<Sample>(&bytes), Err(DecodeError::Malformed("sample")));
}

#[test]
fn a_value_over_its_limit_has_no_bytes() {
    let big = Sample { bytes: vec![0; 600], ..sample() };
    assert!(matches!(encode(&big), Err(EncodeError::TooLong { limit: 512, .. })));
}

proptest! {
    #[test]
    fn random_bytes_never_panic_and_only_canonical_ones_decode(
        bytes in proptest::collection::vec(any::<u8>(), 0..600)
    ) {
        if let Ok(value) = decode::<Sample>(&bytes) {
            prop_assert_eq!(encode(&value).unwrap(), bytes);
        }
    }

    #[test]
    fn what_was_encoded_decodes(number: u64, text in ".{0,40}", bytes: [u8; 16], maybe: Option<i32>) {
        let value = Sample { number, text, bytes: bytes.to_vec(), map: BTreeMap::new(), maybe };
        prop_assert_eq!(decode::<Sample>(&encode(&value).unwrap()).unwrap(), value);
    }
}
