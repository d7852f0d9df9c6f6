//! Issuers: recharge makes units, withdrawal ends them.
//!
//! Whether the key is an issuer's, and the limits of the day and in total, are for the execution
//! to say, where the state is known.

use super::{Amount, EntryError, Rules, instruction::Kind};
use crate::{
    address::Address,
    codec::Format,
    domain::{Domain, LEDGER_BURN, LEDGER_MINT},
    keys::IssuerKey,
};
use serde::{Deserialize, Serialize};

/// Makes units in a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mint {
    /// Who issues, and signs.
    pub issuer: IssuerKey,
    /// The issuer's next sequence number, from 0.
    pub sequence: u64,
    /// Until when the entry may stand in a block, in milliseconds by header time, exclusive.
    pub valid_until_ms: u64,
    /// Whose wallet gets them.
    pub wallet: Address,
    /// How much.
    pub amount: Amount,
    /// What the issuer has on it in the books.
    pub reference: [u8; 32],
}

/// Ends units of the wallet whose key is the issuer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burn {
    /// Who issued, and signs.
    pub issuer: IssuerKey,
    /// The issuer's next sequence number, from 0.
    pub sequence: u64,
    /// Until when the entry may stand in a block, in milliseconds by header time, exclusive.
    pub valid_until_ms: u64,
    /// How much.
    pub amount: Amount,
    /// What the issuer has on it in the books.
    pub reference: [u8; 32],
}

fn check(kind: &'static str, sequence: u64, amount: Amount) -> Result<(), EntryError> {
    if sequence == u64::MAX {
        return Err(EntryError::Shape { kind, rule: "a sequence number has a next one" });
    }
    EntryError::limit(kind, "the amount", amount.0, 1, u64::MAX)
}

impl Kind for Mint {
    const DOMAIN: Domain = LEDGER_MINT;

    fn signer(&self) -> &[u8; 32] {
        self.issuer.as_bytes()
    }

    fn valid_until_ms(&self) -> Option<u64> {
        Some(self.valid_until_ms)
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        check(Self::NAME, self.sequence, self.amount)
    }
}

impl Kind for Burn {
    const DOMAIN: Domain = LEDGER_BURN;

    fn signer(&self) -> &[u8; 32] {
        self.issuer.as_bytes()
    }

    fn valid_until_ms(&self) -> Option<u64> {
        Some(self.valid_until_ms)
    }

    fn check_limits(&self, _rules: &Rules) -> Result<(), EntryError> {
        check(Self::NAME, self.sequence, self.amount)
    }
}
