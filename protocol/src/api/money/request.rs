//! What callers ask with to fund, send, claim, accept and announce.
//!
//! Of the document's fields only some are believed: the node knows better who pays, who receives
//! and what a packet is. The others are taken and left alone.

use super::Cover;
use crate::{
    api::field::{
        AddressOrGroup, GroupRef, IdempotencyKey, JsonObject, JsonText, MaybeSecret, MessageRef,
        OneOrGroup, PaddedAddress, Secret, Text,
    },
    ledger::Amount,
    limits,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the sender of a packet or transfer wishes.
pub type MoneyRemark = Text<{ limits::MONEY_REMARK_CHARS }>;

/// A name or key that the document asks for; the node knows the right one and ignores it.
type Ignored = Text<256>;

/// A packet in equal shares, to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FundOrdinary {
    /// The most to pay as a fee, in units.
    pub gas: Amount,
    /// How much, all shares together, in units.
    pub amount: Amount,
    /// How many shares; 1 if left out.
    pub count: Option<u32>,
    /// The wallet password.
    pub password: Secret,
    /// The wallet that pays.
    pub src_address: PaddedAddress,
    /// What to wish.
    pub remark: Option<MoneyRemark>,
    /// How it looks; the default if left out.
    pub cover: Option<Cover>,
    /// The group for whose members it is opened at once; without it, sending the card opens it.
    pub g_id: Option<GroupRef>,
    /// Tells this call from its repetition: the same key gives the same packet.
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A packet whose shares are drawn, to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FundFortune {
    /// The most to pay as a fee, in units.
    pub gas: Amount,
    /// How much, all shares together, in units.
    pub amount: Amount,
    /// How many shares.
    pub count: u32,
    /// The wallet password.
    pub password: Secret,
    /// The wallet that pays.
    pub src_address: PaddedAddress,
    /// What to wish.
    pub remark: Option<MoneyRemark>,
    /// How it looks; the default if left out.
    pub cover: Option<Cover>,
    /// The group for whose members it is opened at once; without it, sending the card opens it.
    pub g_id: Option<GroupRef>,
    /// Tells this call from its repetition: the same key gives the same packet.
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A share of a group's packet, to be claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiveEnvelope {
    /// One's own address; the node knows it.
    pub cnd: Ignored,
    /// The packet's word; empty if it has none.
    pub group_password: MaybeSecret,
    /// One's own address; the node knows it.
    pub receive_node_id: Ignored,
    /// One's own nickname; the node knows it.
    pub receive_nick_name: Ignored,
    /// The packet's message: its row, its content, or what `msg_cry` holds. Find the packet in it
    /// with [`uid_of`](super::uid_of).
    pub message: JsonObject,
    /// The group that the card came in, where the message does not say it.
    pub g_id: Option<GroupRef>,
    /// Tells this call from its repetition.
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A transfer to a friend, to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InsertTransfer {
    /// The payee; a friend.
    pub cnd: PaddedAddress,
    /// The most to pay as a fee, in units.
    pub gas: Amount,
    /// How much, in units.
    pub amount: Amount,
    /// The wallet password.
    pub password: Secret,
    /// The wallet that pays.
    pub src_address: PaddedAddress,
    /// One's own nickname; the node knows it.
    pub sender_nickname: Ignored,
    /// One's own address; the node knows it.
    pub sender_node_address: Ignored,
    /// What it is for.
    pub remark: Option<MoneyRemark>,
    /// Tells this call from its repetition: the same key gives the same transfer.
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A transfer, to be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiveTransfer {
    /// The most to pay as a fee, in units; accepting is free.
    pub gas: Amount,
    /// The wallet password, or nothing: it is checked where it is given, and the receive key signs.
    pub password: MaybeSecret,
    /// One's own address; the node knows it.
    pub receive_node_id: Ignored,
    /// One's own nickname; the node knows it.
    pub receive_nick_name: Ignored,
    /// The transfer's message: its row, its content, or what `msg_cry` holds. Find the transfer in
    /// it with [`uid_of`](super::uid_of).
    pub message: JsonObject,
    /// Tells this call from its repetition.
    #[serde(rename = "__IDEMPOTENCY_KEY")]
    pub idempotency_key: Option<IdempotencyKey>,
}

/// The card of a packet or transfer, to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendCard {
    /// The person or group.
    pub cnd: AddressOrGroup,
    /// The person or group again.
    pub cid: AddressOrGroup,
    /// Which of the two it is.
    pub conversation_type: OneOrGroup,
    /// The person's public key, empty for a group; the node knows the right one.
    #[serde(rename = "pub")]
    #[schema(value_type = String)]
    pub key: Ignored,
    /// The data that funding answered; only its `uid` is believed, see [`uid_of`](super::uid_of).
    pub content: JsonText,
}

/// The notice that one took a share, or decided about a transfer, to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendReceived {
    /// The message with the card.
    pub msg_id: MessageRef,
    /// The person or group.
    pub cnd: AddressOrGroup,
    /// The person or group again.
    pub cid: AddressOrGroup,
    /// Which of the two it is.
    pub conversation_type: OneOrGroup,
    /// The data of the packet or transfer; only its `uid` is believed, see
    /// [`uid_of`](super::uid_of).
    pub content: JsonText,
    /// The person's public key, empty for a group; the node knows the right one.
    #[serde(rename = "pub")]
    #[schema(value_type = String)]
    pub key: Ignored,
}
