//! Keeps the calendar of what is due: a list for each second, and the way to the first second.

use super::{
    error::{Fault, Refusal, Stop},
    overlay::Overlay,
};
use crate::ledger::state::{Calendar, Due, DueSecond, Leaves};

/// Returns the second in which a time is over for sure.
///
/// Errors: [`Refusal::TooFar`] past the last second of the calendar.
pub(super) fn second_of(expires_ms: u64) -> Result<u64, Refusal> {
    let second = expires_ms.div_ceil(1_000);
    if second < Calendar::SECONDS { Ok(second) } else { Err(Refusal::TooFar(expires_ms)) }
}

/// Returns when something that starts now and lasts so long is over, and its second.
pub(super) fn expiry(time_ms: u64, lifetime_ms: u64) -> Result<(u64, u64), Refusal> {
    let expires_ms = time_ms.checked_add(lifetime_ms).ok_or(Refusal::TooFar(u64::MAX))?;
    Ok((expires_ms, second_of(expires_ms)?))
}

/// Returns a node's number on its level, and the bit in it that leads to a second.
const fn place(level: u8, second: u64) -> (u64, u64) {
    let below = 6 * level as u32;
    // Levels are at most TOP, so both shifts are below 64.
    ((second >> below) >> 6, 1 << ((second >> below) & 63))
}

/// Puts something first in the list of its second, and returns what it has to lead on to.
pub(super) fn insert<L: Leaves>(
    state: &mut Overlay<'_, L>,
    second: u64,
    due: Due,
) -> Result<Option<Due>, Stop<L::Error>> {
    let before = state.get::<DueSecond>(&second)?;
    state.put(&second, &DueSecond { last: due })?;
    if let Some(before) = before {
        return Ok(Some(before.last));
    }
    for level in 0..=Calendar::TOP {
        let (number, bit) = place(level, second);
        let node = state.get::<Calendar>(&(level, number))?;
        let children = node.map_or(0, |node| node.children);
        state.put(&(level, number), &Calendar { children: children | bit })?;
        if children != 0 {
            break;
        }
    }
    Ok(None)
}

/// Returns the first second that has something due.
pub(super) fn first<L: Leaves>(state: &Overlay<'_, L>) -> Result<Option<u64>, Fault<L::Error>> {
    let mut number = 0;
    for level in (0..=Calendar::TOP).rev() {
        let Some(node) = state.get::<Calendar>(&(level, number))? else {
            // Only the root may be missing: below a bit that is set there is something.
            return if level == Calendar::TOP { Ok(None) } else { Err(Fault::Missing("calendar")) };
        };
        number = (number << 6) | u64::from(node.children.trailing_zeros() & 63);
    }
    Ok(Some(number))
}

/// Lets the list of a second go on with `next`, and the second go if that is nothing.
pub(super) fn advance<L: Leaves>(
    state: &mut Overlay<'_, L>,
    second: u64,
    next: Option<Due>,
) -> Result<(), Fault<L::Error>> {
    if let Some(last) = next {
        return state.put(&second, &DueSecond { last });
    }
    state.remove::<DueSecond>(&second)?;
    for level in 0..=Calendar::TOP {
        let (number, bit) = place(level, second);
        let node = state.need::<Calendar>(&(level, number))?;
        let children = node.children & !bit;
        if children != 0 {
            return state.put(&(level, number), &Calendar { children });
        }
        state.remove::<Calendar>(&(level, number))?;
    }
    Ok(())
}
