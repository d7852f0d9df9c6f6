//! Reading the ledger back.

use super::{
    KeptHeader, KeptTip, StoreError, StoredNodes,
    rows::{BLOCKS, HEADERS, HEIGHTS, TIP},
};
use magpie_protocol::ledger::{
    Block, BlockHash,
    tree::{TreeError, root},
};
use magpie_storage::overlay::View;

/// Returns the newest block's tip, or nothing if there is no genesis.
pub fn tip(view: &dyn View) -> Result<Option<KeptTip>, StoreError> {
    Ok(TIP.get(view, &())?)
}

/// Returns the decided header of a height.
pub fn header(view: &dyn View, height: u64) -> Result<Option<KeptHeader>, StoreError> {
    Ok(HEADERS.get(view, &height)?)
}

/// Returns the block of a height.
pub fn block(view: &dyn View, height: u64) -> Result<Option<Block>, StoreError> {
    Ok(BLOCKS.get(view, &height)?)
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
