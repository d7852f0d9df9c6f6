//! The notary: 32 bytes fixed in time.

use super::{Amount, Payment, Rules, instruction::Kind};
use crate::domain::{Domain, LEDGER_NOTARY};
use serde::{Deserialize, Serialize};

/// Fixes a digest in time: who shows what it is of, shows that it is older than the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notarize {
    /// Who pays.
    pub payment: Payment,
    /// The digest.
    pub digest: [u8; 32],
}

impl Kind for Notarize {
    const DOMAIN: Domain = LEDGER_NOTARY;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.fees.notary
    }
}
