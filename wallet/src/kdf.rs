//! From a password to a key: Argon2id, the one slow call of this crate.
//!
//! In: a [`Password`], a [`Salt`] and [`KdfParams`]. Out: a [`PasswordKey`], which the key store
//! tries on its slots. A host runs [`derive()`] on a blocking pool.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use magpie_protocol::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use rand_core::CryptoRng;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Memory one derivation may ask for, in KiB; a garbled file must not ask for all there is.
pub const MEMORY_KIB_MAX: u32 = 1 << 20;
/// Passes one derivation may make.
pub const PASSES_MAX: u32 = 64;
/// Lanes one derivation may have.
pub const LANES_MAX: u32 = 16;

/// What is wrong with a password or with how it is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KdfError {
    /// The password is too short or too long.
    #[error("{0} characters, a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX}")]
    PasswordLength(usize),
    /// Fewer or smaller than any real network allows.
    #[error("{0} is weaker than this network allows")]
    Weak(KdfParams),
    /// Not parameters of Argon2id within the bounds.
    #[error("{0} are no parameters of Argon2id within bounds")]
    Params(KdfParams),
    /// The machine has not that much memory left.
    #[error("no memory for {0} KiB")]
    Memory(u32),
}

/// How hard a derivation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfParams {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfParams {
    /// What every real network asks at least: 64 MiB, three passes, one lane (page 7).
    pub const DEFAULT: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 1 };
    /// For networks whose genesis says that they are test networks.
    pub const TEST: Self = Self { memory_kib: 64, passes: 1, lanes: 1 };

    /// Checks that the parameters are within bounds, and on a real network not weaker than
    /// [`KdfParams::DEFAULT`]. Errors: [`KdfError::Params`], [`KdfError::Weak`].
    pub const fn check(self, test_network: bool) -> Result<(), KdfError> {
        let bounded = self.memory_kib <= MEMORY_KIB_MAX
            && self.passes >= 1
            && self.passes <= PASSES_MAX
            && self.lanes >= 1
            && self.lanes <= LANES_MAX
            // Argon2 divides each lane into four slices of at least two blocks.
            && self.memory_kib >= 8 * self.lanes;
        if !bounded {
            return Err(KdfError::Params(self));
        }
        let weak = self.memory_kib < Self::DEFAULT.memory_kib || self.passes < Self::DEFAULT.passes;
        if weak && !test_network { Err(KdfError::Weak(self)) } else { Ok(()) }
    }
}

impl Default for KdfParams {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for KdfParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={} KiB, t={}, p={}", self.memory_kib, self.passes, self.lanes)
    }
}

/// What makes one password two different keys in two places. Not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl Salt {
    /// Returns a fresh salt.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

/// A password as it was typed: its exact UTF-8 bytes, not normalised in any way.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Returns the password, or [`KdfError::PasswordLength`], and then the text is wiped.
    pub fn new(text: String) -> Result<Self, KdfError> {
        let password = Self(text);
        // Counting stops just past the bound, however long the text is.
        let chars = password.0.chars().take(PASSWORD_CHARS_MAX + 1).count();
        if (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars) {
            Ok(password)
        } else {
            Err(KdfError::PasswordLength(chars))
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// What a password and a salt become: the key that is tried on slots and on the wallet lock.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PasswordKey {
    key: [u8; 32],
    #[zeroize(skip)]
    salt: Salt,
}

impl PasswordKey {
    /// Returns the salt this key was derived with.
    pub const fn salt(&self) -> Salt {
        self.salt
    }

    /// Returns the secret bytes, for the one derivation that seals.
    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

impl fmt::Debug for PasswordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordKey(..)")
    }
}

/// Returns the key of a password: Argon2id version 1.3, 32 bytes. Slow on purpose (about 0.1 s and
/// 64 MiB by default). Errors: [`KdfError::Params`], [`KdfError::Memory`].
pub fn derive(password: &Password, salt: Salt, params: KdfParams) -> Result<PasswordKey, KdfError> {
    params.check(true)?;
    let wrong = |_| KdfError::Params(params);
    let argon = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(params.memory_kib, params.passes, params.lanes, Some(32)).map_err(wrong)?,
    );
    let count = argon.params().block_count();
    let mut blocks: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
    blocks.try_reserve_exact(count).map_err(|_| KdfError::Memory(params.memory_kib))?;
    blocks.resize_with(count, Block::new);
    let mut key = PasswordKey { key: [0; 32], salt };
    argon
        .hash_password_into_with_memory(
            password.0.as_bytes(),
            &salt.0,
            &mut key.key,
            blocks.as_mut_slice(),
        )
        .map_err(wrong)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.into()).unwrap()
    }

    #[test]
    fn golden_key() {
        let key = derive(&password("correct 鹊桥"), Salt([7; 32]), KdfParams::TEST).unwrap();
        assert_eq!(
            hex::encode(key.as_bytes()),
            "9434bcd6dc5f47c9ab819931cfdd6f734d660a6db28c12b43a30cdb24cdaf0ad"
        );
        assert_eq!(key.salt(), Salt([7; 32]));
    }

    #[test]
    fn default_parameters_derive_too() {
        let key = derive(&password("correct 鹊桥"), Salt([7; 32]), KdfParams::DEFAULT).unwrap();
        assert_eq!(
            hex::encode(key.as_bytes()),
            "37442687f995d4a4ea3e7fd9d1199a2d05821f9bb2a2758504bec056ac65ad0c"
        );
    }

    #[test]
    fn another_password_salt_or_parameter_is_another_key() {
        let key =
            |p: &str, s, params| *derive(&password(p), Salt([s; 32]), params).unwrap().as_bytes();
        let first = key("password", 1, KdfParams::TEST);
        assert_eq!(first, key("password", 1, KdfParams::TEST));
        assert_ne!(first, key("Password", 1, KdfParams::TEST));
        assert_ne!(first, key("password", 2, KdfParams::TEST));
        assert_ne!(first, key("password", 1, KdfParams { passes: 2, ..KdfParams::TEST }));
        // One character in two spellings: bytes count, nothing is normalised.
        assert_ne!(
            key("caf\u{e9}!!", 1, KdfParams::TEST),
            key("cafe\u{301}!!", 1, KdfParams::TEST)
        );
    }

    #[test]
    fn lengths_of_passwords() {
        for (text, chars) in [("", 0), ("12345", 5), ("鹊桥鹊桥鹊", 5)] {
            assert_eq!(Password::new(text.into()).unwrap_err(), KdfError::PasswordLength(chars));
        }
        assert!(Password::new("鹊".repeat(128)).is_ok());
        assert!(Password::new("123456".into()).is_ok());
        for len in [129, 1 << 20] {
            let long = Password::new("x".repeat(len)).unwrap_err();
            assert_eq!(long, KdfError::PasswordLength(129));
        }
    }

    #[test]
    fn weak_parameters_are_for_test_networks_alone() {
        assert_eq!(KdfParams::DEFAULT.check(false), Ok(()));
        assert_eq!(KdfParams::TEST.check(true), Ok(()));
        assert_eq!(KdfParams::TEST.check(false), Err(KdfError::Weak(KdfParams::TEST)));
        let passes = KdfParams { passes: 2, ..KdfParams::DEFAULT };
        assert_eq!(passes.check(false), Err(KdfError::Weak(passes)));
    }

    #[test]
    fn parameters_out_of_bounds_are_refused() {
        let ok = KdfParams::DEFAULT;
        for params in [
            KdfParams { memory_kib: MEMORY_KIB_MAX + 1, ..ok },
            KdfParams { memory_kib: 7, ..ok },
            KdfParams { memory_kib: 15, lanes: 2, ..ok },
            KdfParams { passes: 0, ..ok },
            KdfParams { passes: PASSES_MAX + 1, ..ok },
            KdfParams { lanes: 0, ..ok },
            KdfParams { lanes: u32::MAX, ..ok },
        ] {
            assert_eq!(params.check(true), Err(KdfError::Params(params)));
            let error = derive(&password("password"), Salt([0; 32]), params).unwrap_err();
            assert_eq!(error, KdfError::Params(params));
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let key = derive(&password("hunter2hunter2"), Salt([0; 32]), KdfParams::TEST).unwrap();
        assert_eq!(
            format!("{:?} {key:?}", password("hunter2hunter2")),
            "Password(..) PasswordKey(..)"
        );
    }
}
