//! What the key store promises: slots and wallet lock in `locks`, bytes in `body`, waits in `waits`.

mod body;
mod locks;
mod waits;

use super::{Contents, KeyStore, Slot};
use crate::{
    kdf::{KdfParams, Password, PasswordKey, Salt, derive},
    secret::{LoginKey, VaultKey},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn store(seed: u8) -> KeyStore {
    KeyStore::create(&mut rng(seed), KdfParams::TEST).unwrap()
}

fn key(text: &str, salt: Salt) -> PasswordKey {
    derive(&Password::new(text.into()).unwrap(), salt, KdfParams::TEST).unwrap()
}

/// Contents that fit the slot, told apart by one byte.
fn contents(slot: Slot, byte: u8) -> Contents {
    Contents {
        vault: u32::from(slot.index()) + 1,
        vault_key: VaultKey::from_bytes([byte; 32]),
        login_key: slot.role().has_login_key().then(|| LoginKey::from_bytes([0xee; 32])),
    }
}
