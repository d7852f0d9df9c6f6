//! A store, keys and contents that are the same in every run.

use crate::{
    kdf::{KdfParams, Password, PasswordKey, Salt, derive},
    keystore::{Contents, KeyStore, Slot},
    secret::{LoginKey, VaultKey},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

pub(super) fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

pub(super) fn store(seed: u8) -> KeyStore {
    KeyStore::create(&mut rng(seed), KdfParams::TEST).unwrap()
}

pub(super) fn key(text: &str, salt: Salt) -> PasswordKey {
    derive(&Password::new(text.into()).unwrap(), salt, KdfParams::TEST).unwrap()
}

/// Contents that fit the slot, told apart by one byte.
pub(super) fn contents(slot: Slot, byte: u8) -> Contents {
    Contents {
        vault: u32::from(slot.index()) + 1,
        vault_key: VaultKey::from_bytes([byte; 32]),
        login_key: slot.role().has_login_key().then(|| LoginKey::from_bytes([0xee; 32])),
    }
}
