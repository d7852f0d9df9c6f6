//! What a super node signs with beside its node key, and what a network's issuer signs with
//! (pages 2 and 8): random, from no mnemonic, each for one purpose.
//!
//! In: randomness when a network is made, or bytes read back. Out: [`SuperSecrets`],
//! [`IssuerSecret`] and [`FeesSecret`]; who keeps the bytes, in 0600 files, is another crate.

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::Address,
    beacon,
    codec::{self, DecodeError, Format},
    keys::{BeaconKey, ConsensusKey, IssuerKey, ReceiptsKey},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The receipts key, the consensus key and the beacon key of one super node.
///
/// Version 1 had no beacon key; its networks had no money and are made anew.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct SuperSecrets {
    receipts: [u8; 32],
    consensus: [u8; 32],
    beacon: [u8; 32],
}

impl Format for SuperSecrets {
    const NAME: &'static str = "super node keys";
    const VERSION: u8 = 2;
    const LIMIT: usize = 97;
}

impl SuperSecrets {
    /// Returns fresh keys, for a new super node.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secrets = Self { receipts: [0; 32], consensus: [0; 32], beacon: [0; 32] };
        rng.fill_bytes(&mut secrets.receipts);
        rng.fill_bytes(&mut secrets.consensus);
        rng.fill_bytes(&mut secrets.beacon);
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

    /// Returns the key that makes beacons.
    pub const fn beacon(&self) -> beacon::SecretKey {
        beacon::SecretKey::from_bytes(self.beacon)
    }

    /// Returns the public half of the beacon key, as the genesis names it.
    pub fn beacon_public(&self) -> BeaconKey {
        self.beacon().public()
    }

    /// Returns the bytes of the keys' file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(codec::encode(self).expect("three keys always fit their format"))
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

macro_rules! key_file {
    ($(#[$doc:meta])* $secret:ident, $name:literal) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
        pub struct $secret([u8; 32]);

        impl Format for $secret {
            const NAME: &'static str = $name;
            const VERSION: u8 = 1;
            const LIMIT: usize = 33;
        }

        impl $secret {
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

            /// Returns the bytes of the key's file.
            pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(codec::encode(self).expect("a key always fits its format"))
            }

            /// Returns the key in a file's bytes. Error: [`DecodeError`].
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
                codec::decode(bytes)
            }
        }

        impl fmt::Debug for $secret {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($secret), "(..)"))
            }
        }
    };
}

key_file! {
    /// The key that issues a network's units.
    IssuerSecret, "issuer key"
}

key_file! {
    /// The key of a wallet that a super node's fees go to. The node does not need it.
    FeesSecret, "fees key"
}

impl IssuerSecret {
    /// Returns the public half, as the genesis names it.
    pub fn public(&self) -> IssuerKey {
        IssuerKey(self.signing().verifying_key().to_bytes())
    }
}

impl FeesSecret {
    /// Returns the wallet's address, as the genesis names it.
    pub fn address(&self) -> Address {
        Address::from_bytes(self.signing().verifying_key().to_bytes())
            .expect("the key of a signer is canonical and of prime order")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn golden_files() {
        let secrets = SuperSecrets { receipts: [7; 32], consensus: [9; 32], beacon: [11; 32] };
        let bytes = secrets.to_bytes();
        let [receipts, consensus, beacon] = ["07", "09", "0b"].map(|byte| byte.repeat(32));
        assert_eq!(hex::encode(&*bytes), format!("02{receipts}{consensus}{beacon}"));
        let back = SuperSecrets::from_bytes(&bytes).unwrap();
        assert_eq!((back.receipts, back.consensus, back.beacon), ([7; 32], [9; 32], [11; 32]));
        let old = [&[1], [7; 32].as_slice(), &[9; 32]].concat();
        assert!(matches!(SuperSecrets::from_bytes(&old), Err(DecodeError::Version { .. })));
        let bytes = IssuerSecret([5; 32]).to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}", "05".repeat(32)));
        assert_eq!(IssuerSecret::from_bytes(&bytes).unwrap().0, [5; 32]);
        let bytes = FeesSecret([6; 32]).to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}", "06".repeat(32)));
        assert_eq!(FeesSecret::from_bytes(&bytes).unwrap().0, [6; 32]);
    }

    #[test]
    fn generated_keys_all_differ_and_debug_shows_no_byte() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let (a, b) = (SuperSecrets::generate(&mut rng), SuperSecrets::generate(&mut rng));
        let (c, d) = (IssuerSecret::generate(&mut rng), IssuerSecret::generate(&mut rng));
        let (e, f) = (FeesSecret::generate(&mut rng), FeesSecret::generate(&mut rng));
        let mut keys = vec![a.receipts, a.consensus, a.beacon, b.receipts, b.consensus, b.beacon];
        keys.extend([c.0, d.0, e.0, f.0]);
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 10);
        assert_ne!(a.receipts_public().0, a.consensus_public().0);
        assert_eq!(a.beacon_public().check(), Ok(()));
        assert_ne!(e.address(), f.address());
        assert_eq!(
            format!("{a:?} {c:?} {e:?}"),
            "SuperSecrets(..) IssuerSecret(..) FeesSecret(..)"
        );
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
