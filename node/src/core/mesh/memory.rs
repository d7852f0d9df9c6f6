//! What a super node remembers between steps: a cache of its rows, and measures of the moment.

use super::{
    effort::Arrivals,
    frames::{Topics, rows::FRAME_EXPIRY},
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
    /// The same for gossip, apart: what a peer relays takes nothing from what it asks.
    pub(super) relayed: Rates,
    pub(super) accounts: Arrivals,
    pub(super) strangers: Arrivals,
    pub(super) notices: Notices,
    pub(super) topics: Topics,
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

    /// Counts a frame of `len` bytes that a peer passed on, and tells whether it is looked at.
    pub(crate) fn admit_relayed(&mut self, from: NodeId, now: u64, len: usize) -> bool {
        self.relayed.admit(from, now, len) == Admission::Served
    }

    /// Plans to forget rows at a time, or before it.
    pub(super) fn forget_not_after(&mut self, at: u64) {
        self.forget_at = Some(self.forget_at.map_or(at, |known| known.min(at)));
    }
}

/// Returns when rows have to be forgotten next: at once while a left mailbox is not empty.
pub(super) fn forget_at(store: &dyn View) -> Result<Option<u64>, TableError> {
    if !LEFT.scan(store, &Keys::all(), Order::Ascending, 1)?.is_empty() {
        return Ok(Some(0));
    }
    let envelope = EXPIRY.scan(store, &Keys::all(), Order::Ascending, 1)?;
    let frame = FRAME_EXPIRY.scan(store, &Keys::all(), Order::Ascending, 1)?;
    let envelope = envelope.first().map(|((expiry_ms, ..), _)| *expiry_ms);
    let frame = frame.first().map(|((expiry_ms, ..), _)| *expiry_ms);
    Ok([envelope, frame].into_iter().flatten().min())
}

impl Core {
    /// Returns when a super node has something to forget, to tell or to leave.
    pub(crate) fn mesh_wake_at(&self) -> Option<u64> {
        let mesh = &self.mesh;
        let times = [mesh.forget_at, mesh.notices.due_at(), mesh.topics.leave_at()];
        times.into_iter().flatten().min()
    }
}
