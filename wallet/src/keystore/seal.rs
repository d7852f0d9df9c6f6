//! A committing AEAD for short secrets: what opens under one key opens under no other.
//!
//! In: a password's key, a purpose and N secret bytes. Out: N + 60 bytes that look random. From the
//! password's key, HKDF-SHA256 (salt: the seal's nonce; info: domain, zero byte, slot) makes an
//! AES-256-GCM key and a commitment of 32 bytes. The commitment stands in the seal and is compared
//! in constant time; AES-GCM alone would let a made-up seal open under several passwords. Since the
//! nonce salts it, sealing the same under the same password again looks new.

use crate::kdf::PasswordKey;
use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use hkdf::Hkdf;
use magpie_protocol::domain::Domain;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

const COMMITMENT: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Bytes a seal takes beside what it holds.
pub(super) const OVERHEAD: usize = COMMITMENT + NONCE + TAG;

/// N sealed bytes, or N + 60 random ones: nobody without the key can tell.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Seal<const N: usize> {
    commitment: [u8; COMMITMENT],
    nonce: [u8; NONCE],
    text: [u8; N],
    tag: [u8; TAG],
}

impl<const N: usize> Seal<N> {
    /// Returns a seal that nothing opens.
    pub(super) fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut seal =
            Self { commitment: [0; COMMITMENT], nonce: [0; NONCE], text: [0; N], tag: [0; TAG] };
        for part in seal.parts_mut() {
            rng.fill_bytes(part);
        }
        seal
    }

    /// Returns `secret` sealed for one domain and slot.
    pub(super) fn close(
        domain: Domain,
        slot: u8,
        key: &PasswordKey,
        secret: &[u8; N],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let mut seal = Self::random(rng);
        let (cipher, commitment) = derive(domain, slot, key, &seal.nonce);
        seal.commitment = commitment;
        // In place over the secret; the tag is written last, so nothing half sealed is returned.
        seal.text = *secret;
        let tag = cipher
            .encrypt_inout_detached(&seal.nonce.into(), &[], (&mut seal.text[..]).into())
            .expect("AES-GCM seals anything below 64 GiB");
        seal.tag.copy_from_slice(&tag);
        seal
    }

    /// Returns what was sealed under this key, and nothing for any other key, domain or slot.
    pub(super) fn open(
        &self,
        domain: Domain,
        slot: u8,
        key: &PasswordKey,
    ) -> Option<Zeroizing<[u8; N]>> {
        let (cipher, commitment) = derive(domain, slot, key, &self.nonce);
        let committed = commitment.ct_eq(&self.commitment);
        // The cipher runs whatever the commitment said, so that every slot costs the same.
        let mut text = Zeroizing::new(self.text);
        let intact = cipher.decrypt_inout_detached(
            &self.nonce.into(),
            &[],
            (&mut text[..]).into(),
            &self.tag.into(),
        );
        bool::from(committed & Choice::from(u8::from(intact.is_ok()))).then_some(text)
    }

    /// Writes the seal to the front of `out` and returns the rest; `out` has room for it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for part in [&self.commitment[..], &self.nonce, &self.text, &self.tag] {
            out.extend_from_slice(part);
        }
    }

    /// Returns the seal at the front of `bytes` and what follows it.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (commitment, bytes) = bytes.split_first_chunk()?;
        let (nonce, bytes) = bytes.split_first_chunk()?;
        let (text, bytes) = bytes.split_first_chunk()?;
        let (tag, bytes) = bytes.split_first_chunk()?;
        Some((Self { commitment: *commitment, nonce: *nonce, text: *text, tag: *tag }, bytes))
    }

    fn parts_mut(&mut self) -> [&mut [u8]; 4] {
        [&mut self.commitment, &mut self.nonce, &mut self.text, &mut self.tag]
    }
}

fn derive(
    domain: Domain,
    slot: u8,
    key: &PasswordKey,
    nonce: &[u8; NONCE],
) -> (Aes256Gcm, [u8; COMMITMENT]) {
    let hkdf = Hkdf::<Sha256>::new(Some(nonce), key.as_bytes());
    let mut okm = Zeroizing::new([0; 32 + COMMITMENT]);
    hkdf.expand_multi_info(&[domain.as_str().as_bytes(), &[0, slot]], &mut okm[..])
        .expect("64 bytes are below HKDF's bound");
    let (cipher, commitment) = okm.split_at(32);
    (
        Aes256Gcm::new_from_slice(cipher).expect("the first half is 32 bytes"),
        commitment.try_into().expect("the second half is 32 bytes"),
    )
}
