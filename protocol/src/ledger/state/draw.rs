//! What draws wait for, and what they leave.
//!
//! Claims that wait hang together as lists, so that each touches a few leaves whatever waits
//! beside it: the chain's progress names the oldest and the newest height with such claims, each
//! height the last packet and the next height, each packet of a height its last claim and the
//! packet before, each claim the one before.

use super::{Leaf, LeafKey};
use crate::{
    beacon::{Beacon, Seed},
    codec::Format,
    draw::{Shares, Taken},
    keys::{ConsensusKey, ReceiveKey},
    ledger::{EntryId, ValidatorsHash},
};
use serde::{Deserialize, Serialize};

/// The shares of a drawn packet, from its first draw until nothing is left to draw.
impl Leaf for Shares {
    type Id = EntryId;
    const KIND: u8 = 10;

    fn key(id: &EntryId) -> LeafKey {
        LeafKey::new(Self::KIND, &[id.as_bytes()])
    }
}

/// The slots of a drawn packet that were dealt, as long as its shares are kept.
impl Leaf for Taken {
    type Id = EntryId;
    const KIND: u8 = 11;

    fn key(id: &EntryId) -> LeafKey {
        LeafKey::new(Self::KIND, &[id.as_bytes()])
    }
}

/// The packets of one height whose claims wait for their draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingHeight {
    /// The packet that came last; the others follow it.
    pub last: EntryId,
    /// The seed, once it is known while the draws are not all done.
    pub seed: Option<Seed>,
    /// The next height at which claims wait.
    pub next: Option<u64>,
}

impl Format for WaitingHeight {
    const NAME: &'static str = "waiting height";
    const VERSION: u8 = 1;
    const LIMIT: usize = 80;
}

impl Leaf for WaitingHeight {
    type Id = u64;
    const KIND: u8 = 12;

    fn key(height: &u64) -> LeafKey {
        LeafKey::new(Self::KIND, &[&height.to_be_bytes()])
    }
}

/// The claims from one packet at one height that wait for their draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPacket {
    /// The claim that came last; the others follow it.
    pub last: ReceiveKey,
    /// How many they are.
    pub claims: u32,
    /// The packet that came before at this height.
    pub before: Option<EntryId>,
}

impl Format for WaitingPacket {
    const NAME: &'static str = "waiting packet";
    const VERSION: u8 = 1;
    const LIMIT: usize = 80;
}

impl Leaf for WaitingPacket {
    type Id = (u64, EntryId);
    const KIND: u8 = 13;

    fn key((height, packet): &Self::Id) -> LeafKey {
        LeafKey::new(Self::KIND, &[&height.to_be_bytes(), packet.as_bytes()])
    }
}

/// What one block added to the beacon; kept as long as a fold may need it, and for good if it
/// cuts a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockBeacon {
    /// Who proposed the block.
    pub proposer: ConsensusKey,
    /// Its voting power in the set of that height.
    pub power: u64,
    /// The power of that whole set.
    pub total: u64,
    /// Which set that is.
    pub validators: ValidatorsHash,
    /// The output that the header's proof proves.
    pub beacon: Beacon,
    /// Whether packets with drawn shares were opened in the block before.
    pub cuts: bool,
}

impl Format for BlockBeacon {
    const NAME: &'static str = "beacon of a block";
    const VERSION: u8 = 1;
    const LIMIT: usize = 160;
}

impl Leaf for BlockBeacon {
    type Id = u64;
    const KIND: u8 = 14;

    fn key(height: &u64) -> LeafKey {
        LeafKey::new(Self::KIND, &[&height.to_be_bytes()])
    }
}
