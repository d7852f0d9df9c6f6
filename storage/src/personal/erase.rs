//! Removing the personal rows of all vaults, which needs no key.

use crate::{
    engine::{EngineError, KeyRange, Order},
    overlay::{Tx, View},
    tag,
};

/// Removes up to `limit` personal rows, whoever's they are, and tells whether more are left.
pub fn erase(tx: &mut Tx<'_>, limit: usize) -> Result<bool, EngineError> {
    let rows = tx.range(&KeyRange::prefix(&[tag::PERSONAL]), Order::Ascending, limit)?;
    let more = rows.len() == limit;
    for (key, _) in rows {
        tx.delete(key);
    }
    Ok(more)
}
