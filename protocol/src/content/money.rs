//! What messages about money say: cards, which lead to a packet or transfer of the ledger, and
//! notices that somebody acted on one.
//!
//! A card is its author's word. What is in a packet, who claimed and what a transfer became is
//! only the ledger's to say; the card adds what may not stand there: remark, cover, names, the
//! group's heads, and the salt of a packet's word.

use crate::{
    address::Address,
    bounded::{List, Text},
    codec::Format,
    group::OperationId,
    ids::MessageId,
    ledger::{Amount, EntryId, PacketKind},
    limits::{
        MONEY_REMARK_CHARS, NICKNAME_CHARS, OPERATION_PARENTS, PACKET_SHARES, WORD_LANES,
        WORD_MEMORY_KIB, WORD_PASSES,
    },
    network::KdfFloor,
};
use serde::{Deserialize, Serialize};

/// Among whom a packet is divided, so that each of them finds their own leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// The members of the message's group.
    Members {
        /// The heads of the group's operations at which they were members.
        heads: List<OperationId, OPERATION_PARENTS>,
    },
    /// One account: the other side of a conversation between two, or an exclusive packet's.
    One(Address),
}

/// What turns a packet's word into its claim key, with the word itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordLock {
    /// The salt.
    pub salt: [u8; 16],
    /// What Argon2id costs.
    pub cost: KdfFloor,
}

/// A packet, shown to those who may claim from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketCard {
    /// The packet.
    pub packet: EntryId,
    /// How it is divided.
    pub kind: PacketKind,
    /// How much, all shares together.
    pub amount: Amount,
    /// How many shares.
    pub count: u32,
    /// The wallet that paid.
    pub from: Address,
    /// Until when it can be claimed from, in milliseconds by header time, exclusive.
    pub expires_ms: u64,
    /// What the sender wishes.
    pub remark: Text<MONEY_REMARK_CHARS>,
    /// The cover: 1 the default, 2 the snake. Another number is shown as the default.
    pub cover: u8,
    /// The sender's name, as it was.
    pub nickname: Text<NICKNAME_CHARS>,
    /// Among whom.
    pub audience: Audience,
    /// What the word needs, for the kinds that have one.
    pub word: Option<WordLock>,
}

/// The author took a share. How much, the ledger says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketNotice {
    /// The packet.
    pub packet: EntryId,
    /// The message with its card.
    pub card: MessageId,
}

/// The content of a message about a red packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PacketMessage {
    /// The packet.
    Card(Box<PacketCard>),
    /// Somebody took a share (the documents' `msgType` 2).
    Notice(PacketNotice),
}

impl Format for PacketMessage {
    const NAME: &'static str = "red packet content";
    const VERSION: u8 = 1;
    const LIMIT: usize = 4_096;
}

/// A transfer, shown to the payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferCard {
    /// The transfer.
    pub transfer: EntryId,
    /// How much.
    pub amount: Amount,
    /// The wallet that paid.
    pub from: Address,
    /// The payee's account.
    pub to: Address,
    /// Until when it can be accepted or declined, in milliseconds by header time, exclusive.
    pub expires_ms: u64,
    /// What it is for.
    pub remark: Text<MONEY_REMARK_CHARS>,
    /// The sender's name, as it was.
    pub nickname: Text<NICKNAME_CHARS>,
}

/// The author decided about a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferNotice {
    /// The transfer.
    pub transfer: EntryId,
    /// The message with its card.
    pub card: MessageId,
    /// Whether it was accepted, not declined.
    pub accepted: bool,
}

/// The content of a message about a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferMessage {
    /// The transfer.
    Card(Box<TransferCard>),
    /// The payee decided (the documents' `msgType` 2).
    Notice(TransferNotice),
}

impl Format for TransferMessage {
    const NAME: &'static str = "transfer content";
    const VERSION: u8 = 1;
    const LIMIT: usize = 2_048;
}

/// Why a card is refused. The fault of who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// There is nothing in it for anybody.
    #[error("a card of {amount} in {count} shares")]
    Shares {
        /// The amount.
        amount: Amount,
        /// The number of shares.
        count: u32,
    },
    /// It is for nobody, or an exclusive packet for many.
    #[error(
        "a packet's card names the group's heads or one account; an exclusive one's, one account"
    )]
    Audience,
    /// A word is asked for without a lock, or the other way round.
    #[error("a packet's card has a word's lock if and only if its kind asks for a word")]
    Word,
    /// Trying the word would cost too much, or nothing.
    #[error("the word of a packet costs {memory_kib} KiB, {passes} passes, {lanes} lanes")]
    Cost {
        /// Memory, in KiB.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
}

impl WordLock {
    /// Checks that trying a word costs no more than [`WORD_MEMORY_KIB`], [`WORD_PASSES`] and
    /// [`WORD_LANES`], and something. Errors: [`MoneyError::Cost`].
    pub fn check(&self) -> Result<(), MoneyError> {
        let KdfFloor { memory_kib, passes, lanes } = self.cost;
        let allowed = (1..=WORD_PASSES).contains(&passes)
            && (1..=WORD_LANES).contains(&lanes)
            && memory_kib <= WORD_MEMORY_KIB
            // Argon2 (RFC 9106) takes 8 KiB a lane at least.
            && memory_kib / 8 >= lanes;
        if allowed { Ok(()) } else { Err(MoneyError::Cost { memory_kib, passes, lanes }) }
    }
}

impl PacketCard {
    /// Checks that the card can be acted on. Whether it is true, the ledger says.
    ///
    /// Errors: [`MoneyError`].
    pub fn check(&self) -> Result<(), MoneyError> {
        let Self { amount, count, .. } = *self;
        if !(1..=PACKET_SHARES).contains(&count) || amount.0 < u64::from(count) {
            return Err(MoneyError::Shares { amount, count });
        }
        let audience = match &self.audience {
            Audience::Members { heads } => !heads.is_empty() && self.kind != PacketKind::Exclusive,
            Audience::One(_) => true,
        };
        if !audience {
            return Err(MoneyError::Audience);
        }
        match &self.word {
            Some(lock) if self.kind.has_word() => lock.check(),
            None if !self.kind.has_word() => Ok(()),
            _ => Err(MoneyError::Word),
        }
    }
}

impl PacketMessage {
    pub(super) fn check(&self) -> Result<(), MoneyError> {
        match self {
            Self::Card(card) => card.check(),
            Self::Notice(_) => Ok(()),
        }
    }

    /// Returns the packet that it is about.
    pub const fn packet(&self) -> EntryId {
        match self {
            Self::Card(card) => card.packet,
            Self::Notice(notice) => notice.packet,
        }
    }
}

impl TransferMessage {
    pub(super) fn check(&self) -> Result<(), MoneyError> {
        match self {
            Self::Card(card) if card.amount == Amount::ZERO => {
                Err(MoneyError::Shares { amount: card.amount, count: 1 })
            }
            Self::Card(_) | Self::Notice(_) => Ok(()),
        }
    }

    /// Returns the transfer that it is about.
    pub const fn transfer(&self) -> EntryId {
        match self {
            Self::Card(card) => card.transfer,
            Self::Notice(notice) => notice.transfer,
        }
    }
}
