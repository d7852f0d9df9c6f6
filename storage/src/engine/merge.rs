//! Reading a range through changes that are not written yet.

use super::{EngineError, KeyRange, Order, Row};
use std::{cmp::Ordering, collections::BTreeMap, ops::Bound};

/// Rows that one merged read takes from the level below at a time.
const PAGE_ROWS: usize = 1_024;

/// Reads `range` through `changes`, taking pages from below until `limit` rows are found:
/// deleted rows make a page yield fewer rows than it has.
pub(crate) fn merge(
    changes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    range: &KeyRange,
    order: Order,
    limit: usize,
    below: impl Fn(&KeyRange, usize) -> Result<Vec<Row>, EngineError>,
) -> Result<Vec<Row>, EngineError> {
    if range.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let end = range.end().map_or(Bound::Unbounded, Bound::Excluded);
    let within = changes.range::<[u8], _>((Bound::Included(range.start()), end));
    let mut above: Box<dyn Iterator<Item = _>> = match order {
        Order::Ascending => Box::new(within),
        Order::Descending => Box::new(within.rev()),
    };
    let mut next = above.next();
    let mut rows: Vec<Row> = Vec::new();
    let mut rest = range.clone();
    loop {
        let wanted = (limit - rows.len()).min(PAGE_ROWS);
        let page = below(&rest, wanted)?;
        let exhausted = page.len() < wanted;
        if let Some((last, _)) = page.last() {
            rest = rest.behind(last, order);
        }
        for (key, value) in page {
            let mut hidden = false;
            while let Some((changed, change)) = next {
                let place = match order {
                    Order::Ascending => changed.cmp(&key),
                    Order::Descending => key.cmp(changed),
                };
                if place == Ordering::Greater {
                    break;
                }
                hidden |= place == Ordering::Equal;
                rows.extend(change.as_ref().map(|value| (changed.clone(), value.clone())));
                next = above.next();
                if rows.len() == limit {
                    return Ok(rows);
                }
            }
            if !hidden {
                rows.push((key, value));
                if rows.len() == limit {
                    return Ok(rows);
                }
            }
        }
        if exhausted {
            while let Some((changed, change)) = next {
                rows.extend(change.as_ref().map(|value| (changed.clone(), value.clone())));
                if rows.len() == limit {
                    break;
                }
                next = above.next();
            }
            return Ok(rows);
        }
    }
}
