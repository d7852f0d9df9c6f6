//! What a super node remembers between steps: a cache of its rows, and measures of the moment.

use super::{
    effort::Arrivals,
    notices::Notices,
    office::Office,
    rates::{Admission, Rates},
    rows::{EXPIRY, LEFT},
};
use crate::core::state::{Config, Core};
use magpie_protocol::address::NodeId;
use magpie_storage::{
    engine::Order,
    overlay::View,
    table::{Keys, TableError},
};
use std::sync::Arc;

/// The memory of a node's work for others; empty unless it is a super node.
#[derive(Debug, Default)]
pub(crate) struct Mesh {
    /// What the node needs to serve; nothing in a person's node.
    pub(crate) office: Option<Arc<Office>>,
    pub(super) rates: Rates,
    pub(super) accounts: Arrivals,
    pub(super) strangers: Arrivals,
    pub(super) notices: Notices,
    /// When rows have to be forgotten next, milliseconds since the Unix epoch.
    pub(super) forget_at: Option<u64>,
}

impl Mesh {
    /// Returns the memory of a node that starts with this store.
    pub(crate) fn new(config: &Config, node: NodeId, store: &dyn View) -> Result<Self, TableError> {
        let Some(office) = Office::of(config, node) else { return Ok(Self::default()) };
        let forget_at = forget_at(store)?;
        Ok(Self { office: Some(Arc::new(office)), forget_at, ..Self::default() })
    }

    /// Decides on a request of `len` bytes by what the peer has asked before, and counts it.
    pub(crate) fn admit(&mut self, from: NodeId, now: u64, len: usize) -> Admission {
        self.rates.admit(from, now, len)
    }

    /// Charges a peer what serving it cost: checked signatures, small items, bytes of the answer.
    pub(crate) fn charge(&mut self, peer: &NodeId, signatures: usize, items: usize, bytes: usize) {
        self.rates.charge(peer, signatures, items, bytes);
    }
}

/// Returns when rows have to be forgotten next: at once while a left mailbox is not empty.
pub(super) fn forget_at(store: &dyn View) -> Result<Option<u64>, TableError> {
    if !LEFT.scan(store, &Keys::all(), Order::Ascending, 1)?.is_empty() {
        return Ok(Some(0));
    }
    let first = EXPIRY.scan(store, &Keys::all(), Order::Ascending, 1)?;
    Ok(first.first().map(|((expiry_ms, ..), _)| *expiry_ms))
}

impl Core {
    /// Returns when a super node has something to forget or to tell.
    pub(crate) fn mesh_wake_at(&self) -> Option<u64> {
        let times = [self.mesh.forget_at, self.mesh.notices.due_at()];
        times.into_iter().flatten().min()
    }
}
