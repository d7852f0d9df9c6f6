//! Signing: the half of [`magpie_protocol::sign`] that needs a secret.
//!
//! In: a [`Domain`], a key and a message. Out: a [`Signature`] that everybody checks with
//! [`magpie_protocol::sign::verify`].

use ed25519_dalek::{Signer, SigningKey};
use magpie_protocol::{
    domain::Domain,
    sign::{Signature, preimage},
};

/// Returns the signature of `message` for the one purpose `domain`.
pub fn sign(domain: Domain, key: &SigningKey, message: &[u8]) -> Signature {
    Signature(key.sign(&preimage(domain, message)).to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use magpie_protocol::{
        domain::{KEY_SLOT, WALLET_LOCK},
        sign::{SignatureError, verify},
    };

    #[test]
    fn golden_signature() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = sign(KEY_SLOT, &key, "鹊桥".as_bytes());
        assert_eq!(
            signature.to_string(),
            "f39497691581beaa9dce2a35e5d94a01924febbdd0f4ea796104b11b6ff989df2e62360a7298d7f6912d9a4fc448b43e66a0e4e1094a1b355fbc64ecb4c2050e"
        );
    }

    #[test]
    fn what_is_signed_verifies_for_its_domain_alone() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key().to_bytes();
        let signature = sign(KEY_SLOT, &key, b"hi");
        assert_eq!(verify(KEY_SLOT, &public, b"hi", &signature), Ok(()));
        assert_eq!(verify(WALLET_LOCK, &public, b"hi", &signature), Err(SignatureError::Signature));
    }
}
