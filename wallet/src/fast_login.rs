//! The file that spares a login its password: for anonymous accounts and fast login (page 2).
//!
//! In: the login key and the default vault's key. Out: the bytes of a 0600 file that holds both in
//! the clear. Who reads the disk then reads the account, which the switch says plainly; the file
//! opens the default vault and nothing else.

use crate::secret::{LoginKey, VaultKey};
use magpie_protocol::codec::{self, DecodeError, Format};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What opens the default vault without a password.
#[derive(Clone)]
pub struct FastLogin {
    login: LoginKey,
    vault: VaultKey,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Bytes {
    login: [u8; 32],
    vault: [u8; 32],
}

impl Format for Bytes {
    const NAME: &'static str = "fast login file";
    const VERSION: u8 = 1;
    const LIMIT: usize = 65;
}

impl FastLogin {
    /// Returns the fast login of an account with these keys.
    pub const fn new(login: LoginKey, vault: VaultKey) -> Self {
        Self { login, vault }
    }

    /// Returns what the account's shared secrets are sealed under.
    pub const fn login_key(&self) -> &LoginKey {
        &self.login
    }

    /// Returns what the default vault's rows are sealed under.
    pub const fn vault_key(&self) -> &VaultKey {
        &self.vault
    }

    /// Returns the bytes of the file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let bytes = Bytes { login: *self.login.as_bytes(), vault: *self.vault.as_bytes() };
        Zeroizing::new(codec::encode(&bytes).expect("two keys always fit their format"))
    }

    /// Returns the keys in a file's bytes. Error: [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let keys: Bytes = codec::decode(bytes)?;
        let (login, vault) = (LoginKey::from_bytes(keys.login), VaultKey::from_bytes(keys.vault));
        Ok(Self { login, vault })
    }
}

impl fmt::Debug for FastLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FastLogin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_that_come_back() {
        let fast = FastLogin::new(LoginKey::from_bytes([1; 32]), VaultKey::from_bytes([2; 32]));
        let bytes = fast.to_bytes();
        assert_eq!(hex::encode(&*bytes), format!("01{}{}", "01".repeat(32), "02".repeat(32)));
        let again = FastLogin::from_bytes(&bytes).unwrap();
        assert_eq!(again.login_key().as_bytes(), &[1; 32]);
        assert_eq!(again.vault_key().as_bytes(), &[2; 32]);
        assert_eq!(format!("{again:?}"), "FastLogin(..)");
    }

    #[test]
    fn files_of_another_length_or_version_are_refused() {
        let bytes =
            FastLogin::new(LoginKey::from_bytes([1; 32]), VaultKey::from_bytes([2; 32])).to_bytes();
        for cut in 0..bytes.len() {
            assert!(FastLogin::from_bytes(&bytes[..cut]).is_err());
        }
        let mut other = bytes.to_vec();
        other[0] = 2;
        assert!(FastLogin::from_bytes(&other).is_err());
        assert!(FastLogin::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }
}
