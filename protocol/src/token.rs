//! Delivery tokens: who shows one may leave mail (page 5).
//!
//! In: randomness. Out: a [`Token`] for one contact, and the [`TokenHash`]
//! and [`Quota`] that one's super nodes are told.

use crate::{
    digest::digest,
    domain::TOKEN_HASH,
    ids::TokenHash,
    limits::{TOKEN_BYTES, TOKEN_ENVELOPES},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret of 16 random bytes that a recipient gives one contact.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token([u8; 16]);

impl Token {
    /// Draws a token.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Returns the token of these bytes, as they were stored.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the secret bytes, to be stored sealed.
    pub const fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns what a super node knows of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(digest(TOKEN_HASH, &self.0))
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// How much mail one token lets wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Envelopes.
    pub envelopes: u32,
    /// Their bytes.
    pub bytes: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self { envelopes: TOKEN_ENVELOPES, bytes: TOKEN_BYTES }
    }
}

impl Quota {
    /// Returns the smaller of both in each, so that nobody grants themselves more than is allowed.
    pub fn capped(self) -> Self {
        let most = Self::default();
        Self { envelopes: self.envelopes.min(most.envelopes), bytes: self.bytes.min(most.bytes) }
    }

    /// Whether another envelope of `len` bytes fits beside what waits already.
    pub fn admits(&self, waiting_envelopes: u32, waiting_bytes: u64, len: usize) -> bool {
        let bytes = u64::try_from(len).ok().and_then(|len| waiting_bytes.checked_add(len));
        waiting_envelopes < self.envelopes && bytes.is_some_and(|bytes| bytes <= self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    #[test]
    fn golden_token_and_hash() {
        let token = Token::random(&mut ChaCha20Rng::from_seed([1; 32]));
        let vector = [&token.expose()[..], &token.hash().0].concat();
        crate::golden::check("token_and_hash", vector);
        assert_eq!(token, Token::from_bytes(*token.expose()));
        assert_ne!(token, Token::from_bytes([0; 16]));
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", Token::from_bytes([0xab; 16])), "Token(..)");
    }

    #[test]
    fn a_quota_ends_exactly_where_it_says() {
        let quota = Quota { envelopes: 2, bytes: 100 };
        assert!(quota.admits(1, 60, 40) && quota.admits(0, 0, 100));
        assert!(
            !quota.admits(2, 0, 1) && !quota.admits(1, 60, 41) && !quota.admits(0, u64::MAX, 1)
        );
        let greedy = Quota { envelopes: u32::MAX, bytes: u64::MAX };
        assert_eq!(greedy.capped(), Quota::default());
        assert_eq!(quota.capped(), quota);
    }
}
