//! The wallet: what it has, and what became of it.

use super::{
    field::{Millis, Page, PageSize, choices},
    methods::methods,
    shape::Empty,
};
use crate::{address::Address, ledger::Amount};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// The wallet: what it has, and what became of it.
    pub trait Wallet = "wallet" {
        /// Shows the wallet's address and verified balance. 400 if the account has no wallet.
        "info" wallet_info(Empty) -> WalletInfo, read later;
        /// Lists what changed the wallet, newest first, a page at a time.
        "records" wallet_records(ListRecords) -> Vec<WalletRecord>, read;
    }
}

/// What the wallet has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WalletInfo {
    /// The wallet's address.
    pub address: Address,
    /// What it has, in units, as the state under a verified header proves.
    pub balance: Amount,
    /// Whether a wallet password is set.
    pub has_payment_password: bool,
    /// The time of that header; 0 if there is none yet.
    pub as_of: Millis,
    /// The height of that header; 0 if there is none yet.
    pub height: u64,
    /// Whether that header is fresh enough for the balance to be called settled.
    pub settled: bool,
}

/// Rows of records if the caller does not say how many.
const USUAL_ROWS: i64 = 20;

/// Which records to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListRecords {
    /// Rows at most; 20 if left out.
    pub count: Option<PageSize>,
    /// The page, from 1; the first if left out.
    pub page: Option<Page>,
}

impl ListRecords {
    /// Returns how many rows there are on a page.
    pub fn rows(&self) -> usize {
        let rows = self.count.map_or(USUAL_ROWS, PageSize::get);
        usize::try_from(rows).unwrap_or(usize::MAX)
    }

    /// Returns how many rows stand before the page.
    pub fn skipped(&self) -> usize {
        let before = self.page.map_or(0, |page| page.get().saturating_sub(1));
        usize::try_from(before).unwrap_or(usize::MAX).saturating_mul(self.rows())
    }
}

choices! {
    /// What changed a wallet. From 8 on, what the document has no number for.
    pub enum RecordKind {
        /// Units were made in it.
        Recharge = 1,
        /// Units of it were withdrawn.
        Withdrawal = 2,
        /// It got a transfer.
        TransferReceived = 3,
        /// It made a transfer.
        TransferSent = 4,
        /// It made a red packet.
        PacketSent = 5,
        /// It got a share of a red packet.
        PacketReceived = 6,
        /// What nobody took of its red packet came back.
        PacketReturned = 7,
        /// Its transfer came back, declined or expired.
        TransferReturned = 8,
        /// It paid a fee alone, or was paid a share of the fees.
        Fee = 9,
    }

    /// Whether a record stands.
    pub enum RecordState {
        /// The ledger has not decided yet.
        Pending = 0,
        /// It is on the ledger.
        Final = 1,
        /// It never came on the ledger: nothing moved.
        Failed = 2,
    }
}

/// One change of the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WalletRecord {
    /// What it was; its kind says whether the amount came or went.
    #[serde(rename = "type")]
    pub kind: RecordKind,
    /// How much, in units, without the fee.
    pub amount: Amount,
    /// What was remarked on it.
    pub remarks: String,
    /// When: the time of the block, or of the call while it is pending.
    pub create_at: Millis,
    /// The entry, packet or transfer that it belongs to: 64 hex digits, or empty if there is none.
    pub uid: String,
    /// What it cost besides, in units.
    pub fee: Amount,
    /// The other account's address; its wallet's if this node does not know whose it is; or empty.
    pub other: String,
    /// The height of its block; 0 if it is in none.
    pub height: u64,
    /// Whether it stands.
    pub status: RecordState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_never_overflow() {
        let list = |count, page| ListRecords { count: PageSize::new(count), page: Page::new(page) };
        assert_eq!((ListRecords::default().rows(), ListRecords::default().skipped()), (20, 0));
        assert_eq!((list(10, 1).rows(), list(10, 1).skipped(), list(10, 3).skipped()), (10, 0, 20));
        assert_eq!(list(1_000, i64::from(u32::MAX)).rows(), 1_000);
        assert!(list(1_000, i64::from(u32::MAX)).skipped() > 4_000_000_000);
    }
}
