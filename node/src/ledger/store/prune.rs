//! Removing what only old heights need.

use super::{
    StoreError,
    rows::{NODES, STALE, VALUES},
};
use magpie_storage::{engine::Order, overlay::Tx, table::Keys};

/// The newest heights whose state can be read and proved.
pub const KEPT_HEIGHTS: u64 = 1_024;
/// Rows that one block removes, besides twice as many as it makes stale.
pub const PRUNED_ROWS: usize = 1_024;

/// Removes at most `rows` rows of state that no height from `oldest` on needs, the oldest first,
/// and returns how many it removed.
///
/// A height loses its root first: it is then not read any more, whatever of it is left.
pub fn prune(tx: &mut Tx<'_>, oldest: u64, rows: usize) -> Result<usize, StoreError> {
    let due = Keys::all().below(&(oldest.saturating_add(1), 0, 0, 0, [0; 32]));
    let due = STALE.scan(tx, &due, Order::Ascending, rows)?;
    for (key, _) in &due {
        let (_, kind, depth, height, path) = *key;
        match kind {
            0 => NODES.delete(tx, &(height, depth, path)),
            _ => VALUES.delete(tx, &(path, height)),
        }
        STALE.delete(tx, key);
    }
    Ok(due.len())
}
