//! Amounts of money.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in units, of which 100,000,000 are one coin. It is only ever added to and taken from
/// with a check.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(pub u64);

impl Amount {
    /// Decimals of one coin.
    pub const DECIMALS: u32 = 8;
    /// One coin.
    pub const COIN: Self = Self(10_u64.pow(Self::DECIMALS));
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Returns the sum, or nothing if it is no amount.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// Returns what is left without `other`, or nothing if it is more.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// Returns the amount `times` over, or nothing if it is no amount.
    pub const fn checked_mul(self, times: u64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// Returns the sum of all, or nothing if it is no amount.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:08}", self.0 / Self::COIN.0, self.0 % Self::COIN.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_shows_its_decimals() {
        assert_eq!(Amount(1).to_string(), "0.00000001");
        assert_eq!(Amount(1_230_000_000).to_string(), "12.30000000");
        assert_eq!(Amount(u64::MAX).to_string(), "184467440737.09551615");
    }

    #[test]
    fn no_sum_or_difference_leaves_the_amounts() {
        assert_eq!(Amount(2).checked_add(Amount(3)), Some(Amount(5)));
        assert_eq!(Amount(u64::MAX).checked_add(Amount(1)), None);
        assert_eq!(Amount(2).checked_sub(Amount(2)), Some(Amount::ZERO));
        assert_eq!(Amount(2).checked_sub(Amount(3)), None);
        assert_eq!(Amount(5).checked_mul(3), Some(Amount(15)));
        assert_eq!(Amount(1 << 63).checked_mul(2), None);
        assert_eq!(Amount::checked_sum([Amount(1), Amount(2)]), Some(Amount(3)));
        assert_eq!(Amount::checked_sum([Amount(u64::MAX), Amount(0), Amount(1)]), None);
    }
}
