//! Evidence that no block holds yet: a row from the step in which it is found, until a block holds
//! it or it is too old.

use super::{
    Effect, Halt, Order,
    rows::{EVIDENCE, EvidenceKey},
    step::Turn,
};
use magpie_protocol::{
    keys::ConsensusKey,
    ledger::{Block, Evidence, Instruction},
};
use magpie_storage::{engine::Order as Direction, overlay::View, table::Keys};
use std::collections::BTreeMap;

/// Evidence that is kept in all.
const KEPT: usize = 256;
/// Evidence against one validator that is kept; one more shows nothing new.
const OF_ONE: usize = 4;
/// Every so many heights what is kept is handed out again, should the mempool have dropped it.
const AGAIN: u64 = 64;

/// The evidence that is kept, as its rows are.
#[derive(Debug, Default)]
pub(super) struct Kept(BTreeMap<EvidenceKey, Evidence>);

fn key(of: &Evidence) -> EvidenceKey {
    (of.height(), of.accused.0)
}

impl Kept {
    /// Reads what is kept.
    pub(super) fn read(store: &dyn View) -> Result<Self, Halt> {
        let rows = EVIDENCE.scan(store, &Keys::all(), Direction::Ascending, KEPT)?;
        Ok(Self(rows.into_iter().collect()))
    }

    /// Tells whether evidence against this validator at this height is kept: another adds nothing.
    pub(super) fn has(&self, height: u64, accused: ConsensusKey) -> bool {
        self.0.contains_key(&(height, accused.0))
    }

    /// Returns all that is kept, for the mempool.
    pub(super) fn effects(&self) -> impl Iterator<Item = Effect> {
        self.0.values().map(|evidence| Effect::Evidence(Box::new(*evidence)))
    }

    /// Takes what is new and has room.
    fn keep(&mut self, evidence: &Evidence) -> bool {
        let accused = evidence.accused.0;
        let of_one = self.0.keys().filter(|(_, key)| *key == accused).count();
        let has = self.0.contains_key(&key(evidence));
        let keeps = !has && of_one < OF_ONE && self.0.len() < KEPT;
        if keeps {
            self.0.insert(key(evidence), *evidence);
        }
        keeps
    }
}

impl Order {
    /// Keeps evidence that holds and is new, and hands it out.
    pub(super) fn accuse(
        &mut self,
        turn: &mut Turn<'_, '_>,
        found: Vec<Evidence>,
    ) -> Result<(), Halt> {
        let chain = self.head.tip.chain;
        for evidence in found {
            if !self.kept.has(evidence.height(), evidence.accused)
                && evidence.check(chain).is_ok()
                && self.kept.keep(&evidence)
            {
                EVIDENCE.put(turn.tx, &key(&evidence), &evidence)?;
                turn.effects.push(Effect::Evidence(Box::new(evidence)));
            }
        }
        Ok(())
    }

    /// Drops what a block holds and what is too old for the next, in the step that decides it.
    pub(super) fn settle_evidence(&mut self, turn: &mut Turn<'_, '_>, block: &Block) {
        let height = block.header.height;
        let held = block.entries.iter().filter_map(|entry| match entry.instruction() {
            Ok(Instruction::Evidence(evidence)) => Some(key(&evidence)),
            _ => None,
        });
        let most = u64::from(turn.chain.pace().evidence_heights);
        let old = self.kept.0.keys().filter(|(of, _)| height.saturating_sub(*of) >= most);
        let gone: Vec<_> = held.chain(old.copied()).collect();
        for key in gone {
            if self.kept.0.remove(&key).is_some() {
                EVIDENCE.delete(turn.tx, &key);
            }
        }
        if height.is_multiple_of(AGAIN) {
            turn.effects.extend(self.kept.effects());
        }
    }
}
