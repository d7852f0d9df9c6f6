//! The keys of one device: random, from no mnemonic, and in no backup (page 2).
//!
//! In: randomness at the first start, or bytes read back. Out: [`DeviceSecrets`], what a node can
//! use before login, kept in a 0600 file; and [`DeviceKey`], what the device signs with for its
//! account, kept as a row under the login key. Who keeps the bytes is another crate.

use ed25519_dalek::SigningKey;
use magpie_protocol::{
    address::NodeId,
    codec::{self, DecodeError, Format},
    ids::DeviceId,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The node key and the seal key: transport, fetching mail, and its outer layer.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct DeviceSecrets {
    node: [u8; 32],
    seal: [u8; 32],
}

impl Format for DeviceSecrets {
    const NAME: &'static str = "device secrets";
    const VERSION: u8 = 1;
    const LIMIT: usize = 65;
}

impl DeviceSecrets {
    /// Returns fresh keys, for a device's first start.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secrets = Self { node: [0; 32], seal: [0; 32] };
        rng.fill_bytes(&mut secrets.node);
        rng.fill_bytes(&mut secrets.seal);
        secrets
    }

    /// Returns the node key, which is the PeerId.
    pub fn node(&self) -> SigningKey {
        SigningKey::from_bytes(&self.node)
    }

    /// Returns the node that this device is in the transport.
    pub fn node_id(&self) -> NodeId {
        NodeId(self.node().verifying_key().to_bytes())
    }

    /// Returns the seal key, which opens the outer layer of mail.
    pub fn seal(&self) -> StaticSecret {
        StaticSecret::from(self.seal)
    }

    /// Returns the public half of the seal key, which others seal to.
    pub fn seal_public(&self) -> PublicKey {
        PublicKey::from(&self.seal())
    }

    /// Returns the bytes of the device file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(codec::encode(self).expect("two keys always fit their format"))
    }

    /// Returns the keys in a device file's bytes. Error: [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes)
    }
}

impl fmt::Debug for DeviceSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSecrets(..)")
    }
}

/// The key a device signs with for its account.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct DeviceKey([u8; 32]);

impl Format for DeviceKey {
    const NAME: &'static str = "device key";
    const VERSION: u8 = 1;
    const LIMIT: usize = 33;
}

impl DeviceKey {
    /// Returns a fresh key, for a device's first login.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut key = Self([0; 32]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// Returns the key to sign with.
    pub fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }

    /// Returns the device that this key is.
    pub fn id(&self) -> DeviceId {
        DeviceId(self.signing().verifying_key().to_bytes())
    }

    /// Returns the bytes of the key's row, to be sealed under the login key.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(codec::encode(self).expect("a key always fits its format"))
    }

    /// Returns the key in a row's bytes. Error: [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn golden_device_file() {
        let secrets = DeviceSecrets { node: [7; 32], seal: [9; 32] };
        let bytes = secrets.to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}{}", "07".repeat(32), "09".repeat(32)));
        let back = DeviceSecrets::from_bytes(&bytes).unwrap();
        assert_eq!((back.node, back.seal), (secrets.node, secrets.seal));
        assert_eq!(
            secrets.node_id().to_string(),
            "12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7"
        );
        assert_eq!(
            hex::encode(secrets.seal_public()),
            "57db4b359f23ae5e146e4e2512056704722506348c150c14753d0c933d04d421"
        );
    }

    #[test]
    fn golden_device_key_row() {
        let key = DeviceKey([7; 32]);
        let bytes = key.to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}", "07".repeat(32)));
        assert_eq!(DeviceKey::from_bytes(&bytes).unwrap().id(), key.id());
    }

    #[test]
    fn generated_keys_all_differ() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let (a, b) = (DeviceSecrets::generate(&mut rng), DeviceSecrets::generate(&mut rng));
        assert!(a.node != a.seal && a.node != b.node && a.seal != b.seal);
        assert_ne!(DeviceKey::generate(&mut rng).id(), DeviceKey::generate(&mut rng).id());
    }

    #[test]
    fn debug_shows_no_byte() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let text =
            format!("{:?} {:?}", DeviceSecrets::generate(&mut rng), DeviceKey::generate(&mut rng));
        assert_eq!(text, "DeviceSecrets(..) DeviceKey(..)");
    }

    proptest! {
        #[test]
        fn only_whole_files_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(secrets) = DeviceSecrets::from_bytes(&bytes) {
                prop_assert_eq!(&*secrets.to_bytes(), &bytes);
            }
            if let Ok(key) = DeviceKey::from_bytes(&bytes) {
                prop_assert_eq!(&*key.to_bytes(), &bytes);
            }
        }

        #[test]
        fn every_pair_of_keys_survives(node: [u8; 32], seal: [u8; 32], cut in 0usize..65) {
            let bytes = DeviceSecrets { node, seal }.to_bytes();
            let back = DeviceSecrets::from_bytes(&bytes).unwrap();
            prop_assert_eq!((back.node, back.seal), (node, seal));
            prop_assert!(DeviceSecrets::from_bytes(&bytes[..cut]).is_err());
        }
    }
}
