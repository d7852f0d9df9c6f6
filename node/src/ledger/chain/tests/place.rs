//! A validator of the simulated network with the real chain, honest or not.

use super::{recount, town};
use crate::ledger::{
    chain::{Genesis, Invalid, Ledger},
    order::{
        Chain, Draft, Halt, Head, Verdict,
        tests::{
            scene::{BEGIN, CHAIN, Scene},
            subject::Subject,
        },
    },
    store,
};
use magpie_protocol::{
    beacon::Beacon,
    consensus::DecidedBlock,
    ledger::{
        Block, Entry, Header, Instruction, Pace, Rules, StateRoot, ValidatorSet,
        execution::{InvalidEntry, Refusal},
    },
};
use magpie_storage::overlay::{Overlay, Tx, View};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// What the last validator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bent {
    /// Names another state in its blocks.
    Root,
    /// Puts an entry into them that does not hold.
    Entry,
    /// Puts a claim into them that was decided before.
    Claim,
    /// Executes by another rule, as a planted bug.
    Rule,
}

/// What was seen of all validators, over all their lives.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) wrong: BTreeSet<String>,
    pub(super) roots: BTreeMap<u64, StateRoot>,
    pub(super) refused: BTreeMap<&'static str, u32>,
    pub(super) bent: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    pub(super) bent: Option<Bent>,
    pub(super) seen: Rc<RefCell<Seen>>,
}

pub(super) struct Place {
    pub(super) ledger: Ledger,
    bent: Option<Bent>,
    seen: Rc<RefCell<Seen>>,
}

pub(super) fn genesis(set: &ValidatorSet, rules: Rules) -> Genesis {
    Genesis::new(CHAIN, BEGIN - 60_000, rules, &[town::issuer()], set).unwrap()
}

fn name(invalid: &Invalid) -> &'static str {
    match invalid {
        Invalid::Header(_) => "header",
        Invalid::Entry(_) => "forged entry",
        Invalid::Executed(InvalidEntry { refusal: Refusal::Claimed { .. }, .. }) => "claim",
        Invalid::Executed(_) => "entry",
        Invalid::State { .. } => "root",
        Invalid::Validators { .. } => "validators",
    }
}

impl Place {
    fn decided_claim(&self, store: &dyn View, before: u64) -> Option<Entry> {
        let blocks = (1..before).rev().take(60);
        let blocks = blocks.filter_map(|height| store::decided(store, height).unwrap());
        let is_claim = |entry: &Entry| {
            let verified = entry.clone().verify(CHAIN, self.ledger.rules()).unwrap();
            matches!(verified.instruction(), Instruction::ClaimPacket(_))
        };
        blocks.flat_map(|decided| decided.block.entries.into_vec()).find(is_claim)
    }
}

impl Chain for Place {
    fn pace(&self) -> &Pace {
        self.ledger.pace()
    }

    fn head(&self, store: &dyn View) -> Result<Head, Halt> {
        self.ledger.head(store)
    }

    fn decided(&self, store: &dyn View, height: u64) -> Result<Option<DecidedBlock>, Halt> {
        self.ledger.decided(store, height)
    }

    fn waits(&self, store: &dyn View) -> Result<bool, Halt> {
        self.ledger.waits(store)
    }

    fn is_due(&self, store: &dyn View, time_ms: u64) -> Result<bool, Halt> {
        self.ledger.is_due(store, time_ms)
    }

    fn fill(&mut self, store: &dyn View, header: &Header) -> Result<Draft, Halt> {
        let mut draft = self.ledger.fill(store, header)?;
        let bad = match self.bent {
            Some(Bent::Root) => {
                draft.state = StateRoot([9; 32]);
                None
            }
            Some(Bent::Entry) => Some(town::transfer(0, 1, 5, 999, header.time_ms)),
            Some(Bent::Claim) => self.decided_claim(store, header.height),
            Some(Bent::Rule) | None => return Ok(draft),
        };
        self.seen.borrow_mut().bent += 1;
        bad.into_iter().for_each(|bad| draft.entries.push(bad).unwrap());
        Ok(draft)
    }

    fn check(&mut self, store: &dyn View, block: &Block) -> Result<Verdict, Halt> {
        let Err(invalid) = self.ledger.judge(store, block)? else { return Ok(Verdict::Valid) };
        *self.seen.borrow_mut().refused.entry(name(&invalid)).or_default() += 1;
        Ok(Verdict::Invalid)
    }

    fn decide(
        &mut self,
        tx: &mut Tx<'_>,
        decided: &DecidedBlock,
        beacon: &Beacon,
    ) -> Result<ValidatorSet, Halt> {
        let set = self.ledger.decide(tx, decided, beacon)?;
        let Header { height, state, .. } = decided.block.header;
        let mut seen = self.seen.borrow_mut();
        seen.wrong.extend(recount::wrong(&store::all_leaves(tx).unwrap(), state));
        if *seen.roots.entry(height).or_insert(state) != state {
            seen.wrong.insert(format!("two roots at {height}"));
        }
        Ok(set)
    }
}

impl Subject for Place {
    type Shared = Shared;

    fn open(
        scene: &Scene,
        shared: &Shared,
        set: &ValidatorSet,
        node: usize,
        store: &mut Overlay,
    ) -> Self {
        let bent = shared.bent.filter(|_| node + 1 == scene.nodes);
        let mut rules = town::rules();
        if bent == Some(Bent::Rule) {
            rules.fees.transfer.0 -= 1;
        }
        let mut tx = Tx::new(store);
        let ledger = Ledger::open(&genesis(set, rules), &mut tx).unwrap();
        let batch = tx.into_batch();
        store.push(batch);
        Self { ledger, bent, seen: Rc::clone(&shared.seen) }
    }

    fn offer(&mut self, store: &Overlay, entry: Entry, now_ms: u64) {
        drop(self.ledger.submit(store, now_ms, entry).unwrap());
    }

    fn state_after(&self, header: &Header) -> StateRoot {
        header.state
    }
}
