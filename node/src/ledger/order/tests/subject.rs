//! What the simulated network needs of the chain that it orders.

use super::scene::Scene;
use crate::ledger::order::Chain;
use magpie_protocol::ledger::{Entry, Header, StateRoot, ValidatorSet};
use magpie_storage::overlay::Overlay;

/// A chain that can be simulated.
pub(in crate::ledger) trait Subject: Chain + Sized {
    /// What outlives a node's crashes besides its disk.
    type Shared;

    /// Opens the chain of a node that starts; what it writes then is committed when it returns.
    fn open(
        scene: &Scene,
        shared: &Self::Shared,
        set: &ValidatorSet,
        node: usize,
        store: &mut Overlay,
    ) -> Self;

    /// Lets an entry wait.
    fn offer(&mut self, store: &Overlay, entry: Entry, now_ms: u64);

    /// Returns the state after an empty block with this header, for who makes a second block.
    fn state_after(&self, header: &Header) -> StateRoot;
}
