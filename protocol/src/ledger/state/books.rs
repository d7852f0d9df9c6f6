//! The books: where all the money is, as running sums.

use super::{Leaf, LeafKey};
use crate::{codec::Format, ledger::Amount};
use serde::{Deserialize, Serialize};

/// Which of the books' sums counts a leaf's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pot {
    /// What wallets have.
    Balances,
    /// What waits in transfers.
    Transfers,
    /// What is in packets.
    Packets,
}

/// All the money, by where it is, and how it came to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// What was minted and not burned.
    pub supply: Amount,
    /// What wallets have.
    pub balances: Amount,
    /// What waits in transfers.
    pub transfers: Amount,
    /// What is in packets.
    pub packets: Amount,
    /// Fees that are not paid out yet.
    pub fees: Amount,
    /// What was ever minted.
    pub minted: Amount,
    /// The day of the next two, in days since 1970 by header time.
    pub day: u64,
    /// What was minted on that day.
    pub minted_today: Amount,
    /// What was burned on that day.
    pub burned_today: Amount,
}

impl Books {
    /// Tells whether all the money is somewhere, and none twice.
    pub fn balance(&self) -> bool {
        let parts = [self.balances, self.transfers, self.packets, self.fees];
        Amount::checked_sum(parts) == Some(self.supply)
    }

    /// Returns the sum of a pot.
    pub(in crate::ledger) const fn pot(&mut self, pot: Pot) -> &mut Amount {
        match pot {
            Pot::Balances => &mut self.balances,
            Pot::Transfers => &mut self.transfers,
            Pot::Packets => &mut self.packets,
        }
    }
}

impl Format for Books {
    const NAME: &'static str = "books";
    const VERSION: u8 = 1;
    const LIMIT: usize = 96;
}

impl Leaf for Books {
    type Id = ();
    const KIND: u8 = 6;

    fn key((): &()) -> LeafKey {
        LeafKey::new(Self::KIND, &[])
    }
}
