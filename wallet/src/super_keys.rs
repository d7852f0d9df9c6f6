//! What a super node signs with beside its node key, and what a network's issuer signs with
//! (pages 2 and 8): random, from no mnemonic, each for one purpose.
//!
//! In: randomness when a network is made, or bytes read back. Out: [`SuperSecrets`] and
//! [`IssuerSecret`]; who keeps the bytes, in 0600 files, is another crate.

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    codec::{self, DecodeError, Format},
    keys::{ConsensusKey, IssuerKey, ReceiptsKey},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The receipts key and the consensus key of one super node.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct SuperSecrets {
    receipts: [u8; 32],
    consensus: [u8; 32],
}

impl Format for SuperSecrets {
    const NAME: &'static str = "super node keys";
    const VERSION: u8 = 1;
    const LIMIT: usize = 65;
}

impl SuperSecrets {
    /// Returns fresh keys, for a new super node.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secrets = Self { receipts: [0; 32], consensus: [0; 32] };
        rng.fill_bytes(&mut secrets.receipts);
        rng.fill_bytes(&mut secrets.consensus);
        secrets
    }

    /// Returns the key that signs storage receipts.
    pub fn receipts(&self) -> SigningKey {
        SigningKey::from_bytes(&self.receipts)
    }

    /// Returns the public half of the receipts key, as the genesis names it.
    pub fn receipts_public(&self) -> ReceiptsKey {
        ReceiptsKey(self.receipts().verifying_key().to_bytes())
    }

    /// Returns the key that votes.
    pub fn consensus(&self) -> SigningKey {
        SigningKey::from_bytes(&self.consensus)
    }

    /// Returns the public half of the consensus key, as the genesis names it.
    pub fn consensus_public(&self) -> ConsensusKey {
        ConsensusKey(self.consensus().verifying_key().to_bytes())
    }

    /// Returns the bytes of the keys' file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(codec::encode(self).expect("two keys always fit their format"))
    }

    /// Returns the keys in a file's bytes. Error: [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes)
    }
}

impl fmt::Debug for SuperSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuperSecrets(..)")
    }
}

/// The key that issues a network's units.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct IssuerSecret([u8; 32]);

impl Format for IssuerSecret {
    const NAME: &'static str = "issuer key";
    const VERSION: u8 = 1;
    const LIMIT: usize = 33;
}

impl IssuerSecret {
    /// Returns a fresh key, for a new network.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut key = Self([0; 32]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// Returns the key to sign with.
    pub fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }

    /// Returns the public half, as the genesis names it.
    pub fn public(&self) -> IssuerKey {
        IssuerKey(self.signing().verifying_key().to_bytes())
    }

    /// Returns the bytes of the key's file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(codec::encode(self).expect("a key always fits its format"))
    }

    /// Returns the key in a file's bytes. Error: [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes)
    }
}

impl fmt::Debug for IssuerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn golden_files() {
        let secrets = SuperSecrets { receipts: [7; 32], consensus: [9; 32] };
        let bytes = secrets.to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}{}", "07".repeat(32), "09".repeat(32)));
        let back = SuperSecrets::from_bytes(&bytes).unwrap();
        assert_eq!((back.receipts, back.consensus), ([7; 32], [9; 32]));
        let bytes = IssuerSecret([5; 32]).to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}", "05".repeat(32)));
        assert_eq!(IssuerSecret::from_bytes(&bytes).unwrap().0, [5; 32]);
    }

    #[test]
    fn generated_keys_all_differ_and_debug_shows_no_byte() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let (a, b) = (SuperSecrets::generate(&mut rng), SuperSecrets::generate(&mut rng));
        let (c, d) = (IssuerSecret::generate(&mut rng), IssuerSecret::generate(&mut rng));
        let mut keys = vec![a.receipts, a.consensus, b.receipts, b.consensus, c.0, d.0];
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 6);
        assert_ne!(a.receipts_public().0, a.consensus_public().0);
        assert_eq!(format!("{a:?} {c:?}"), "SuperSecrets(..) IssuerSecret(..)");
    }

    proptest! {
        #[test]
        fn only_whole_files_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(secrets) = SuperSecrets::from_bytes(&bytes) {
                prop_assert_eq!(&*secrets.to_bytes(), &bytes);
            }
            if let Ok(key) = IssuerSecret::from_bytes(&bytes) {
                prop_assert_eq!(&*key.to_bytes(), &bytes);
            }
        }
    }
}
