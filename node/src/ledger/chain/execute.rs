//! Executing a block of somebody else.

use super::{ChainError, Invalid, Ledger, ledger::newest, outcomes::Outcome};
use crate::ledger::{
    mempool::{Key, Touched},
    store::StoredNodes,
};
use magpie_protocol::ledger::{
    Block, VerifiedEntry,
    execution::{Context, Deed, Executed, execute},
    tree::apply,
};
use magpie_storage::overlay::View;

impl Ledger {
    /// Executes a block on the head, remembers what comes of it if it is valid, and tells why if
    /// it is not. A block whose outcome is remembered is not executed again.
    pub fn judge(
        &mut self,
        store: &dyn View,
        block: &Block,
    ) -> Result<Result<(), Invalid>, ChainError> {
        let hash = block.header.hash()?;
        if self.outcomes.has(hash) {
            return Ok(Ok(()));
        }
        Ok(self.execute(store, block)?.map(|outcome| self.outcomes.keep(hash, outcome)))
    }

    /// Executes a block on the head, and returns what comes of it.
    pub(super) fn execute(
        &mut self,
        store: &dyn View,
        block: &Block,
    ) -> Result<Result<Outcome, Invalid>, ChainError> {
        let header = &block.header;
        let nodes = StoredNodes::new(store);
        let leaves = newest(&nodes, store)?;
        let context = match Context::verify(&leaves, self.chain, header)? {
            Ok(context) => context,
            Err(error) => return Ok(Err(error.into())),
        };
        let entries = match self.verify(block) {
            Ok(entries) => entries,
            Err(invalid) => return Ok(Err(invalid)),
        };
        #[cfg(test)]
        {
            self.executions += 1;
        }
        let executed = match execute(&self.rules, &leaves, context, &entries)? {
            Ok(executed) => executed,
            Err(invalid) => return Ok(Err(invalid.into())),
        };
        #[cfg(test)]
        let executed = self.collude(executed);
        let (named, found) = (header.next_validators, executed.next_validators);
        if named != found {
            return Ok(Err(Invalid::Validators { named, found }));
        }
        let (state, batch) = apply(&nodes, header.height, &executed.changes)?;
        if header.state != state {
            return Ok(Err(Invalid::State { named: header.state, found: state }));
        }
        let keys = entries.iter().filter_map(|entry| Key::of(entry.instruction())).collect();
        let touched = touched(keys, &executed);
        Ok(Ok(Outcome { state, batch, touched }))
    }

    /// Checks the signatures of a block's entries; of those that wait here they held already.
    fn verify(&self, block: &Block) -> Result<Vec<VerifiedEntry>, Invalid> {
        let verify = |entry: &magpie_protocol::ledger::Entry| {
            let known = self.pool.verified(entry.id()?);
            known.map_or_else(|| entry.clone().verify(self.chain, &self.rules), |of| Ok(of.clone()))
        };
        Ok(block.entries.iter().map(verify).collect::<Result<_, _>>()?)
    }
}

/// Returns what a block touched: its entries' keys, and what was over at its begin.
pub(super) fn touched(keys: Vec<Key>, executed: &Executed) -> Touched {
    let over = executed.due.iter().filter_map(|deed| match deed {
        Deed::Returned { transfer: id } | Deed::Refunded { packet: id, .. } => Some(*id),
        _ => None,
    });
    Touched { keys, over: over.collect() }
}
