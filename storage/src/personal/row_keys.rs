//! The two keys of a vault's rows: one that places them, one that seals them.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use magpie_protocol::domain::{ROW_KEY, ROW_VALUE};
use rand_core::CryptoRng;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of the nonce that stands before a sealed value.
///
/// It is random: one vault may seal 2^32 values before two nonces are the same with a chance of
/// 2^-32 (NIST SP 800-38D, 8.3).
const NONCE_BYTES: usize = 12;

/// What places and seals the rows of one vault; wiped from memory when dropped.
pub struct RowKeys {
    index: [u8; 32],
    /// Its expanded key is wiped by the crate (feature `zeroize` of `aes` and `polyval`).
    cipher: Aes256Gcm,
}

impl Drop for RowKeys {
    fn drop(&mut self) {
        self.index.zeroize();
    }
}

impl ZeroizeOnDrop for RowKeys {}

impl RowKeys {
    /// Derives both keys from a vault's key, or from the login key for what all vaults share.
    pub fn derive(vault_key: &[u8; 32]) -> Self {
        let key = Zeroizing::new(blake3::derive_key(ROW_VALUE.as_str(), vault_key));
        Self {
            index: blake3::derive_key(ROW_KEY.as_str(), vault_key),
            cipher: Aes256Gcm::new((&*key).into()),
        }
    }

    /// Returns where the rows of one partition of a table begin.
    ///
    /// Neither string holds a zero, so the three parts cannot be cut in another way.
    pub(super) fn place(&self, table: &str, partition: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.index);
        hasher.update(ROW_KEY.as_str().as_bytes());
        hasher.update(&[0]);
        hasher.update(table.as_bytes());
        hasher.update(&[0]);
        hasher.update(partition);
        let place = *hasher.finalize().as_bytes();
        hasher.zeroize();
        place
    }

    /// Returns `value` sealed for the row at `key`: nonce, ciphertext, tag.
    ///
    /// Nothing is returned for a value beyond what AES-GCM seals at once (64 GiB).
    pub(super) fn seal<R: CryptoRng + ?Sized>(
        &self,
        key: &[u8],
        value: &[u8],
        rng: &mut R,
    ) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), Payload { msg: value, aad: key });
        let mut row = nonce.to_vec();
        row.append(&mut sealed.ok()?);
        Some(row)
    }

    /// Returns what was sealed for the row at `key`, or nothing if `row` is anything else.
    pub(super) fn open(&self, key: &[u8], row: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = row.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: key };
        self.cipher.decrypt(&Nonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

impl fmt::Debug for RowKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowKeys(..)")
    }
}
