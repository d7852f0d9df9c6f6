//! From 1 to 2: values of public rows get a check before them.

use super::migration::Progress;
use crate::{
    engine::{EngineError, KeyRange, Order},
    overlay::{Tx, View},
    row_check::with_check,
    tag,
};

/// Rows that one batch rewrites.
pub(super) const ROWS: usize = 256;

/// Rewrites the next rows behind `cursor`, the last key that was rewritten.
pub(super) fn step(tx: &mut Tx<'_>, cursor: &[u8]) -> Result<Progress, EngineError> {
    let public = KeyRange::new(vec![tag::PUBLIC], None);
    let rest = match cursor {
        [] => public,
        last => public.behind(last, Order::Ascending),
    };
    let rows = tx.range(&rest, Order::Ascending, ROWS)?;
    let last = match rows.last() {
        Some((last, _)) if rows.len() == ROWS => Some(last.clone()),
        _ => None,
    };
    for (key, value) in rows {
        let value = with_check(&key, &value);
        tx.put(key, value);
    }
    Ok(last.map_or(Progress::Done, Progress::More))
}
