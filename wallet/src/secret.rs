//! Keys that are nothing but 32 secret bytes: each kind a type of its own, wiped when dropped.
//!
//! In: random bytes, or bytes read back from where they were sealed. Out: the same bytes, to whoever
//! seals or uses them; `Debug` shows the kind alone.

use rand_core::CryptoRng;
use std::fmt;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

macro_rules! secrets {
    ($( $(#[$doc:meta])* $name:ident; )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Returns a fresh key.
            pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
                let mut key = Self([0; 32]);
                rng.fill_bytes(&mut key.0);
                key
            }

            /// Returns the key with these bytes; the caller wipes its own copy.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Returns the secret bytes, to be sealed or used and nothing else.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl ConstantTimeEq for $name {
            fn ct_eq(&self, other: &Self) -> Choice {
                self.0.ct_eq(&other.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}

secrets! {
    /// What a vault's rows and records are sealed under (page 7).
    VaultKey;
    /// What the account's shared secrets are sealed under; every login but the blank vault's opens it.
    LoginKey;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn debug_shows_no_byte() {
        assert_eq!(format!("{:?}", VaultKey::from_bytes([0xab; 32])), "VaultKey(..)");
        assert_eq!(format!("{:#?}", LoginKey::from_bytes([0xab; 32])), "LoginKey(..)");
    }

    #[test]
    fn random_keys_differ_and_equal_only_themselves() {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let (a, b) = (VaultKey::random(&mut rng), VaultKey::random(&mut rng));
        assert!(!bool::from(a.ct_eq(&b)));
        assert!(bool::from(a.ct_eq(&VaultKey::from_bytes(*a.as_bytes()))));
    }
}
