//! Packets and transfers as answers and the contents of messages show them.

use super::{Cover, MoneyNotice, MoneyStatus, PacketType};
use crate::{
    address::Address,
    api::field::{Millis, OneOrGroup12},
    keys::ReceiveKey,
    ledger::{Amount, EntryId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A share that somebody took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PacketUser {
    /// The account's address; the wallet's if this node does not know whose it is.
    pub user_id: String,
    /// How much, in units; 0 while the draw is not made.
    pub price: Amount,
    /// When it was taken: the time of the block, in milliseconds.
    pub got_at: Millis,
    /// The slot that was drawn, from 0; nothing if the shares are equal or the draw is not made.
    pub slot: Option<u32>,
    /// The height of the block that the claim stands in.
    pub height: u64,
    /// The height of the block that paid it; nothing while the draw is not made.
    pub paid_height: Option<u64>,
    /// The key that claimed: claims of one height draw in its order.
    pub receive_key: ReceiveKey,
    /// The wallet that is paid.
    pub wallet: Address,
}

/// A packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PacketData {
    /// The packet's id: 64 hex digits.
    pub uid: EntryId,
    /// The same again: it is the hash of the entry that made the packet.
    pub hash: EntryId,
    /// How much, all shares together, in units.
    pub amount: Amount,
    /// How many shares.
    pub count: u32,
    /// The wallet that paid.
    pub from_address: Address,
    /// Until when it can be claimed from.
    pub expiration_time: Millis,
    /// The sender's nickname.
    pub sender_nickname: String,
    /// The sender's address.
    pub sender_node_address: Address,
    /// The wallet that it is for, if it is for one person; else empty.
    pub to_address: String,
    /// Always empty: a word is never shown.
    pub password: String,
    /// What a notice says; empty for a card.
    pub msg_content: String,
    /// The key that messages to the one person are sealed to; else empty.
    pub to_address_public_key: String,
    /// The address of the person it is for, if it is for one; else empty.
    pub to_node_addr: String,
    /// That person's nickname; else empty.
    pub to_nic: String,
    /// What the sender wishes.
    pub remark: String,
    /// Whether its time is over.
    pub is_expire: bool,
    /// Who took a share.
    pub receives: Vec<PacketUser>,
    /// How it is divided, and among whom.
    #[serde(rename = "type")]
    pub kind: PacketType,
    /// How it looks.
    pub cover: Cover,
    /// How it stands to this account.
    pub status: MoneyStatus,
    /// Whether it is for one person or a group.
    pub conversation_type: OneOrGroup12,
    /// Whether this is the card or a notice.
    pub msg_type: MoneyNotice,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferData {
    /// The transfer's id: 64 hex digits.
    pub uid: EntryId,
    /// The same again: it is the hash of the entry that made the transfer.
    pub hash: EntryId,
    /// How much, in units.
    pub amount: Amount,
    /// Always 1.
    pub count: u32,
    /// The wallet that paid.
    pub from_address: Address,
    /// Until when it can be accepted or declined.
    pub expiration_time: Millis,
    /// The sender's nickname.
    pub sender_nickname: String,
    /// The sender's address.
    pub sender_node_address: Address,
    /// The wallet that gets it; empty where this node does not know it yet.
    pub to_address: String,
    /// Always empty.
    pub password: String,
    /// What a notice says; empty for a card.
    pub msg_content: String,
    /// The key that messages to the payee are sealed to; empty where it is not known.
    pub to_address_public_key: String,
    /// The payee's address.
    pub to_node_addr: Address,
    /// The payee's nickname.
    pub to_nic: String,
    /// What it is for.
    pub remark: String,
    /// Whether its time is over.
    pub is_expire: bool,
    /// Always empty: who takes a transfer is the payee.
    pub receives: Vec<PacketUser>,
    /// Always 1.
    #[serde(rename = "type")]
    pub kind: PacketType,
    /// Always 1.
    pub cover: Cover,
    /// What became of it.
    pub status: MoneyStatus,
    /// Whether it was sent to one person or in a group.
    pub conversation_type: OneOrGroup12,
    /// Whether this is the card or a notice.
    pub msg_type: MoneyNotice,
}
