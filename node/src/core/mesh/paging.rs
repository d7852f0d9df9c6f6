//! One answer's worth of a mailbox, whatever is in it.

use super::bounds::{ANSWER_MARGIN, FETCH_PAGE};
use magpie_protocol::{
    bounded::{Blob, List},
    limits::{MAIL_ENVELOPES, MAIL_FRAME},
};
use magpie_storage::table::TableError;

/// What fits an answer.
#[derive(Debug)]
pub(super) struct Page<const MAX: usize> {
    pub(super) items: List<Blob<MAX>, MAIL_ENVELOPES>,
    /// The last item's sequence number, or where the page began.
    pub(super) next: u64,
    /// Whether more is there after that.
    pub(super) more: bool,
}

/// Returns at most `limit` items after `after`, as many as one answer holds. `read` returns the
/// first so many items with a sequence number above the one it gets, in order.
pub(super) fn page<const MAX: usize>(
    after: u64,
    limit: u16,
    read: impl Fn(u64, usize) -> Result<Vec<(u64, Blob<MAX>)>, TableError>,
) -> Result<Page<MAX>, TableError> {
    let wanted = usize::from(limit).min(MAIL_ENVELOPES);
    let mut page = Page { items: List::default(), next: after, more: false };
    let mut room = MAIL_FRAME - ANSWER_MARGIN;
    loop {
        // One row more than wanted tells whether more waits.
        let count = FETCH_PAGE.min(wanted - page.items.len() + 1);
        let rows = read(page.next, count)?;
        let last = rows.len() < count;
        for (sequence, item) in rows {
            // Five bytes of length before each, at most.
            let rest = room.checked_sub(item.len() + 5);
            let full = page.items.len() >= wanted;
            let Some(rest) = rest.filter(|_| !full) else {
                page.more = true;
                return Ok(page);
            };
            if page.items.push(item).is_err() {
                page.more = true;
                return Ok(page);
            }
            room = rest;
            page.next = sequence;
        }
        if last {
            return Ok(page);
        }
    }
}
