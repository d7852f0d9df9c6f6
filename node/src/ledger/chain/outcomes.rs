//! What came of the blocks that were filled or checked last.

use crate::ledger::mempool::Touched;
use magpie_protocol::ledger::{BlockHash, StateRoot, tree::NodeBatch};
use std::collections::VecDeque;

/// Blocks whose outcome is remembered; of another that is decided it is found once more.
pub(super) const OUTCOMES: usize = 4;

/// What a block does: to be written when it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) state: StateRoot,
    pub(super) batch: NodeBatch,
    pub(super) touched: Touched,
}

/// The outcomes of valid blocks on the head, the newest last.
#[derive(Debug, Default)]
pub(super) struct Outcomes(VecDeque<(BlockHash, Outcome)>);

impl Outcomes {
    /// Tells whether a block's outcome is remembered: then the block is valid.
    pub(super) fn has(&self, block: BlockHash) -> bool {
        self.0.iter().any(|(hash, _)| *hash == block)
    }

    /// Remembers a block's outcome, and forgets the oldest that is too many.
    pub(super) fn keep(&mut self, block: BlockHash, outcome: Outcome) {
        self.0.retain(|(hash, _)| *hash != block);
        if self.0.len() >= OUTCOMES {
            self.0.pop_front();
        }
        self.0.push_back((block, outcome));
    }

    /// Takes a block's outcome, and forgets all others: they were on the head before.
    pub(super) fn settle(&mut self, block: BlockHash) -> Option<Outcome> {
        let all = std::mem::take(&mut self.0);
        all.into_iter().find(|(hash, _)| *hash == block).map(|(_, outcome)| outcome)
    }
}
