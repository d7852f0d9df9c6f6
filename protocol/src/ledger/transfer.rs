//! Transfers: money from a wallet that waits for the payee's word.

use super::{Amount, EntryError, EntryId, Payee, Payment, Rules, instruction::Kind};
use crate::{
    codec::Format,
    domain::{Domain, LEDGER_ACCEPT, LEDGER_DECLINE, LEDGER_TRANSFER},
    keys::ReceiveKey,
};
use serde::{Deserialize, Serialize};

/// Sends money to somebody, who has to accept it before it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Who pays.
    pub payment: Payment,
    /// How much is sent.
    pub amount: Amount,
    /// To whom.
    pub payee: Payee,
}

/// Takes a transfer; the money goes to the wallet that the transfer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The transfer.
    pub transfer: EntryId,
    /// The payee's key, which signs.
    pub receive: ReceiveKey,
}

/// Sends a transfer back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The transfer.
    pub transfer: EntryId,
    /// The payee's key, which signs.
    pub receive: ReceiveKey,
}

impl Kind for Transfer {
    const DOMAIN: Domain = LEDGER_TRANSFER;

    fn signer(&self) -> &[u8; 32] {
        self.payment.wallet.as_bytes()
    }

    fn payment(&self) -> Option<&Payment> {
        Some(&self.payment)
    }

    fn fee(&self, rules: &Rules) -> Amount {
        rules.fees.transfer
    }

    fn amount(&self) -> Amount {
        self.amount
    }

    fn check_limits(&self, rules: &Rules) -> Result<(), EntryError> {
        let (least, most) = (rules.limits.transfer_least.0, rules.limits.transfer.0);
        EntryError::limit(Self::NAME, "the amount", self.amount.0, least, most)
    }
}

impl Kind for Accept {
    const DOMAIN: Domain = LEDGER_ACCEPT;

    fn signer(&self) -> &[u8; 32] {
        self.receive.as_bytes()
    }
}

impl Kind for Decline {
    const DOMAIN: Domain = LEDGER_DECLINE;

    fn signer(&self) -> &[u8; 32] {
        self.receive.as_bytes()
    }
}
