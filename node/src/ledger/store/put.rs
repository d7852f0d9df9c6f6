//! Writing a height: tree, header, block and tip in one step.

use super::{
    KeptHeader, KeptTip, StoreError,
    prune::{KEPT_HEIGHTS, PRUNED_ROWS, prune},
    rows::{
        ENTRIES, EntriesRow, HEADERS, HEIGHTS, HeightRow, NODES, STALE, StaleRow, TIP, VALUES,
        ValueRow, node_key, stale_key,
    },
};
use magpie_protocol::{
    bounded::Blob,
    ledger::{
        Block, CertifiedHeader, StateRoot, Tip,
        tree::{NodeBatch, TreeError},
    },
};
use magpie_storage::overlay::Tx;

/// Writes the state of the genesis, height 0, into an empty store. Errors: [`StoreError`].
pub fn put_genesis(
    tx: &mut Tx<'_>,
    genesis: &Tip,
    state: StateRoot,
    batch: &NodeBatch,
) -> Result<(), StoreError> {
    if genesis.height != 0 || batch.height != 0 || TIP.contains(tx, &())? {
        return Err(StoreError::Genesis(genesis.height));
    }
    let found = batch.root().ok_or(StoreError::Apart(0))?;
    if found != state {
        return Err(StoreError::Root { height: 0, expected: state, found });
    }
    put_tree(tx, batch)?;
    TIP.put(tx, &(), &KeptTip::new(genesis, state))?;
    Ok(())
}

/// Writes the block after the tip with the state that its execution gave, and removes some of
/// what only heights older than [`KEPT_HEIGHTS`] need.
///
/// The batch of `tx` is to be committed as one; nothing is told of the block before.
/// Errors: [`StoreError`], without anything to commit.
pub fn put_block(
    tx: &mut Tx<'_>,
    decided: &CertifiedHeader,
    block: &Block,
    state: StateRoot,
    batch: &NodeBatch,
) -> Result<(), StoreError> {
    let header = decided.header();
    let height = header.height;
    let before = TIP.get(tx, &())?.ok_or(StoreError::NoGenesis)?;
    header.check_follows(&before.tip())?;
    if block.header != *header || batch.height != height {
        return Err(StoreError::Apart(height));
    }
    let made = batch.root().ok_or(StoreError::Apart(height))?;
    if let Some(found) = [state, made].into_iter().find(|found| *found != header.state) {
        return Err(StoreError::Root { height, expected: header.state, found });
    }
    put_tree(tx, batch)?;
    let certificate = decided.certificate().clone();
    HEADERS.put(tx, &height, &KeptHeader { header: header.clone(), certificate })?;
    ENTRIES.put(tx, &height, &EntriesRow(block.entries.clone()))?;
    HEIGHTS.put(tx, &decided.tip().hash.0, &HeightRow(height))?;
    TIP.put(tx, &(), &KeptTip::new(decided.tip(), state))?;
    // Twice what a block makes stale, so that the list shrinks however full blocks are.
    let rows = batch.stale.len().saturating_mul(2).saturating_add(PRUNED_ROWS);
    prune(tx, height.saturating_sub(KEPT_HEIGHTS - 1), rows)?;
    Ok(())
}

fn put_tree(tx: &mut Tx<'_>, batch: &NodeBatch) -> Result<(), StoreError> {
    for (place, node) in &batch.nodes {
        NODES.put(tx, &node_key(place), node)?;
    }
    for (key, bytes) in &batch.values {
        let len = bytes.as_ref().map_or(0, Vec::len);
        let value = bytes.clone().map(Blob::new).transpose();
        let value = value.map_err(|_| TreeError::LeafTooLong { key: *key, len })?;
        VALUES.put(tx, &(key.0, batch.height), &ValueRow(value))?;
    }
    for stale in &batch.stale {
        STALE.put(tx, &stale_key(batch.height, stale), &StaleRow)?;
    }
    Ok(())
}
