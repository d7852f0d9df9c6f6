//! A super node as a network knows it: its keys, and the wallet that its fees go to.

use crate::{
    address::{Address, NodeId},
    keys::{BeaconKey, ConsensusKey, ReceiptsKey},
    ledger::Validator,
};
use serde::{Deserialize, Serialize};

/// The three keys by which a super node is known whatever the ledger does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuperKeys {
    /// Its place in the transport.
    pub node: NodeId,
    /// It signs storage receipts.
    pub receipts: ReceiptsKey,
    /// It votes.
    pub consensus: ConsensusKey,
}

/// A super node that a genesis names. Each key is for its own purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuperNode {
    /// Its place in the transport.
    pub node: NodeId,
    /// It signs storage receipts.
    pub receipts: ReceiptsKey,
    /// It votes.
    pub consensus: ConsensusKey,
    /// It makes the beacon of the blocks that the node proposes.
    pub beacon: BeaconKey,
    /// Where its part of the fees goes; its key is not on the node.
    pub wallet: Address,
}

impl SuperNode {
    /// Returns the keys that do not depend on the ledger.
    pub const fn keys(&self) -> SuperKeys {
        SuperKeys { node: self.node, receipts: self.receipts, consensus: self.consensus }
    }

    /// Returns the validator that it is on the first day.
    pub const fn validator(&self) -> Validator {
        Validator { key: self.consensus, power: 1, beacon: self.beacon, wallet: self.wallet }
    }

    /// Returns the bytes of all its keys, which no other key of the genesis may have.
    pub(super) const fn all_keys(&self) -> [[u8; 32]; 4] {
        [self.node.0, self.receipts.0, self.consensus.0, self.beacon.0]
    }
}
