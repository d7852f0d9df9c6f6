//! What a super node remembers of the ledger between steps; all of it but what waits comes back from
//! the rows.

use super::{lines::Lines, shares::Shares};
use crate::{
    core::state::Core,
    ledger::{
        chain::Ledger,
        order::{Head, Order},
    },
};
use magpie_protocol::{address::NodeId, group::Topic, ledger::ValidatorSet};
use std::collections::VecDeque;
#[cfg(test)]
use {
    crate::ledger::store::StoredNodes,
    magpie_protocol::ledger::{
        state::{Leaf, Leaves},
        tree::Snapshot,
    },
    magpie_storage::overlay::View,
};

/// Sets of validators that are remembered, to judge headers of the last blocks by.
const SETS: usize = 4;

/// The ledger on a super node: its chain, its order, and what goes to the other super nodes.
#[derive(Debug)]
pub(crate) struct Orderer {
    pub(super) order: Order,
    pub(super) ledger: Ledger,
    /// Where decided headers are gossiped.
    pub(super) topic: Topic,
    pub(super) lines: Lines,
    shares: Shares,
    /// Who votes next, and who voted before, the newest last.
    sets: VecDeque<ValidatorSet>,
    /// The newest height whose header this node gossiped, or passed on.
    pub(super) gossiped: u64,
    /// When the order wants to look again, milliseconds since the Unix epoch.
    pub(super) wake_at: Option<u64>,
}

impl Orderer {
    /// Returns the memory of a node that starts with this chain.
    pub(super) fn new(
        order: Order,
        ledger: Ledger,
        topic: Topic,
        others: impl Iterator<Item = NodeId>,
    ) -> Self {
        let sets = VecDeque::from([order.head().validators.clone()]);
        let (lines, shares) = (Lines::new(others), Shares::default());
        Self { order, ledger, topic, lines, shares, sets, gossiped: 0, wake_at: None }
    }

    /// Returns the last decided block, or the genesis, and who votes next.
    pub(crate) const fn head(&self) -> &Head {
        self.order.head()
    }

    /// Tells whether decided headers are gossiped on this topic.
    pub(crate) fn is_topic(&self, topic: &Topic) -> bool {
        self.topic == *topic
    }

    /// Tells whether a node is another super node of the genesis.
    pub(crate) fn is_other(&self, node: &NodeId) -> bool {
        self.lines.has(node)
    }

    /// Counts a request of another super node, and tells whether it is served.
    pub(crate) fn admit_other(&mut self, node: NodeId, now: u64) -> bool {
        self.shares.admit(node, now)
    }

    /// Returns the sets of validators whose certificates can be checked, the newest first.
    pub(super) fn sets(&self) -> impl Iterator<Item = &ValidatorSet> {
        self.sets.iter().rev()
    }

    /// Lets this validator pay another draw than is due.
    #[cfg(test)]
    pub(crate) const fn collude(&mut self) {
        self.ledger.colludes = true;
    }

    /// Returns a leaf of the state after the last block.
    #[cfg(test)]
    pub(crate) fn leaf<T: Leaf>(&self, store: &dyn View, id: &T::Id) -> Option<T> {
        let nodes = StoredNodes::new(store);
        let newest = Snapshot::open(&nodes, self.head().tip.height).unwrap();
        newest.leaf(&T::key(id)).unwrap().map(|bytes| T::from_leaf(&bytes).unwrap())
    }

    /// Tells whether an entry waits for a block.
    #[cfg(test)]
    pub(crate) fn waits(&self) -> bool {
        !self.ledger.pool().is_empty()
    }

    /// Remembers who votes next.
    pub(super) fn note_validators(&mut self) {
        let next = &self.order.head().validators;
        if self.sets.back().is_none_or(|last| last.hash() != next.hash()) {
            self.sets.push_back(next.clone());
            if self.sets.len() > SETS {
                self.sets.pop_front();
            }
        }
    }
}

impl Core {
    /// Returns when a super node's order has something to do.
    pub(crate) fn order_wake_at(&self) -> Option<u64> {
        self.orderer.as_ref()?.wake_at
    }
}
