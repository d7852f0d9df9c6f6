use super::fixture::{contents, key, rng, store};
use crate::{
    kdf::{KdfError, KdfParams, Salt},
    keystore::{BODY_LEN, KeyStore, KeyStoreError, Slot},
    mnemonic::Entropy,
};
use proptest::prelude::*;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

/// A store with a default vault, two own vaults, a wipe password and a wallet lock.
fn sample() -> KeyStore {
    let mut store = store(1);
    let mut rng = rng(2);
    let salt = store.login_salt();
    for (slot, password) in [
        (Slot::DEFAULT, "password"),
        (Slot::WIPE, "the wipe"),
        (Slot::vault(0).unwrap(), "first vault"),
        (Slot::vault(23).unwrap(), "last vault"),
    ] {
        store.set(slot, &key(password, salt), &contents(slot, 3), &mut rng).unwrap();
    }
    let wallet = key("wallet", Salt::random(&mut rng));
    store.set_wallet(&wallet, &Entropy::from_bytes([4; 16]), &mut rng).unwrap();
    assert_eq!(store.begin_attempt(1_700_000_000_000), Ok(()));
    store
}

#[test]
fn golden_bytes() {
    let bytes = sample().to_bytes();
    assert_eq!(bytes.len(), 4_338);
    assert_eq!(
        blake3::hash(&bytes).to_string(),
        "4e00ca4990ece0ccf45ebdb3375e6b2d48f25bf4d3db5d3203c55ad8429babe2"
    );
    // Version, KDF parameters, salt and attempts, as the table in the module's doc has them.
    assert_eq!(hex::encode(&bytes[..13]), "01400000000100000001000000");
    assert_eq!(bytes[13..45], sample().login_salt().0);
    assert_eq!(hex::encode(&bytes[45..57]), "010000000000000000000000");
    assert_eq!(bytes[4_217], 1);
    assert_eq!(bytes[4_218..4_250], sample().wallet_salt().0);
    assert_eq!(bytes[4_250..4_262], [0; 12]);
}

#[test]
fn a_new_store_is_random_where_secrets_go() {
    let (a, b) = (store(1).to_bytes(), store(2).to_bytes());
    let equal = a[57..4_217].iter().zip(&b[57..4_217]).filter(|(a, b)| a == b).count();
    // One in 256 by chance: 16 of 4160.
    assert!(equal < 64, "{equal}");
    for slot in a[57..4_217].chunks(130) {
        assert!(slot.iter().any(|byte| *byte != 0));
    }
}

#[test]
fn used_and_unused_slots_look_alike() {
    // Bits set in all used and in all unused slots: both near one half.
    let bytes = sample().to_bytes();
    let ones = |slots: &[usize]| {
        let bits: u32 = slots
            .iter()
            .flat_map(|i| &bytes[57 + 130 * i..57 + 130 * (i + 1)])
            .map(|byte| byte.count_ones())
            .sum();
        f64::from(bits) / (130.0 * 8.0 * slots.len() as f64)
    };
    for share in [ones(&[0, 2, 3, 26]), ones(&[1, 4, 5, 6]), ones(&[27, 28, 30, 31])] {
        assert!((0.46..0.54).contains(&share), "{share}");
    }
}

#[test]
fn bodies_of_other_length_version_parameters_or_flag_are_refused() {
    let bytes = sample().to_bytes();
    for cut in [0, 1, 57, BODY_LEN - 1] {
        assert_eq!(KeyStore::from_bytes(&bytes[..cut]), Err(KeyStoreError::Length(cut)));
    }
    let mut long = bytes.to_vec();
    long.push(0);
    assert_eq!(KeyStore::from_bytes(&long), Err(KeyStoreError::Length(BODY_LEN + 1)));
    let with = |place: usize, byte| {
        let mut bytes = bytes;
        bytes[place] = byte;
        KeyStore::from_bytes(&bytes)
    };
    assert_eq!(with(0, 2), Err(KeyStoreError::Version(2)));
    assert_eq!(with(4_217, 2), Err(KeyStoreError::Flag(2)));
    // 4 TiB of memory, and no lane at all.
    for (place, byte) in [(4, 0xff), (9, 0)] {
        assert!(matches!(with(place, byte), Err(KeyStoreError::Kdf(KdfError::Params(_)))));
    }
}

#[test]
fn parameters_out_of_bounds_make_no_store() {
    let params = KdfParams { passes: 0, ..KdfParams::TEST };
    assert_eq!(
        KeyStore::create(&mut rng(1), params),
        Err(KeyStoreError::Kdf(KdfError::Params(params)))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bodies_never_panic(
        seed: [u8; 32], whole: bool, cut in 0..BODY_LEN, now: u64
    ) {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let mut bytes = vec![0; BODY_LEN];
        rng.fill_bytes(&mut bytes);
        prop_assert!(KeyStore::from_bytes(&bytes[..cut]).is_err());
        if whole {
            // A readable head before random slots.
            bytes[..13].copy_from_slice(&sample().to_bytes()[..13]);
            bytes[4_217] &= 1;
            let mut store = KeyStore::from_bytes(&bytes).unwrap();
            prop_assert_eq!(&store.to_bytes()[..], &bytes[..]);
            prop_assert!(store.open(&key("password", store.login_salt())).is_none());
            prop_assert!(store.open_wallet(&key("wallet", store.wallet_salt())).is_none());
            if let Err(wait) = store.begin_attempt(now) {
                prop_assert!(wait.seconds_left <= 300);
            }
            let _ = store.wrong(now);
        } else {
            let _ = KeyStore::from_bytes(&bytes);
        }
    }

    #[test]
    fn a_garbled_body_opens_the_same_or_nothing(place in 0..BODY_LEN, flip in 1u8..=255) {
        let mut bytes = sample().to_bytes();
        bytes[place] ^= flip;
        if let Ok(store) = KeyStore::from_bytes(&bytes) {
            prop_assert_eq!(store.to_bytes(), bytes);
            if let Some(opened) = store.open(&key("password", store.login_salt())) {
                prop_assert_eq!(opened.slot, Slot::DEFAULT);
                prop_assert_eq!(opened.vault_key.as_bytes(), &[3; 32]);
            }
        }
    }
}
