//! What a token allows.

use std::{fmt, ops::BitOr};

/// One thing that the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// Look at what the node shows: listings, events, states.
    Read = 1,
    /// Write messages, groups and contacts.
    Chat = 2,
    /// Move money.
    Wallet = 4,
    /// Everything about the node itself: accounts, vaults, any file path.
    Admin = 8,
}

/// A set of [`Scope`]s.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// No scope at all.
    pub const NONE: Self = Self(0);
    /// Every scope: what the token of `api.json` has.
    pub const ALL: Self =
        Self(Scope::Read as u8 | Scope::Chat as u8 | Scope::Wallet as u8 | Scope::Admin as u8);

    /// Tells whether `scope` is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(scope as u8)
    }
}

impl BitOr<Scope> for Scopes {
    type Output = Self;

    fn bitor(self, scope: Scope) -> Self {
        Self(self.0 | scope as u8)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [Scope::Read, Scope::Chat, Scope::Wallet, Scope::Admin];
        f.debug_set().entries(all.into_iter().filter(|&scope| self.contains(scope))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set() {
        let some = Scopes::from(Scope::Read) | Scope::Wallet;
        assert!(some.contains(Scope::Read) && some.contains(Scope::Wallet));
        assert!(!some.contains(Scope::Chat) && !some.contains(Scope::Admin));
        assert_eq!(
            Scopes::NONE | Scope::Read | Scope::Chat | Scope::Wallet | Scope::Admin,
            Scopes::ALL
        );
        assert_eq!(format!("{some:?}"), "{Read, Wallet}");
    }
}
