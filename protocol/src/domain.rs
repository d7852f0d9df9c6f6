//! Every domain-separation string of Magpie, in one table.
//!
//! A signature, hash or derived key is bound to one purpose by the string it starts with.
//! Changing a string is a breaking change of whatever it separates; no two may be equal.

/// One purpose of a hash, signature or derived key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain(&'static str);

impl Domain {
    /// Returns the string itself, as it stands before what is hashed or signed.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

macro_rules! domains {
    ($( $(#[$doc:meta])* $name:ident = $text:literal; )*) => {
        $( $(#[$doc])* pub const $name: Domain = Domain($text); )*
        /// All of them, for the test that they differ.
        pub const ALL: &[Domain] = &[$($name),*];
    };
}

domains! {
    /// The key of a personal row (page 1, storage).
    ROW_KEY = "magpie/1/row-key";
    /// The cipher key of personal rows, derived from a vault's key.
    ROW_VALUE = "magpie/1/row-value";
    /// The check that binds a public row's value to its key.
    ROW_CHECK = "magpie/1/row-check";
    /// The key that opens one key slot, from the password's Argon2id output (page 7).
    KEY_SLOT = "magpie/1/key-slot";
    /// The key that opens the wallet lock.
    WALLET_LOCK = "magpie/1/wallet-lock";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_domains_are_equal_or_prefix_of_each_other() {
        let texts: BTreeSet<_> = ALL.iter().map(|d| d.as_str()).collect();
        assert_eq!(texts.len(), ALL.len());
        for a in &texts {
            assert!(a.starts_with("magpie/"));
            for b in &texts {
                assert!(a == b || !b.starts_with(a), "{a} starts {b}");
            }
        }
    }
}
