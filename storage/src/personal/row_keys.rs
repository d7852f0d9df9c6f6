//! The two keys of a vault's rows: one that places them, one that seals them.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, AeadInOut, Payload},
};
use magpie_protocol::domain::{ROW_KEY, ROW_VALUE};
use rand_core::CryptoRng;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of the nonce that stands before a sealed value.
///
/// It is random: one vault may seal 2^32 values before two nonces are the same with a chance of
/// 2^-32 (NIST SP 800-38D, 8.3).
const NONCE_BYTES: usize = 12;
/// Bytes of the tag that stands behind it.
const TAG_BYTES: usize = 16;
/// Partitions of one table whose places are remembered, at most.
const PLACES: usize = 256;

/// Places by table and partition.
type Places = BTreeMap<&'static str, BTreeMap<Vec<u8>, [u8; 32]>>;

/// What places and seals the rows of one vault; wiped from memory when dropped.
pub struct RowKeys {
    index: [u8; 32],
    /// Its expanded key is wiped by the crate (feature `zeroize` of `aes` and `polyval`).
    cipher: Aes256Gcm,
    /// Where partitions begin, as far as it was worked out.
    places: Mutex<Places>,
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
            places: Mutex::default(),
        }
    }

    /// Returns where the rows of one partition of a table begin.
    ///
    /// Neither string holds a zero, so the three parts cannot be cut in another way.
    pub(super) fn place(&self, table: &'static str, partition: &[u8]) -> [u8; 32] {
        // Nothing panics under the lock.
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.entry(table).or_default();
        if let Some(place) = places.get(partition) {
            return *place;
        }
        if places.len() >= PLACES {
            places.clear();
        }
        let place = self.work_out(table, partition);
        places.insert(partition.to_vec(), place);
        place
    }

    fn work_out(&self, table: &str, partition: &[u8]) -> [u8; 32] {
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
        let mut row = Vec::with_capacity(NONCE_BYTES + value.len() + TAG_BYTES);
        row.extend_from_slice(&nonce);
        row.extend_from_slice(value);
        let (_, body) = row.split_at_mut(NONCE_BYTES);
        let tag = self.cipher.encrypt_inout_detached(&Nonce::from(nonce), key, body.into()).ok()?;
        row.extend_from_slice(&tag);
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
