//! What waits for a block though nobody sends an entry.

use super::{calendar, error::Fault, overlay::Overlay};
use crate::ledger::state::Leaves;

/// What makes an empty block due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Whether claims wait for a draw: the next block is due at once.
    pub draws: bool,
    /// The time from which on something expires, in milliseconds.
    pub expiry_ms: Option<u64>,
}

/// Returns what waits for a block after this state.
pub fn pending<L: Leaves>(leaves: &L) -> Result<Pending, Fault<L::Error>> {
    let state = Overlay::new(leaves)?;
    let draws = state.progress.oldest.is_some();
    // A second of the calendar, times a thousand, fits 46 bits.
    let expiry_ms = calendar::first(&state)?.map(|second| second.saturating_mul(1_000));
    Ok(Pending { draws, expiry_ms })
}
