//! Who has money, and who makes it.

use super::{Leaf, LeafKey, Pot};
use crate::{address::Address, codec::Format, keys::IssuerKey, ledger::Amount};
use serde::{Deserialize, Serialize};

/// A wallet. One that is not there has nothing and has paid for nothing yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it has.
    pub balance: Amount,
    /// The sequence number of the next entry that it pays for.
    pub sequence: u64,
}

impl Format for Account {
    const NAME: &'static str = "account";
    const VERSION: u8 = 1;
    const LIMIT: usize = 32;
}

impl Leaf for Account {
    type Id = Address;
    const KIND: u8 = 1;
    const POT: Option<Pot> = Some(Pot::Balances);

    fn key(id: &Address) -> LeafKey {
        LeafKey::new(Self::KIND, &[id.as_bytes()])
    }

    fn held(&self) -> Amount {
        self.balance
    }
}

/// An issuer. Who has no such leaf is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The sequence number of its next mint or burn.
    pub sequence: u64,
}

impl Format for Issuer {
    const NAME: &'static str = "issuer";
    const VERSION: u8 = 1;
    const LIMIT: usize = 16;
}

impl Leaf for Issuer {
    type Id = IssuerKey;
    const KIND: u8 = 5;

    fn key(id: &IssuerKey) -> LeafKey {
        LeafKey::new(Self::KIND, &[id.as_bytes()])
    }
}
