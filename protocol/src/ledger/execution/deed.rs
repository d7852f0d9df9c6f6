//! What happened in a block, for whoever tells people about it.

use crate::{
    address::Address,
    keys::ReceiveKey,
    ledger::{Amount, EntryId},
};

/// One thing that a block did. The state says the same for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A transfer waits for its payee.
    Sent {
        /// The transfer.
        transfer: EntryId,
    },
    /// The payee took it.
    Accepted {
        /// The transfer.
        transfer: EntryId,
    },
    /// The payee sent it back.
    Declined {
        /// The transfer.
        transfer: EntryId,
    },
    /// Its time was over, and it went back.
    Returned {
        /// The transfer.
        transfer: EntryId,
    },
    /// A packet was made.
    Created {
        /// The packet.
        packet: EntryId,
    },
    /// It can be claimed from.
    Opened {
        /// The packet.
        packet: EntryId,
    },
    /// A claim got its share, at once or by the draw.
    Paid {
        /// The packet.
        packet: EntryId,
        /// Who claimed.
        claimer: ReceiveKey,
        /// How much.
        amount: Amount,
    },
    /// A claim took a slot and waits for its draw.
    Waits {
        /// The packet.
        packet: EntryId,
        /// Who claimed.
        claimer: ReceiveKey,
    },
    /// A packet's time was over, and what was left went back.
    Refunded {
        /// The packet.
        packet: EntryId,
        /// How much.
        amount: Amount,
    },
    /// An issuer made units.
    Minted {
        /// Whose wallet got them.
        wallet: Address,
        /// How much.
        amount: Amount,
    },
    /// An issuer ended units.
    Burned {
        /// How much.
        amount: Amount,
    },
    /// A proposer got its part of the fees.
    Earned {
        /// The proposer's wallet.
        wallet: Address,
        /// How much.
        amount: Amount,
    },
}
