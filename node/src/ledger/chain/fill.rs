//! Filling our own block from what waits.

use super::{ChainError, Ledger, execute::touched, ledger::newest, outcomes::Outcome};
use crate::ledger::{order::Draft, store::StoredNodes};
use magpie_protocol::{
    bounded::List,
    codec::Format,
    ledger::{
        Header, entries_root,
        execution::{Context, Execution},
        tree::apply,
    },
};
use magpie_storage::overlay::View;

/// Bytes of a block besides its header and its entries: version and number of entries.
const ROOM: usize = 16;

impl Ledger {
    /// Fills a block with what waits, in the order in which it came, and remembers what comes of
    /// it. Looks at no more entries than a block may have; what does not hold is dropped.
    pub(super) fn fill_block(
        &mut self,
        store: &dyn View,
        header: &Header,
    ) -> Result<Draft, ChainError> {
        let pace = &self.rules.pace;
        let nodes = StoredNodes::new(store);
        let leaves = newest(&nodes, store)?;
        let context = Context::verify(&leaves, self.chain, header)?.map_err(ChainError::Own)?;
        #[cfg(test)]
        {
            self.executions += 1;
        }
        let mut execution = Execution::begin(&self.rules, &leaves, context)?;
        self.pool.expire(header.time_ms);
        let most = usize::try_from(pace.entries).unwrap_or(usize::MAX);
        let bytes = usize::try_from(pace.bytes).unwrap_or(usize::MAX);
        let mut room = bytes.saturating_sub(Header::LIMIT + ROOM);
        let (mut entries, mut ids, mut keys) = (List::default(), Vec::new(), Vec::new());
        let mut refused = Vec::new();
        for (key, waiting) in self.pool.first(most) {
            let Some(left) = room.checked_sub(waiting.len) else { break };
            if execution.apply(&waiting.entry)?.is_err() {
                refused.push(key);
                continue;
            }
            entries.push(waiting.entry.entry().clone())?;
            room = left;
            ids.push(waiting.entry.id());
            keys.push(key);
        }
        refused.into_iter().for_each(|key| self.pool.refuse(key));
        let executed = execution.finish()?;
        #[cfg(test)]
        let executed = self.collude(executed);
        let (state, batch) = apply(&nodes, header.height, &executed.changes)?;
        let next_validators = executed.next_validators;
        let made = Header { entries: entries_root(&ids), state, next_validators, ..header.clone() };
        let touched = touched(keys, &executed);
        self.outcomes.keep(made.hash()?, Outcome { state, batch, touched });
        Ok(Draft { entries, state, next_validators })
    }
}
