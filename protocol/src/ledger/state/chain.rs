//! Where the chain stands: its last block, who votes on the next, and whose turns earn fees.

use super::{Leaf, LeafKey};
use crate::{
    address::Address, beacon::Beacon, bounded::List, codec::Format, ledger::Validators,
    limits::FEE_PROPOSERS,
};
use serde::{Deserialize, Serialize};

/// What the next block goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The height of the last block; 0 is the genesis.
    pub height: u64,
    /// Its time, in milliseconds.
    pub time_ms: u64,
    /// Its beacon, the output that its header's proof proves; [`Beacon::GENESIS`] at first.
    pub beacon: Beacon,
    /// Whether packets with drawn shares were opened in it, so that the next beacon cuts them.
    pub opened: bool,
    /// The oldest height at which claims wait for their draw.
    pub oldest: Option<u64>,
    /// The newest.
    pub newest: Option<u64>,
    /// The first height whose beacon may still be kept for a fold.
    pub beacons_from: u64,
}

impl Format for Progress {
    const NAME: &'static str = "progress";
    const VERSION: u8 = 1;
    const LIMIT: usize = 128;
}

impl Leaf for Progress {
    type Id = ();
    const KIND: u8 = 7;

    fn key((): &()) -> LeafKey {
        LeafKey::new(Self::KIND, &[])
    }
}

/// Who votes on the next block.
impl Leaf for Validators {
    type Id = ();
    const KIND: u8 = 8;

    fn key((): &()) -> LeafKey {
        LeafKey::new(Self::KIND, &[])
    }
}

/// How many blocks were proposed for one wallet since fees were last paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns {
    /// The wallet that is paid, as the proposer had it then.
    pub wallet: Address,
    /// How many blocks.
    pub blocks: u32,
}

/// Whose blocks the fees not paid out yet are shared among, ascending by wallet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeTurns(pub List<Turns, FEE_PROPOSERS>);

impl Format for FeeTurns {
    const NAME: &'static str = "turns";
    const VERSION: u8 = 1;
    const LIMIT: usize = 40 * FEE_PROPOSERS + 16;
}

impl Leaf for FeeTurns {
    type Id = ();
    const KIND: u8 = 9;

    fn key((): &()) -> LeafKey {
        LeafKey::new(Self::KIND, &[])
    }
}
