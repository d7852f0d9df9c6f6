//! Disks of super nodes that say something else at the end than what was decided: bugs of the ledger
//! that the checkers of money have to find on the disks themselves.

use super::{sabotage::Sabotage, world::World};
use magpie_node::ledger::store;
use magpie_protocol::{
    bounded::{Blob, List},
    codec::Format,
    ledger::{
        Entry, Instruction,
        state::{Account, Claim, Leaf},
    },
    limits::{BLOCK, BLOCK_ENTRIES, STATE_LEAF},
};
use magpie_storage::{
    engine::Order,
    overlay::{Overlay, Tx},
    table::{Keys, Table, TableError},
};
use serde::{Deserialize, Serialize};

/// The bytes of a leaf from some height on, as super nodes keep them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ValueRow(Option<Blob<STATE_LEAF>>);

impl Format for ValueRow {
    const NAME: &'static str = "state value row";
    const VERSION: u8 = 1;
    const LIMIT: usize = STATE_LEAF + 16;
}

/// The entries of a decided block, as super nodes keep them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct EntriesRow(List<Entry, BLOCK_ENTRIES>);

impl Format for EntriesRow {
    const NAME: &'static str = "block entries row";
    const VERSION: u8 = 1;
    const LIMIT: usize = BLOCK;
}

const VALUES: Table<([u8; 32], u64), ValueRow> = Table::new("state values", 0x41);
const ENTRIES: Table<u64, EntriesRow> = Table::new("block entries", 0x44);

impl World {
    /// Changes the disks of super nodes, if that is the planted bug.
    pub(super) fn tamper(&mut self) {
        let tamper: fn(&mut Tx<'_>, &Overlay) -> Result<(), TableError> = match self.sabotage {
            Some(Sabotage::PrintMoney) => print_money,
            Some(Sabotage::DoubleClaim) => double_claim,
            Some(Sabotage::ShortChange) => short_change,
            Some(Sabotage::LosePayment) => lose_payment,
            _ => return,
        };
        for at in 0..self.supers() {
            let Some(running) = &mut self.places[at].running else { continue };
            let mut tx = Tx::new(&running.store);
            let done = tamper(&mut tx, &running.store);
            let batch = tx.into_batch();
            running.store.push(batch);
            if let (Err(_), _) | (_, Err(_)) = (done, running.store.commit()) {
                self.find_out(at, "runs", "its disk cannot be tampered with".to_owned());
            }
        }
    }
}

/// Gives a wallet one unit more.
fn print_money(tx: &mut Tx<'_>, store: &Overlay) -> Result<(), TableError> {
    change_leaf(tx, store, |account: &mut Account| {
        account.balance.0 += 1;
        true
    })
}

/// Writes down that a claim got one unit less.
fn short_change(tx: &mut Tx<'_>, store: &Overlay) -> Result<(), TableError> {
    change_leaf(tx, store, |claim: &mut Claim| match &mut claim.paid {
        Some(paid) => {
            paid.amount.0 -= 1;
            true
        }
        None => false,
    })
}

/// Changes the newest row of the first leaf of a kind that a change has something to do with.
fn change_leaf<L: Leaf>(
    tx: &mut Tx<'_>,
    store: &Overlay,
    change: impl Fn(&mut L) -> bool,
) -> Result<(), TableError> {
    // The newest row of a leaf is the last of its rows.
    let rows = VALUES.scan(store, &Keys::all(), Order::Descending, usize::MAX)?;
    for (key, ValueRow(bytes)) in rows {
        let leaf = bytes.and_then(|bytes| L::from_leaf(&bytes).ok());
        let Some(mut leaf) = leaf else { continue };
        if !change(&mut leaf) {
            continue;
        }
        let bytes = leaf.to_leaf().ok().and_then(|bytes| Blob::new(bytes).ok());
        return VALUES.put(tx, &key, &ValueRow(bytes));
    }
    Ok(())
}

/// Writes a claim down a second time.
fn double_claim(tx: &mut Tx<'_>, store: &Overlay) -> Result<(), TableError> {
    change_block(tx, store, |entries| {
        let is_claim = |it: &&Entry| matches!(it.instruction(), Ok(Instruction::ClaimPacket(_)));
        let claim = entries.iter().find(is_claim).cloned()?;
        Some(entries.iter().cloned().chain([claim]).collect())
    })
}

/// Forgets the first transfer.
fn lose_payment(tx: &mut Tx<'_>, store: &Overlay) -> Result<(), TableError> {
    change_block(tx, store, |entries| {
        let is_transfer = |it: &Entry| matches!(it.instruction(), Ok(Instruction::Transfer(_)));
        let lost = entries.iter().position(is_transfer)?;
        let kept = entries.iter().enumerate().filter(|(at, _)| *at != lost);
        Some(kept.map(|(_, entry)| entry.clone()).collect())
    })
}

/// Changes the entries of the first block that a change has something to do with.
fn change_block(
    tx: &mut Tx<'_>,
    view: &Overlay,
    change: impl Fn(&[Entry]) -> Option<Vec<Entry>>,
) -> Result<(), TableError> {
    let newest = store::tip(view).ok().flatten().map_or(0, |kept| kept.tip().height);
    for height in 1..=newest {
        let Some(EntriesRow(entries)) = ENTRIES.get(view, &height)? else { continue };
        let changed = change(&entries).and_then(|changed| List::new(changed).ok());
        if let Some(changed) = changed {
            return ENTRIES.put(tx, &height, &EntriesRow(changed));
        }
    }
    Ok(())
}
