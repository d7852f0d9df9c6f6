//! A small honest chain: its entries are opaque, its state is a chain of hashes.

use super::{
    scene::{Scene, genesis},
    subject::Subject,
};
use crate::ledger::order::{Chain, Draft, Halt, Head, Verdict};
use magpie_protocol::{
    beacon::Beacon,
    bounded::List,
    codec::{Format, encode},
    consensus::DecidedBlock,
    ledger::{Block, Entry, Header, Pace, Rules, StateRoot, ValidatorSet, entries_root},
};
use magpie_storage::{
    overlay::{Overlay, Tx, View},
    table::Table,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct ToyRow {
    state: StateRoot,
    height: u64,
    beacon: Beacon,
}

impl Format for ToyRow {
    const NAME: &'static str = "toy row";
    const VERSION: u8 = 1;
    const LIMIT: usize = 128;
}

const TOY: Table<(), ToyRow> = Table::new("toy state", 0xf0);
const DECIDED: Table<u64, DecidedBlock> = Table::new("toy blocks", 0xf1);

/// Returns the state after a block with this header.
pub(super) fn next_state(before: StateRoot, header: &Header) -> StateRoot {
    let bytes = encode(&Header {
        state: before,
        beacon: magpie_protocol::beacon::Proof([0; 80]),
        ..header.clone()
    });
    StateRoot(*blake3::hash(&bytes.unwrap()).as_bytes())
}

pub(in crate::ledger) struct Toy {
    pub(super) pace: Pace,
    state: StateRoot,
    set: ValidatorSet,
    /// Every block has something to do.
    pub(super) busy: bool,
    /// Entries that wait for a block.
    pub(super) pool: Vec<Entry>,
    /// Blocks stay empty, whatever waits.
    pub(super) refuses: bool,
    /// Blocks that were filled.
    pub(super) fills: u32,
    /// The height from whose next block on the last validator votes no more.
    pub(super) leaves_at: Option<u64>,
}

impl Toy {
    pub(super) fn open(set: ValidatorSet, store: &dyn View) -> Self {
        let state = TOY.get(store, &()).unwrap().map_or(StateRoot([0; 32]), |row| row.state);
        let pace = Rules::usual().pace;
        Self {
            pace,
            state,
            set,
            busy: true,
            pool: vec![],
            refuses: false,
            fills: 0,
            leaves_at: None,
        }
    }

    pub(super) const fn state(&self) -> StateRoot {
        self.state
    }

    fn next_set(&self, height: u64) -> ValidatorSet {
        match self.leaves_at {
            Some(at) if height >= at => {
                let mut validators = self.set.validators().to_vec();
                validators.pop();
                ValidatorSet::new(validators).unwrap()
            }
            _ => self.set.clone(),
        }
    }
}

impl Chain for Toy {
    fn pace(&self) -> &Pace {
        &self.pace
    }

    fn head(&self, store: &dyn View) -> Result<Head, Halt> {
        let Some(ToyRow { height, beacon, .. }) = TOY.get(store, &())? else {
            return Ok(genesis(&self.set));
        };
        let decided = self.decided(store, height)?.unwrap();
        let validators = self.next_set(height);
        Ok(Head { tip: decided.block.header.tip()?, beacon, validators })
    }

    fn decided(&self, store: &dyn View, height: u64) -> Result<Option<DecidedBlock>, Halt> {
        Ok(DECIDED.get(store, &height)?)
    }

    fn waits(&self, _store: &dyn View) -> Result<bool, Halt> {
        Ok(!self.pool.is_empty())
    }

    fn is_due(&self, _store: &dyn View, _time_ms: u64) -> Result<bool, Halt> {
        Ok(self.busy)
    }

    fn fill(&mut self, _store: &dyn View, header: &Header) -> Result<Draft, Halt> {
        self.fills += 1;
        let next_validators = self.next_set(header.height).hash();
        let entries = if self.refuses { vec![] } else { self.pool.clone() };
        let ids: Vec<_> = entries.iter().map(|entry| entry.id().unwrap()).collect();
        let header = Header { next_validators, entries: entries_root(&ids), ..header.clone() };
        let state = next_state(self.state, &header);
        Ok(Draft { entries: List::new(entries).unwrap(), state, next_validators })
    }

    fn check(&mut self, _store: &dyn View, block: &Block) -> Result<Verdict, Halt> {
        let header = &block.header;
        let valid = header.state == next_state(self.state, header)
            && header.next_validators == self.next_set(header.height).hash();
        Ok(if valid { Verdict::Valid } else { Verdict::Invalid })
    }

    fn decide(
        &mut self,
        tx: &mut Tx<'_>,
        decided: &DecidedBlock,
        beacon: &Beacon,
    ) -> Result<ValidatorSet, Halt> {
        self.state = decided.block.header.state;
        self.pool.retain(|entry| !decided.block.entries.contains(entry));
        let height = decided.block.header.height;
        TOY.put(tx, &(), &ToyRow { state: self.state, height, beacon: *beacon })?;
        DECIDED.put(tx, &height, decided)?;
        Ok(self.next_set(height))
    }
}

impl Subject for Toy {
    type Shared = ();

    fn open(scene: &Scene, (): &(), set: &ValidatorSet, _node: usize, store: &mut Overlay) -> Self {
        let mut toy = Self::open(set.clone(), store);
        (toy.busy, toy.leaves_at) = (scene.busy, scene.leaves_at);
        toy
    }

    fn offer(&mut self, _store: &Overlay, entry: Entry, _now_ms: u64) {
        self.pool.push(entry);
    }

    fn state_after(&self, header: &Header) -> StateRoot {
        next_state(self.state, header)
    }
}
