//! Every key of an account, derived from its seed: SLIP-0010 over Ed25519, all steps hardened.
//!
//! In: a [`Seed`]. Out: one key per call, so that an account or wallet key lives for one use (page
//! 2). The paths, under 44' and Magpie's own coin 7780':
//!
//! | path | key |
//! |---|---|
//! | m/44'/7780'/0' | account |
//! | m/44'/7780'/1'/i' | wallet i |
//! | m/44'/7780'/2'/term' | receive key of a term |
//! | m/44'/7780'/3' | account X25519 |

use crate::mnemonic::Seed;
use ed25519_dalek::SigningKey;
use magpie_protocol::address::Address;
use slip10_ed25519::derive_ed25519_private_key;
use std::fmt;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

const PURPOSE: u32 = 44;
const COIN: u32 = 7_780;
/// One past the largest index of a wallet or term: hardened indexes have 31 bits.
pub const INDEX_END: u32 = 1 << 31;

/// Why there is no such key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The wallet's number or the term has more than 31 bits.
    #[error("index {0} is not below 2^31")]
    Index(u32),
}

/// The keys of one account.
#[derive(Clone)]
pub struct AccountKeys {
    seed: Seed,
}

impl AccountKeys {
    /// Returns the keys of the account with this seed.
    pub const fn new(seed: Seed) -> Self {
        Self { seed }
    }

    /// Returns the account key, which speaks for the account itself.
    pub fn account(&self) -> SigningKey {
        SigningKey::from_bytes(&self.at(&[PURPOSE, COIN, 0]))
    }

    /// Returns the account's address.
    pub fn address(&self) -> Address {
        Address::of(&self.account().verifying_key())
            .expect("a key made from a secret is canonical and of prime order")
    }

    /// Returns the key of wallet `index`, which spends. Error: [`DeriveError::Index`].
    pub fn wallet(&self, index: u32) -> Result<SigningKey, DeriveError> {
        let index = bounded(index)?;
        Ok(SigningKey::from_bytes(&self.at(&[PURPOSE, COIN, 1, index])))
    }

    /// Returns the receive key of a term of the device list, which claims, accepts and declines
    /// but cannot spend. Error: [`DeriveError::Index`].
    pub fn receive(&self, term: u32) -> Result<SigningKey, DeriveError> {
        let term = bounded(term)?;
        Ok(SigningKey::from_bytes(&self.at(&[PURPOSE, COIN, 2, term])))
    }

    /// Returns the account's X25519 key, which unwraps record keys after a restore.
    pub fn curve(&self) -> StaticSecret {
        StaticSecret::from(*self.at(&[PURPOSE, COIN, 3]))
    }

    fn at(&self, path: &[u32]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(derive_ed25519_private_key(self.seed.as_bytes(), path))
    }
}

impl fmt::Debug for AccountKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKeys(..)")
    }
}

/// The library sets the top bit itself, so a larger index would silently be another key's.
const fn bounded(index: u32) -> Result<u32, DeriveError> {
    if index < INDEX_END { Ok(index) } else { Err(DeriveError::Index(index)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mnemonic::{Entropy, Language};
    use std::collections::BTreeSet;
    use x25519_dalek::PublicKey;

    #[test]
    fn slip_0010_vector_1_for_ed25519() {
        let seed = hex::decode("000102030405060708090a0b0c0d0e0f").unwrap();
        for (path, secret, public) in [
            (
                &[][..],
                "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7",
                "a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed",
            ),
            (
                &[0],
                "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3",
                "8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c",
            ),
            (
                &[0, 1, 2, 2, 1_000_000_000],
                "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793",
                "3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a",
            ),
        ] {
            let key = derive_ed25519_private_key(&seed, path);
            assert_eq!(hex::encode(key), secret);
            assert_eq!(hex::encode(SigningKey::from_bytes(&key).verifying_key()), public);
        }
    }

    #[test]
    fn golden_keys_of_one_mnemonic_in_three_languages() {
        for sentence in [
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
            "枪 疫 霉 尝 俩 闹 饿 贤 枪 疫 霉 卿",
            "槍 疫 黴 嘗 倆 鬧 餓 賢 槍 疫 黴 卿",
        ] {
            let keys = Entropy::parse(sentence).unwrap().keys();
            let public = |key: SigningKey| hex::encode(key.verifying_key());
            assert_eq!(keys.address().to_string(), "8SscZXfok3FdFTTKS2Rr8ECVgQKoutdcPNfLwvTPDc2z");
            assert_eq!(
                public(keys.wallet(0).unwrap()),
                "d831369115d8a077167e62c880aecbd8dd924341dc8970c1808b5afda5725ab6"
            );
            assert_eq!(
                public(keys.wallet(INDEX_END - 1).unwrap()),
                "c3f88725c4b1271dd36413d615feb9304e8a404ef7eaea81f144a6c040d12cbd"
            );
            assert_eq!(
                public(keys.receive(1).unwrap()),
                "f59e16648aadf7db6ec0b9276b78e024bb86be041ed8cb2e25791234cfe13d05"
            );
            assert_eq!(
                hex::encode(PublicKey::from(&keys.curve()).as_bytes()),
                "3b6f762aba214a9ff72c35c11f1f8ce7716fca175ae70e54f79111987cf09e5c"
            );
        }
    }

    #[test]
    fn keys_differ_and_wide_indexes_are_refused() {
        let keys = Entropy::from_bytes([3; 16]).keys();
        let mut seen = BTreeSet::from([keys.account().to_bytes(), keys.curve().to_bytes()]);
        for i in 0..8 {
            assert!(seen.insert(keys.wallet(i).unwrap().to_bytes()));
            assert!(seen.insert(keys.receive(i).unwrap().to_bytes()));
        }
        for index in [INDEX_END, u32::MAX] {
            assert_eq!(keys.wallet(index).unwrap_err(), DeriveError::Index(index));
            assert_eq!(keys.receive(index).unwrap_err(), DeriveError::Index(index));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let keys = Entropy::from_bytes([3; 16]).keys();
        assert_eq!(format!("{keys:?}"), "AccountKeys(..)");
        let account = keys.account();
        let secret = format!("{:?}", account.to_bytes());
        assert!(!format!("{account:?}").contains(secret.trim_matches(['[', ']'])));
    }

    #[test]
    fn an_address_is_the_same_whatever_language_was_exported() {
        let entropy = Entropy::from_bytes([0x5a; 16]);
        for language in Language::ALL {
            let restored = Entropy::parse(&entropy.spell(language)).unwrap();
            assert_eq!(restored.keys().address(), entropy.keys().address());
        }
    }
}
