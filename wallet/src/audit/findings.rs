//! What an audit finds: what everybody got, when, and from which beacons.

use magpie_protocol::{
    address::Address,
    beacon::{Beacon, Contribution, Proof, Seed},
    keys::{BeaconKey, ConsensusKey, ReceiveKey},
    ledger::{Amount, EntryId, ValidatorsHash},
};
use std::collections::BTreeMap;

/// What an audit recomputed; the leaves say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The packet.
    pub packet: EntryId,
    /// The height of the header under which the leaves stand.
    pub height: u64,
    /// How the packet was cut, if its shares are drawn and a block came after its opening.
    pub cut: Option<Cut>,
    /// What the claims of each height got, in the order of heights.
    pub deals: Vec<Dealt>,
    /// The heights whose claims still wait for their draw, in the same order.
    pub waiting: Vec<Waiting>,
    /// What nobody claimed or drew yet.
    pub rest: Amount,
    /// What went back to who put it in.
    pub returned: Amount,
}

impl Findings {
    /// Returns the beacons that the draws fold, by height, each once.
    pub fn beacons(&self) -> BTreeMap<u64, &ProvenBeacon> {
        let folds = self.deals.iter().filter_map(|dealt| dealt.fold.as_ref());
        folds.flat_map(|fold| &fold.beacons).map(|beacon| (beacon.height, beacon)).collect()
    }
}

/// The beacon of one block, proven, with what it takes to prove it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenBeacon {
    /// The block's height.
    pub height: u64,
    /// Who proposed it.
    pub proposer: ConsensusKey,
    /// The key under which the proof holds.
    pub key: BeaconKey,
    /// The proposer's voting power.
    pub power: u64,
    /// The power of all validators of that height.
    pub total: u64,
    /// Which set of validators that is.
    pub validators: ValidatorsHash,
    /// The beacon of the block before, over which the proof is made.
    pub previous: Beacon,
    /// The proof, as the header has it.
    pub proof: Proof,
    /// The beacon: what the proof proves.
    pub output: Beacon,
}

impl ProvenBeacon {
    /// Returns what it contributes to a fold.
    pub(super) const fn contribution(&self) -> Contribution {
        let Self { height, proposer, power, total, validators, output: beacon, .. } = *self;
        Contribution { height, proposer, power, total, validators, beacon }
    }
}

/// How a packet was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The beacon that cuts: of the first block after the opening.
    pub beacon: ProvenBeacon,
    /// The shares in units, by slot.
    pub slots: Vec<u64>,
}

/// What the claims of one height got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealt {
    /// The height of the block that the claims stand in.
    pub height: u64,
    /// The height of the block that paid them.
    pub paid: u64,
    /// What drew them; nothing for equal shares.
    pub fold: Option<Fold>,
    /// One for each claim: of a draw, in the order of their block; of equal shares, whose leaves do
    /// not tell it, in the order of keys.
    pub shares: Vec<Share>,
}

/// The beacons that drew the claims of one height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// The first height at which the draw could be made.
    pub ready: u64,
    /// What the beacons fold to.
    pub seed: Seed,
    /// The beacons of the heights from the one after the claims' to `ready`. Of a proposer that
    /// comes twice the first counts.
    pub beacons: Vec<ProvenBeacon>,
}

/// What one claim got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Who claimed.
    pub claimer: ReceiveKey,
    /// The wallet that was paid.
    pub wallet: Address,
    /// The slot it drew; nothing for equal shares.
    pub slot: Option<u32>,
    /// How much.
    pub amount: Amount,
}

/// The claims of one height that wait for their draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The height of the block that the claims stand in.
    pub height: u64,
    /// How many they are.
    pub claims: u32,
    /// Since which height the draw could be made, if it could: full blocks may hold it up, but not
    /// for long.
    pub ready: Option<u64>,
}
