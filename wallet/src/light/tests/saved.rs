use super::scene::{CHAIN, NOW, after, certificate, grow, set, start};
use crate::light::{Followed, Light, RestoreError};
use magpie_protocol::{codec::encode, ids::NetworkId, limits::LIGHT_HEADERS};
use proptest::prelude::*;

#[test]
fn what_is_kept_comes_back_and_what_does_not_belong_together_is_refused() {
    let mut light = start();
    assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    for _ in 0..LIGHT_HEADERS + 3 {
        grow(&mut light);
        assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    }
    assert!(light.to_bytes().unwrap().len() < 16_000);
    let mut swapped = light.clone();
    swapped.kept.swap(0, 1);
    let mut strange = light.clone();
    strange.chain = NetworkId([8; 32]);
    let mut unknown = light.clone();
    unknown.sets = vec![set(&[9])];
    for broken in [swapped, strange, unknown] {
        let restored = Light::from_bytes(&broken.to_bytes().unwrap());
        assert!(matches!(restored, Err(RestoreError::Apart(_))));
    }
}

#[test]
fn golden_bytes_of_what_is_kept() {
    let mut light = start();
    let first = light.to_bytes().unwrap();
    grow(&mut light);
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    assert_eq!(
        hex::encode(&first[..36]),
        "010707070707070707070707070707070707070707070707070707070707070707fbe803"
    );
    assert_eq!(
        [hash(&first), hash(&light.to_bytes().unwrap())],
        [
            "fd38027772302608d1f6ef6ef2ccd16993003056d4d5bfd92368e02bf3fb9c35",
            "425b039300993afbed2cd2a0efe395b55d85d33f4f5558d1f74536f760355864",
        ]
    );
}

#[test]
fn as_many_validators_and_headers_as_there_can_be_fit() {
    let seeds: Vec<u8> = (1..=64).collect();
    let mut light = Light::from_genesis(CHAIN, 1_000, set(&seeds));
    for _ in 0..LIGHT_HEADERS {
        let header = after(light.tip(), &seeds, &seeds);
        let certificate = certificate(&header, &seeds);
        assert_eq!(light.follow(header, certificate, None, NOW), Ok(Followed::Newest));
    }
    assert_eq!(Light::from_bytes(&light.to_bytes().unwrap()), Ok(light.clone()));
    assert!(encode(set(&seeds).as_wire()).is_ok());
}

proptest! {
    #[test]
    fn random_bytes_are_a_follower_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(light) = Light::from_bytes(&bytes) {
            prop_assert_eq!(light.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn kept_bytes_with_one_changed_never_panic(at: prop::sample::Index, flip in 1_u8..) {
        let mut light = start();
        grow(&mut light);
        let mut bytes = light.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Light::from_bytes(&bytes) {
            prop_assert!(other != light);
        }
    }
}
