//! What became of a red packet, with all that somebody else needs to draw it again.

use super::{
    field::{EntryRef, Millis, choices},
    methods::methods,
    money::{PacketType, PacketUser},
};
use crate::{
    address::Address,
    beacon::{Beacon, Proof, Seed},
    ids::NetworkId,
    keys::{BeaconKey, ConsensusKey},
    ledger::{Amount, EntryId, PacketKind, ValidatorsHash},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

methods! {
    /// What became of a red packet.
    pub trait RedPacket = "redpacket" {
        /// Shows a red packet, who took which share, and what its draws were made from. 21006 if there is none with this id; 500 with `redPacketId` and `height` if the ledger broke its own rules: nothing of it is believed from then on.
        "detail" red_packet_detail(OneRedPacket) -> PacketDetail, read later;
    }
}

/// One red packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneRedPacket {
    /// The packet's uid.
    pub red_packet_id: EntryRef,
}

choices! {
    /// How a packet is divided, in the older document's numbers.
    pub enum OldPacketType {
        /// It is for one person.
        One = 1,
        /// By the draw (拼手气).
        Fortune = 2,
        /// In equal shares.
        Ordinary = 3,
    }
}

impl OldPacketType {
    /// Returns the number of a packet's kind; `one` says that it is for one person, whatever its
    /// kind.
    pub const fn of(kind: PacketKind, one: bool) -> Self {
        match kind {
            PacketKind::Exclusive => Self::One,
            _ if one => Self::One,
            _ if kind.is_drawn() => Self::Fortune,
            _ => Self::Ordinary,
        }
    }
}

/// The beacon of one block, with what it takes to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BeaconRow {
    /// The block's height.
    pub height: u64,
    /// The key of who proposed it.
    pub proposer: ConsensusKey,
    /// The key under which the proof holds; nothing if this node does not know it.
    pub key: Option<BeaconKey>,
    /// The proposer's voting power.
    pub power: u64,
    /// The power of all validators of that height.
    pub total: u64,
    /// Which set of validators that is.
    pub validators: ValidatorsHash,
    /// The beacon of the block before, which the proof is made over; nothing if this node does not
    /// have it.
    pub previous: Option<Beacon>,
    /// The proof, as the block's header has it.
    pub proof: Proof,
    /// The beacon: what the proof proves.
    pub output: Beacon,
}

/// The draw for the claims of one height.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DrawRow {
    /// The height of the claims.
    pub height: u64,
    /// The height whose beacon was the last that was folded.
    pub ready: u64,
    /// The seed that the fold gives.
    pub seed: Seed,
}

/// A red packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PacketDetail {
    /// The packet's uid.
    pub red_packet_id: EntryId,
    /// The sender's address; its wallet's if this node does not know whose it is.
    pub from: String,
    /// When it was made: the time of the block; 0 if this node does not know it.
    pub create_at: Millis,
    /// The conversation: the friend's address or the group's id; empty if this node does not know.
    pub chat_id: String,
    /// How it is divided, in the older document's numbers.
    #[serde(rename = "type")]
    pub old_kind: OldPacketType,
    /// What the sender wishes; empty if this node does not know.
    pub title: String,
    /// One share, in units; 0 if the shares are drawn.
    pub price: Amount,
    /// All shares together, in units.
    #[serde(rename = "total_price")]
    pub total_price: Amount,
    /// How many shares.
    pub count: u32,
    /// Whether its time is over.
    pub is_expire: bool,
    /// Who took a share, in the order of the claims' blocks; a share that is not drawn yet has
    /// price 0.
    pub users: Vec<PacketUser>,
    /// How it is divided, in the document's numbers.
    pub kind: PacketType,
    /// Until when it can be claimed from.
    pub expires_at: Millis,
    /// Shares that nobody has claimed.
    pub left: u32,
    /// What went back to the sender, in units.
    pub returned: Amount,
    /// The wallet that paid.
    pub from_address: Address,
    /// The height of the block that opened it; 0 while it is not open.
    pub height: u64,
    /// The shares by slot, in units, once they are cut; empty if they are equal.
    pub slots: Vec<Amount>,
    /// The beacon that cut them: of the block after the one that opened it.
    pub beacon: Option<BeaconRow>,
    /// The draws made so far, ascending by height; none if the shares are equal.
    pub draws: Vec<DrawRow>,
    /// The beacons that the draws fold, ascending, each height once: for every draw those from the
    /// height after its own to the one at which it was ready.
    pub beacons: Vec<BeaconRow>,
    /// Whether this node recomputed all that was paid and came to the same; a ledger that
    /// contradicts it is refused instead.
    pub recomputed: bool,
    /// The chain's id, which every beacon is made over.
    pub chain: NetworkId,
    /// The height of the verified header under which all this is so.
    pub as_of_height: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_documents_numbers_tell_one_person_a_draw_and_equal_shares() {
        use OldPacketType::{Fortune, One, Ordinary};
        for (kind, many, one) in [
            (PacketKind::Ordinary, Ordinary, One),
            (PacketKind::Fortune, Fortune, One),
            (PacketKind::Exclusive, One, One),
            (PacketKind::Password, Ordinary, One),
            (PacketKind::PasswordFortune, Fortune, One),
        ] {
            assert_eq!(
                (OldPacketType::of(kind, false), OldPacketType::of(kind, true)),
                (many, one)
            );
        }
    }
}
