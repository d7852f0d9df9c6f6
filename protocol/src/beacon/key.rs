//! The secret key of the verifiable random function, which is used for nothing else.

use crate::keys::BeaconKey;
use rand_core::CryptoRng;
use std::fmt;
use subtle::ConstantTimeEq;
use vrf_rfc9381::{Prover, ec::edwards25519::tai};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The 32 secret bytes from which a validator proves its beacons.
///
/// Its public key is the Ed25519 key of the same bytes, so they must be nobody's signing key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Draws a key.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Returns the key of these bytes, as they were stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the secret bytes, to be stored sealed.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the key that checks what this one proves.
    pub fn public(&self) -> BeaconKey {
        BeaconKey(ed25519_dalek::SigningKey::from_bytes(&self.0).verifying_key().to_bytes())
    }

    /// Returns the prover, which wipes itself when it is dropped.
    pub(super) fn prover(&self) -> Option<tai::EdVrfEdwards25519TaiSecretKey> {
        Prover::from_slice(&self.0).ok()
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}
