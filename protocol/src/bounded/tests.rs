use super::*;
use crate::codec::{Format, decode, encode};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Bounds {
    list: List<u32, 3>,
    blob: Blob<4>,
    text: Text<2>,
}

impl Format for Bounds {
    const NAME: &'static str = "bounds";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Loose {
    list: Vec<u32>,
    blob: Vec<u8>,
    text: String,
}

impl Format for Loose {
    const NAME: &'static str = "loose";
    const VERSION: u8 = 1;
    const LIMIT: usize = 64;
}

fn loose(list: usize, blob: usize, text: &str) -> Vec<u8> {
    encode(&Loose { list: vec![7; list], blob: vec![9; blob], text: text.into() }).unwrap()
}

#[test]
fn bounded_and_unbounded_look_alike_on_the_wire() {
    let bytes = loose(3, 4, "鹊桥");
    let value: Bounds = decode(&bytes).unwrap();
    assert_eq!(encode(&value).unwrap(), bytes);
    assert_eq!((value.list.len(), value.blob.len(), &*value.text), (3, 4, "鹊桥"));
}

#[test]
fn one_too_many_of_anything_is_refused() {
    for bytes in [loose(4, 4, ""), loose(3, 5, ""), loose(3, 4, "abc")] {
        assert!(decode::<Bounds>(&bytes).is_err());
    }
    assert!(List::<u8, 1>::new(vec![1, 2]).is_err());
    assert!(Blob::<1>::new(vec![1, 2]).is_err());
    assert!(Text::<1>::new("ab").is_err());
    let mut full = List::<u8, 1>::new(vec![1]).unwrap();
    assert_eq!(full.push(2), Err(TooMany { len: 2, max: 1 }));
    assert_eq!(&*full, &[1]);
}

#[test]
fn in_json_a_blob_is_hex() {
    let value: Bounds = decode(&loose(1, 2, "a")).unwrap();
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(json, r#"{"list":[7],"blob":"0909","text":"a"}"#);
    assert_eq!(serde_json::from_str::<Bounds>(&json).unwrap(), value);
    assert!(serde_json::from_str::<Blob<1>>("\"0909\"").is_err());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = decode::<Bounds>(&bytes);
    }
}
