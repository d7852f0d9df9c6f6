//! What a token allows.

use magpie_protocol::api::Scope;
use std::{fmt, ops::BitOr};

/// A set of [`Scope`]s.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// No scope at all.
    pub const NONE: Self = Self(0);
    /// Every scope: what the token of `api.json` has.
    pub const ALL: Self =
        Self(bit(Scope::Read) | bit(Scope::Chat) | bit(Scope::Wallet) | bit(Scope::Admin));

    /// Returns whether `scope` is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Returns whether a method of this scope may be called: admin allows all.
    pub const fn allow(self, scope: Scope) -> bool {
        self.contains(scope) || self.contains(Scope::Admin)
    }
}

const fn bit(scope: Scope) -> u8 {
    match scope {
        Scope::Read => 1,
        Scope::Chat => 2,
        Scope::Wallet => 4,
        Scope::Admin => 8,
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(bit(scope))
    }
}

impl BitOr<Scope> for Scopes {
    type Output = Self;

    fn bitor(self, scope: Scope) -> Self {
        Self(self.0 | bit(scope))
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
    fn scopes_are_a_set_and_admin_allows_all() {
        let some = Scopes::from(Scope::Read) | Scope::Wallet;
        assert!(some.contains(Scope::Read) && some.contains(Scope::Wallet));
        assert!(!some.allow(Scope::Chat) && !some.allow(Scope::Admin));
        assert!(Scopes::from(Scope::Admin).allow(Scope::Wallet));
        assert!(!Scopes::NONE.allow(Scope::Read));
        let all = Scopes::NONE | Scope::Read | Scope::Chat | Scope::Wallet | Scope::Admin;
        assert_eq!(all, Scopes::ALL);
        assert_eq!(format!("{some:?}"), "{Read, Wallet}");
    }
}
