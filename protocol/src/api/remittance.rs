//! What became of a transfer, and sending one back.

use super::{
    field::{EntryRef, IdempotencyKey, Millis, OneOrGroup12, choices},
    methods::methods,
};
use crate::{
    address::Address,
    ledger::{Amount, EntryId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// What became of a transfer, and sending one back.
    pub trait Remittance = "remittance" {
        /// Sends a transfer back to who made it. 400 if one is not the payee, 21004 if its time is over, 21006 if there is none with this id, 21008 if it is decided, 21009 if the ledger has not decided in time.
        "refund" refund_remittance(RefundRemittance) -> RemittanceRecord, wallet later;
        /// Shows a transfer. 21006 if there is none with this id.
        "getRecord" remittance_record(OneRemittance) -> RemittanceRecord, read later;
    }
}

/// One transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneRemittance {
    /// The transfer's uid.
    pub remittance_id: EntryRef,
}

/// A transfer, to be sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundRemittance {
    /// The transfer's uid.
    pub remittance_id: EntryRef,
    /// Tells this call from its repetition.
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

choices! {
    /// What became of a transfer.
    pub enum RemittanceStatus {
        /// It waits for the payee.
        Pending = 1,
        /// The payee took it.
        Accepted = 2,
        /// The payee sent it back.
        Declined = 3,
        /// Its time was over, and it went back.
        Returned = 4,
    }
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemittanceRecord {
    /// Whether it was sent to one person or in a group.
    #[serde(rename = "type")]
    pub kind: OneOrGroup12,
    /// The transfer's uid.
    pub remittance_id: EntryId,
    /// The payer's address; its wallet's if this node does not know whose it is.
    #[serde(rename = "payerUID")]
    pub payer: String,
    /// The payee's address; its wallet's if this node does not know whose it is.
    #[serde(rename = "payeeUID")]
    pub payee: String,
    /// When it was made: the time of the block; 0 if this node does not know it.
    pub remitted_at: Millis,
    /// When it was accepted; 0 if it was not, or this node does not know.
    pub received_at: Millis,
    /// When it went back; 0 if it did not, or this node does not know.
    pub refunded_at: Millis,
    /// The conversation: the friend's address or the group's id; empty if this node does not know.
    pub chat_id: String,
    /// What it is for; empty if this node does not know.
    pub description: String,
    /// How much, in units.
    pub amount: Amount,
    /// What became of it.
    pub status: RemittanceStatus,
    /// Until when it can be accepted or sent back.
    pub expires_at: Millis,
    /// The wallet that paid.
    pub from_address: Address,
    /// The wallet that gets it.
    pub to_address: Address,
    /// The height of the block that decided it; 0 while it waits.
    pub height: u64,
    /// The height of the verified header under which all this is so.
    pub as_of_height: u64,
}
