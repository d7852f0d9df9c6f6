//! The rules of headers: what a block must be before it is executed.

use super::{Chain, Halt, Head};
use magpie_protocol::{
    beacon::{self, Beacon, BeaconError},
    ledger::{Block, BlockError, Header, HeaderError, Pace},
};
use magpie_storage::overlay::View;

/// Why a block may not be voted for, whatever its entries do. The fault of its proposer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The header does not follow the head.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Somebody else proposes in the round that the header names.
    #[error("block of height {0}: the proposer was not that of its round")]
    Proposer(u64),
    /// The beacon's proof does not hold.
    #[error(transparent)]
    Beacon(#[from] BeaconError),
    /// It comes too soon after the block before, or is empty before one is due.
    #[error("block of height {0} comes too soon")]
    Soon(u64),
    /// Its entries are not the header's, or too many.
    #[error(transparent)]
    Block(#[from] BlockError),
}

/// Returns the earliest time of a block after `head`, in milliseconds.
pub(super) const fn earliest(head: &Head, pace: &Pace) -> u64 {
    head.tip.time_ms.saturating_add(pace.interval_ms)
}

/// Returns from when on a block after `head` may be empty, in milliseconds.
pub(super) const fn heartbeat(head: &Head, pace: &Pace) -> u64 {
    // The first block makes the chain something that can be proven: nobody waits for it.
    let wait_ms = if head.tip.height == 0 { pace.interval_ms } else { pace.heartbeat_ms };
    head.tip.time_ms.saturating_add(wait_ms)
}

/// Returns what the beacon of the block after `head` is asked.
pub(super) const fn beacon_input(head: &Head, height: u64) -> beacon::Input {
    beacon::Input { chain: head.tip.chain, height, previous: head.beacon }
}

/// Checks everything about a block after `head` but the clock and what its entries do, and returns
/// its beacon. The outer error is the store's.
pub(super) fn check(
    block: &Block,
    head: &Head,
    chain: &dyn Chain,
    store: &dyn View,
) -> Result<Result<Beacon, Refusal>, Halt> {
    let (pace, header) = (chain.pace(), &block.header);
    if let Err(refusal) = check_place(header, head, pace) {
        return Ok(Err(refusal));
    }
    if let Err(error) = block.check(pace) {
        return Ok(Err(error.into()));
    }
    let (height, time_ms) = (header.height, header.time_ms);
    let soon = block.entries.is_empty() && time_ms < heartbeat(head, pace);
    if soon && !chain.is_due(store, time_ms)? {
        return Ok(Err(Refusal::Soon(height)));
    }
    // The proof costs most and comes last.
    Ok(check_beacon(header, head))
}

fn check_place(header: &Header, head: &Head, pace: &Pace) -> Result<(), Refusal> {
    header.check_follows(&head.tip)?;
    let proposer = head.validators.proposer(header.height, header.round);
    if proposer.is_none_or(|proposer| proposer.key != header.proposer) {
        return Err(Refusal::Proposer(header.height));
    }
    if header.time_ms < earliest(head, pace) {
        return Err(Refusal::Soon(header.height));
    }
    Ok(())
}

/// Checks the proof under the proposer of the round in which the block was proposed first, whoever
/// proposes it again.
fn check_beacon(header: &Header, head: &Head) -> Result<Beacon, Refusal> {
    let proposer = head.validators.get(header.proposer);
    let key = proposer.ok_or(Refusal::Proposer(header.height))?.beacon;
    Ok(beacon::verify(&key, &beacon_input(head, header.height), &header.beacon)?)
}
