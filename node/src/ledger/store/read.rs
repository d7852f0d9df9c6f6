//! Reading the ledger back.

use super::{
    KeptHeader, KeptTip, StoreError, StoredNodes,
    rows::{ENTRIES, HEADERS, HEIGHTS, TIP, VALUES},
};
use magpie_protocol::{
    consensus::DecidedBlock,
    ledger::{
        Block, BlockHash,
        state::LeafKey,
        tree::{TreeError, root},
    },
};
use magpie_storage::{engine::Order, overlay::View, table::Keys};
use std::collections::BTreeMap;

/// Returns the newest block's tip, or nothing if there is no genesis.
pub fn tip(view: &dyn View) -> Result<Option<KeptTip>, StoreError> {
    Ok(TIP.get(view, &())?)
}

/// Returns the decided header of a height.
pub fn header(view: &dyn View, height: u64) -> Result<Option<KeptHeader>, StoreError> {
    Ok(HEADERS.get(view, &height)?)
}

/// Returns the decided block of a height with its certificate.
pub fn decided(view: &dyn View, height: u64) -> Result<Option<DecidedBlock>, StoreError> {
    let Some(KeptHeader { header, certificate }) = header(view, height)? else { return Ok(None) };
    let entries = ENTRIES.get(view, &height)?.ok_or(StoreError::Entries(height))?.0;
    Ok(Some(DecidedBlock { block: Block { header, entries }, certificate }))
}

/// Returns the height of the block with this hash.
pub fn height_of(view: &dyn View, hash: &BlockHash) -> Result<Option<u64>, StoreError> {
    Ok(HEIGHTS.get(view, &hash.0)?.map(|row| row.0))
}

/// Checks at a start that the state is the one that the tip names, and returns the tip.
///
/// Error: [`StoreError::Root`], or what else is broken.
pub fn check(view: &dyn View) -> Result<Option<KeptTip>, StoreError> {
    let Some(kept) = tip(view)? else { return Ok(None) };
    let height = kept.tip().height;
    let found = root(&StoredNodes::new(view), height)?.ok_or(TreeError::Root(height))?;
    if found != kept.state {
        return Err(StoreError::Root { height, expected: kept.state, found });
    }
    Ok(Some(kept))
}

/// Returns every leaf as it is now, past the tree: for a slow recount of all the money. Bounded by
/// nothing but the state; no rule of a node needs it.
pub fn all_leaves(view: &dyn View) -> Result<BTreeMap<LeafKey, Vec<u8>>, StoreError> {
    let rows = VALUES.scan(view, &Keys::all(), Order::Ascending, usize::MAX)?;
    let mut leaves = BTreeMap::new();
    for ((key, _), row) in rows {
        match row.0 {
            Some(bytes) => drop(leaves.insert(LeafKey(key), bytes.into_vec())),
            None => drop(leaves.remove(&LeafKey(key))),
        }
    }
    Ok(leaves)
}
