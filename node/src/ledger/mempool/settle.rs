//! After a block: what is done goes, and what it was about is looked at again.

use super::{Key, Lane, Mempool, Place, Terms, purse::Purse};
use magpie_protocol::ledger::{
    EntryId,
    execution::{Fault, check},
    state::Leaves,
};
use std::collections::BTreeSet;

/// What a block did, as far as entries that wait can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// The keys of its entries.
    pub keys: Vec<Key>,
    /// Transfers and packets whose time was over.
    pub over: Vec<EntryId>,
}

impl Mempool {
    /// Drops what a block did, what is over by then, and of what the block touched all that does
    /// not hold after it. Looks at as many entries as a block may have; the others are looked at
    /// when a block is filled.
    pub fn settle<L: Leaves>(
        &mut self,
        terms: &Terms<'_>,
        leaves: &L,
        touched: &Touched,
    ) -> Result<(), Fault<L::Error>> {
        touched.keys.iter().for_each(|key| self.remove(*key));
        let time_ms = terms.time_ms(leaves)?;
        self.expire(time_ms);
        let lanes: BTreeSet<Lane> = touched
            .keys
            .iter()
            .filter(|key| matches!(key.place, Place::Sequence(_)))
            .map(|key| key.lane)
            .collect();
        let targets = touched.keys.iter().filter_map(Key::target).chain(touched.over.clone());
        let targets: BTreeSet<EntryId> = targets.collect();
        let lanes = lanes.into_iter().map(|lane| self.lane(lane));
        let about = targets.into_iter().map(|target| self.about(target));
        let groups: Vec<Vec<Key>> = lanes.chain(about).collect();
        let mut most = terms.rules.pace.entries;
        for group in groups {
            let mut purse = None;
            for key in group {
                let Some(left) = most.checked_sub(1) else { return Ok(()) };
                most = left;
                let Some(waiting) = self.get(key) else { continue };
                let entry = &waiting.entry;
                let mut before = match purse {
                    Some(purse) if matches!(key.place, Place::Sequence(_)) => purse,
                    _ => Purse::read(leaves, key.lane)?,
                };
                let after = before.over(leaves)?;
                if check(terms.rules, &after, terms.chain, time_ms, entry)?.is_err() {
                    self.refuse(key);
                } else {
                    before.pay(terms.rules, entry.instruction());
                    purse = Some(before);
                }
            }
        }
        Ok(())
    }
}
