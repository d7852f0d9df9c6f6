//! Gossip frames.

use crate::{
    bounded::Blob,
    codec::{decode, encode},
    domain::GROUP_FRAME,
    golden,
    group::*,
    ids::DeviceId,
    limits::FRAME_BUCKET,
};
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

const NOW: u64 = 1_700_000_012_345;

fn secret() -> EpochSecret {
    EpochSecret::from_bytes([0x41; 32])
}

fn sealed(payload: &[u8]) -> Frame {
    secret().keys().seal(&mut ChaCha20Rng::from_seed([9; 32]), NOW, payload).unwrap()
}

#[test]
fn golden_frame_keys_and_topic() {
    let keys = secret().keys();
    golden::check("group_epoch_key", keys.key().0.to_vec());
    golden::check("group_epoch_topic", keys.key().topic().0.to_vec());
    golden::check("group_epoch_pseudonym", secret().pseudonym(DeviceId([7; 32])).to_vec());
    let bytes = golden::check("group_frame", encode(&sealed(b"magpie")).unwrap());
    assert_eq!(Frame::from_bytes(&bytes).unwrap(), sealed(b"magpie"));
}

#[test]
fn a_frame_opens_to_what_was_sealed_in_every_size() {
    for len in [0, 1, 252, 253, 1_020, 1_021, 16_380, 16_381, FRAME_PAYLOAD] {
        let payload = vec![0x5a; len];
        let bytes = encode(&sealed(&payload)).unwrap();
        let frame = Frame::from_bytes(&bytes).unwrap().verify().unwrap();
        assert_eq!(*secret().keys().open(&frame).unwrap(), payload, "{len}");
    }
    let too_long =
        secret().keys().seal(&mut ChaCha20Rng::from_seed([9; 32]), NOW, &vec![0; FRAME_BUCKET - 3]);
    assert!(matches!(too_long, Err(FrameError::Encode(_))));
}

#[test]
fn small_payloads_of_other_lengths_look_alike() {
    assert_eq!(sealed(b"a").body.ciphertext.len(), sealed(&[0; 200]).body.ciphertext.len());
}

#[test]
fn an_altered_frame_is_forged() {
    let frame = sealed(b"magpie");
    let key = frame.body.key;
    let refused = Err(FrameError::Signature(key));
    let mut other = frame.clone();
    other.body.time_ms += 10_000;
    assert_eq!(other.verify().map(drop), refused);
    let mut other = frame.clone();
    other.body.nonce[0] ^= 1;
    assert_eq!(other.verify().map(drop), refused);
    let mut other = frame.clone();
    let mut bytes = other.body.ciphertext.clone().into_vec();
    bytes[0] ^= 1;
    other.body.ciphertext = Blob::new(bytes).unwrap();
    assert_eq!(other.verify().map(drop), refused);
    let mut other = frame;
    other.body.time_ms += 1;
    assert_eq!(
        other.clone().verify().map(drop),
        Err(FrameError::Fine { epoch: key, time_ms: other.body.time_ms })
    );
    other.body.ciphertext = Blob::new(vec![0; 17]).unwrap();
    assert_eq!(other.verify().map(drop), Err(FrameError::Size { epoch: key, len: 17 }));
}

#[test]
fn another_epoch_neither_opens_nor_signs() {
    let frame = sealed(b"magpie").verify().unwrap();
    let other = EpochSecret::from_bytes([0x42; 32]).keys();
    assert_eq!(
        other.open(&frame).map(drop),
        Err(FrameError::Epoch { expected: other.key(), found: frame.epoch() })
    );
    let mut forged = sealed(b"magpie");
    forged.signature = other.sign(GROUP_FRAME, &encode(&forged.body).unwrap());
    assert_eq!(forged.verify().map(drop), Err(FrameError::Signature(frame.epoch())));
}

#[test]
fn a_member_who_signs_junk_is_noticed() {
    let keys = secret().keys();
    let mut junk = sealed(b"magpie");
    junk.body.nonce = [0; 12];
    junk.signature = keys.sign(GROUP_FRAME, &encode(&junk.body).unwrap());
    let junk = junk.verify().unwrap();
    assert_eq!(keys.open(&junk).map(drop), Err(FrameError::Sealed(keys.key())));
}

#[test]
fn frames_are_dropped_after_two_minutes_and_before_one() {
    assert_eq!(freshness(NOW, NOW), Freshness::Fresh);
    assert_eq!(freshness(NOW, NOW + 120_000), Freshness::Fresh);
    assert_eq!(freshness(NOW, NOW + 120_001), Freshness::Old);
    assert_eq!(freshness(NOW + 60_000, NOW), Freshness::Fresh);
    assert_eq!(freshness(NOW + 60_001, NOW), Freshness::Ahead);
    assert_eq!(freshness(u64::MAX, 0), Freshness::Ahead);
    assert_eq!(freshness(0, u64::MAX), Freshness::Old);
}

#[test]
fn secrets_are_not_printed() {
    assert_eq!(format!("{:?}", secret()), "EpochSecret(..)");
    assert!(!format!("{:?}", secret().keys()).contains("4141"));
}

proptest! {
    #[test]
    fn random_bytes_are_no_frame(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Frame::from_bytes(&bytes).and_then(Frame::verify).is_err());
        if let Ok(frame) = decode::<Frame>(&bytes) {
            prop_assert_eq!(encode(&frame).unwrap(), bytes);
        }
    }

    #[test]
    fn a_garbled_frame_never_verifies(at in 0usize..400, bit in 0u8..8) {
        let mut bytes = encode(&sealed(b"magpie")).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(Frame::from_bytes(&bytes).and_then(Frame::verify).is_err());
    }
}
