//! What was decided when: the blocks as the honest super node has them that is furthest.

use super::world::World;
use magpie_node::ledger::store;
use magpie_protocol::{
    address::Address,
    ledger::{EntryId, Instruction},
};

/// A block that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedBlock {
    /// When the first honest super node had decided it, milliseconds since the beginning.
    pub at_ms: u64,
    /// How many entries it has.
    pub entries: usize,
    /// The claims among them: from which packet, for which wallet.
    pub claims: Vec<(EntryId, Address)>,
}

impl World {
    /// Returns the blocks from height 1 on; none if no honest super node is up.
    pub fn blocks(&self) -> Vec<DecidedBlock> {
        let Some((newest, at)) = self.furthest() else { return vec![] };
        let Some(running) = &self.places[at].running else { return vec![] };
        let block = |height| {
            let decided = store::decided(&running.store, height).ok().flatten()?;
            let entries = &decided.block.entries;
            let claim = |entry: &magpie_protocol::ledger::Entry| match entry.instruction() {
                Ok(Instruction::ClaimPacket(it)) => Some((it.packet, it.payee.wallet)),
                _ => None,
            };
            Some(DecidedBlock {
                at_ms: self.chain.decided_ms(height)?,
                entries: entries.len(),
                claims: entries.iter().filter_map(claim).collect(),
            })
        };
        (1..=newest).filter_map(block).collect()
    }

    /// Returns the newest height of an honest super node that is up, and its place.
    pub(super) fn furthest(&self) -> Option<(u64, usize)> {
        let is_honest = |at: &usize| !self.adversaries.has(*at) && self.is_up(*at);
        let honest = (0..self.supers()).filter(is_honest);
        honest.map(|at| (self.chain.newest_of(at), at)).max()
    }
}
