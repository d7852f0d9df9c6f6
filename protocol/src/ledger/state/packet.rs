//! A red packet's head and the claims on it, from their blocks on for good.

use super::{Due, Leaf, LeafKey, Pot};
use crate::{
    address::Address,
    codec::Format,
    keys::{ClaimKey, ReceiveKey},
    ledger::{Amount, EntryId, MembersHead, MembersRoot, PacketKind},
};
use serde::{Deserialize, Serialize};

/// Who may claim from a packet, from the block that opened it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The height of that block.
    pub height: u64,
    /// The root of who may claim.
    pub members: MembersRoot,
    /// How many they are.
    pub count: u32,
    /// What the word's key is, for the kinds that have one.
    pub word: Option<ClaimKey>,
}

/// The head of a packet. That there is none under an id shows that it never happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// Who paid, and gets back what is left.
    pub from: Address,
    /// Whose key opens it.
    pub receive: ReceiveKey,
    /// How it is divided.
    pub kind: PacketKind,
    /// How much was put in.
    pub amount: Amount,
    /// In how many shares.
    pub count: u32,
    /// Until when it can be opened and claimed from, in milliseconds by header time, exclusive.
    pub expires_ms: u64,
    /// Whom alone it can be opened for, if its creation said so.
    pub members: Option<MembersHead>,
    /// Who may claim; nobody before it is opened.
    pub opening: Option<Opening>,
    /// Shares that nobody has claimed.
    pub left: u32,
    /// Claims that wait for their draw.
    pub waiting: u32,
    /// The money still in it: what was neither paid nor given back.
    pub rest: Amount,
    /// Whether its time is over. What is left goes back at once, or after the last draw.
    pub over: bool,
    /// What went back.
    pub returned: Amount,
    /// What else is due in the same second: a link of the calendar.
    pub next: Option<Due>,
}

impl Format for Packet {
    const NAME: &'static str = "packet leaf";
    const VERSION: u8 = 1;
    const LIMIT: usize = 320;
}

impl Leaf for Packet {
    type Id = EntryId;
    const KIND: u8 = 3;
    const POT: Option<Pot> = Some(Pot::Packets);

    fn key(id: &EntryId) -> LeafKey {
        LeafKey::new(Self::KIND, &[id.as_bytes()])
    }

    fn held(&self) -> Amount {
        self.rest
    }
}

/// What a claim got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// How much.
    pub amount: Amount,
    /// The slot that it drew, if the shares are drawn.
    pub slot: Option<u32>,
    /// In the block of this height.
    pub height: u64,
}

/// A claim, called by its packet and the receive key that made it. That there is none shows that
/// this key never claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The wallet that is paid.
    pub wallet: Address,
    /// The height of the block that the claim stands in.
    pub height: u64,
    /// What it got; nothing yet if it waits for its draw.
    pub paid: Option<Paid>,
    /// Who claimed before from the same packet in the same block: a link of the draw's queue.
    pub before: Option<ReceiveKey>,
}

impl Format for Claim {
    const NAME: &'static str = "claim leaf";
    const VERSION: u8 = 1;
    const LIMIT: usize = 128;
}

impl Leaf for Claim {
    type Id = (EntryId, ReceiveKey);
    const KIND: u8 = 4;

    fn key((packet, receive): &Self::Id) -> LeafKey {
        LeafKey::new(Self::KIND, &[packet.as_bytes(), receive.as_bytes()])
    }
}
