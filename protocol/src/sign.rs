//! Signatures: what is signed, what a signature is, and how everybody checks one.
//!
//! In: a [`Domain`], a public key, a message and a [`Signature`]. Out: yes, or why not. What is
//! signed is the domain's string, a zero byte and the message, so that a signature made for one
//! purpose says nothing for another. Who holds a secret key elsewhere signs [`preimage`].

use crate::domain::Domain;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// An Ed25519 signature: 64 bytes on the wire, 128 hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

/// Why a signature does not hold. The fault of whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The public key is weak or not canonically spelled: anybody could sign for it.
    #[error("not a canonical Ed25519 public key")]
    Key,
    /// The signature is not this key's for this message and purpose.
    #[error("the signature does not hold")]
    Signature,
    /// The text is not 128 hex digits.
    #[error("a signature is 128 hex digits")]
    Text,
}

/// Returns the bytes that a signature of `message` for `domain` is made over.
pub fn preimage(domain: Domain, message: &[u8]) -> Vec<u8> {
    let domain = domain.as_str().as_bytes();
    let mut bytes = Vec::with_capacity(domain.len() + 1 + message.len());
    bytes.extend_from_slice(domain);
    bytes.push(0);
    bytes.extend_from_slice(message);
    bytes
}

/// Returns the signature of `message` for `domain` by a key that the caller holds open.
pub fn sign(domain: Domain, key: &SigningKey, message: &[u8]) -> Signature {
    Signature(key.sign(&preimage(domain, message)).to_bytes())
}

/// Checks that `signature` is one of the key `public` over `message` for `domain`.
///
/// Every node comes to the same verdict: the key must be canonical and strong, and the strict
/// equation without cofactor must hold. Errors: [`SignatureError`].
pub fn verify(
    domain: Domain,
    public: &[u8; 32],
    message: &[u8],
    signature: &Signature,
) -> Result<(), SignatureError> {
    let key = VerifyingKey::from_bytes(public).map_err(|_| SignatureError::Key)?;
    if key.is_weak() || key.to_edwards().compress().to_bytes() != *public {
        return Err(SignatureError::Key);
    }
    key.verify_strict(&preimage(domain, message), &signature.0.into())
        .map_err(|_| SignatureError::Signature)
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

impl FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let mut bytes = [0; 64];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| SignatureError::Text)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            let (r, s) = self.0.split_at(32);
            // serde has arrays of at most 32; two of them are the same 64 bytes.
            (
                <&[u8; 32]>::try_from(r).expect("half of 64"),
                <&[u8; 32]>::try_from(s).expect("half of 64"),
            )
                .serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(de::Error::custom);
        }
        let (r, s) = <([u8; 32], [u8; 32])>::deserialize(deserializer)?;
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&r);
        bytes[32..].copy_from_slice(&s);
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{KEY_SLOT, WALLET_LOCK};
    use proptest::prelude::*;

    fn signed(seed: u8, message: &[u8]) -> ([u8; 32], Signature) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let signature = Signature(key.sign(&preimage(KEY_SLOT, message)).to_bytes());
        (key.verifying_key().to_bytes(), signature)
    }

    #[test]
    fn golden_preimage() {
        assert_eq!(preimage(KEY_SLOT, b"hi"), b"magpie/1/key-slot\0hi");
    }

    #[test]
    fn golden_signature() {
        let (_, signature) = signed(7, b"hi");
        assert_eq!(sign(KEY_SLOT, &SigningKey::from_bytes(&[7; 32]), b"hi"), signature);
        crate::golden::check("signature", signature.0.to_vec());
    }

    #[test]
    fn a_signature_holds_for_its_key_message_and_domain_alone() {
        let (public, signature) = signed(7, b"hi");
        assert_eq!(verify(KEY_SLOT, &public, b"hi", &signature), Ok(()));
        let refused = Err(SignatureError::Signature);
        assert_eq!(verify(WALLET_LOCK, &public, b"hi", &signature), refused);
        assert_eq!(verify(KEY_SLOT, &public, b"ho", &signature), refused);
        assert_eq!(verify(KEY_SLOT, &signed(8, b"hi").0, b"hi", &signature), refused);
        for bit in 0..512 {
            let mut garbled = signature;
            garbled.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verify(KEY_SLOT, &public, b"hi", &garbled), refused, "bit {bit}");
        }
    }

    #[test]
    fn weak_and_non_canonical_keys_sign_nothing() {
        // The identity verifies s = 0, R = identity for every message, if nobody looks.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut forged = [0; 64];
        forged[0] = 1;
        let forged = Signature(forged);
        assert_eq!(verify(KEY_SLOT, &identity, b"hi", &forged), Err(SignatureError::Key));
        let mut reduced = [0xff; 32];
        reduced[0] = 0xee;
        reduced[31] = 0x7f;
        assert_eq!(verify(KEY_SLOT, &reduced, b"hi", &forged), Err(SignatureError::Key));
    }

    #[test]
    fn a_signature_is_hex_in_json_and_raw_on_the_wire() {
        let (_, signature) = signed(7, b"hi");
        let json = serde_json::to_string(&signature).unwrap();
        assert_eq!(json, format!("\"{signature}\""));
        assert_eq!(serde_json::from_str::<Signature>(&json).unwrap(), signature);
        let config = bincode::config::standard();
        let raw = bincode::serde::encode_to_vec(signature, config).unwrap();
        assert_eq!(raw, signature.0);
        let (back, _) = bincode::serde::decode_from_slice::<Signature, _>(&raw, config).unwrap();
        assert_eq!(back, signature);
        for bad in ["", "ab", &"zz".repeat(64), &"ab".repeat(65)] {
            assert_eq!(bad.parse::<Signature>(), Err(SignatureError::Text));
        }
    }

    proptest! {
        #[test]
        fn random_keys_and_signatures_never_panic_nor_hold(
            public: [u8; 32], r: [u8; 32], s: [u8; 32], message: Vec<u8>
        ) {
            let mut bytes = [0; 64];
            bytes[..32].copy_from_slice(&r);
            bytes[32..].copy_from_slice(&s);
            prop_assert!(verify(KEY_SLOT, &public, &message, &Signature(bytes)).is_err());
        }
    }
}
