//! Who may call: the tokens of the local API and what each allows.

use crate::core::Scopes;
use std::fmt;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Tokens that one server may know.
pub const TOKENS_MAX: usize = 32;
const TOKEN_BYTES: usize = 32;

/// The operating system gave no random bytes for a token.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes for an API token: {0}")]
pub struct TokenError(getrandom::Error);

/// The table of tokens holds its most.
#[derive(Debug, thiserror::Error)]
#[error("more than {TOKENS_MAX} API tokens")]
pub struct TokensFull;

/// One secret that opens the local API: 32 random bytes as 64 hex digits.
#[derive(Clone)]
pub struct ApiToken(Zeroizing<String>);

impl ApiToken {
    /// Makes a new token from the operating system's randomness.
    pub fn generate() -> Result<Self, TokenError> {
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(TokenError)?;
        Ok(Self(Zeroizing::new(hex::encode(bytes.as_ref()))))
    }

    /// Returns the digits, for `api.json` and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(..)")
    }
}

struct Entry {
    name: String,
    token: ApiToken,
    scopes: Scopes,
}

/// Every token that a server accepts.
#[derive(Default)]
pub struct Tokens(Vec<Entry>);

impl Tokens {
    /// Returns a table with one token that may do all: the one of `api.json`.
    pub fn full(token: ApiToken) -> Self {
        Self(vec![Entry { name: "api.json".into(), token, scopes: Scopes::ALL }])
    }

    /// Adds a token under a name that people know it by.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        token: ApiToken,
        scopes: Scopes,
    ) -> Result<(), TokensFull> {
        if self.0.len() >= TOKENS_MAX {
            return Err(TokensFull);
        }
        self.0.push(Entry { name: name.into(), token, scopes });
        Ok(())
    }

    /// Returns what `offered` allows, if it is a token of the table. Takes as long for a wrong token as
    /// for any right one: every entry is compared, each in constant time.
    pub(super) fn scopes(&self, offered: &[u8]) -> Option<Scopes> {
        let mut found = 0;
        for (place, entry) in (1_u32..).zip(&self.0) {
            let same: Choice = entry.token.expose().as_bytes().ct_eq(offered);
            found = u32::conditional_select(&found, &place, same);
        }
        let place = (found as usize).checked_sub(1)?;
        self.0.get(place).map(|entry| entry.scopes)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|entry| (&entry.name, entry.scopes))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magpie_protocol::api::Scope;

    #[test]
    fn a_token_opens_what_it_was_made_for_and_shows_in_no_debug_text() {
        let (all, reader) = (ApiToken::generate().unwrap(), ApiToken::generate().unwrap());
        assert_eq!(all.expose().len(), 64);
        assert_ne!(all.expose(), reader.expose());
        let mut tokens = Tokens::full(all.clone());
        tokens.add("dashboard", reader.clone(), Scope::Read.into()).unwrap();
        assert_eq!(tokens.scopes(all.expose().as_bytes()), Some(Scopes::ALL));
        assert_eq!(tokens.scopes(reader.expose().as_bytes()), Some(Scope::Read.into()));
        for wrong in [&b""[..], b"wrong", &all.expose().as_bytes()[..63], &[b'0'; 64]] {
            assert_eq!(tokens.scopes(wrong), None);
        }
        assert_eq!(Tokens::default().scopes(b""), None);
        let shown = format!("{all:?} {tokens:?}");
        assert!(!shown.contains(all.expose()) && !shown.contains(reader.expose()), "{shown}");
    }

    #[test]
    fn the_table_has_a_bound() {
        let mut tokens = Tokens::default();
        for _ in 0..TOKENS_MAX {
            tokens.add("t", ApiToken::generate().unwrap(), Scopes::NONE).unwrap();
        }
        tokens.add("t", ApiToken::generate().unwrap(), Scopes::NONE).unwrap_err();
    }
}
