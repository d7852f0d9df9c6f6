//! What every entry that a wallet signs begins with: who pays, in which order, until when, how much.

use super::{Amount, EntryError};
use crate::address::Address;
use serde::{Deserialize, Serialize};

/// A wallet's word that it pays for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The wallet, which signs.
    pub wallet: Address,
    /// The wallet's next sequence number, from 0.
    pub sequence: u64,
    /// Until when the entry may stand in a block, in milliseconds by header time, exclusive.
    pub valid_until_ms: u64,
    /// The most that the wallet pays as a fee.
    pub gas: Amount,
}

impl Payment {
    /// Checks that the gas covers the fee, and that fee and amount can be paid together.
    pub(super) fn check(
        &self,
        kind: &'static str,
        fee: Amount,
        amount: Amount,
    ) -> Result<(), EntryError> {
        if self.sequence == u64::MAX {
            return Err(EntryError::Shape { kind, rule: "a sequence number has a next one" });
        }
        if self.gas < fee {
            return Err(EntryError::Gas { kind, fee, gas: self.gas });
        }
        // The fee is paid, not the gas: who offers all there is pays no more than others.
        if fee.checked_add(amount).is_none() {
            return Err(EntryError::Shape { kind, rule: "amount and fee have a sum" });
        }
        Ok(())
    }
}
