//! A transfer, from its block on for good.

use super::{Due, Leaf, LeafKey, Pot};
use crate::{
    address::Address,
    codec::Format,
    ledger::{Amount, EntryId, Payee},
};
use serde::{Deserialize, Serialize};

/// What became of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferState {
    /// It waits for the payee, and holds the money.
    Waiting,
    /// The payee took it.
    Accepted {
        /// In the block of this height.
        height: u64,
    },
    /// The payee sent it back.
    Declined {
        /// In the block of this height.
        height: u64,
    },
    /// Its time was over, and it went back.
    Returned {
        /// In the block of this height.
        height: u64,
    },
}

/// A transfer. That there is none under an id shows that it never happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Who paid, and gets back what is not taken.
    pub from: Address,
    /// To whom.
    pub payee: Payee,
    /// How much.
    pub amount: Amount,
    /// Until when it can be accepted or declined, in milliseconds by header time, exclusive.
    pub expires_ms: u64,
    /// What became of it.
    pub state: TransferState,
    /// What else is due in the same second: a link of the calendar.
    pub next: Option<Due>,
}

impl Format for Transfer {
    const NAME: &'static str = "transfer leaf";
    const VERSION: u8 = 1;
    const LIMIT: usize = 192;
}

impl Leaf for Transfer {
    type Id = EntryId;
    const KIND: u8 = 2;
    const POT: Option<Pot> = Some(Pot::Transfers);

    fn key(id: &EntryId) -> LeafKey {
        LeafKey::new(Self::KIND, &[id.as_bytes()])
    }

    fn held(&self) -> Amount {
        match self.state {
            TransferState::Waiting => self.amount,
            _ => Amount::ZERO,
        }
    }
}
