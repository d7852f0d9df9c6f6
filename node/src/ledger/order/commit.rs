//! The end of a height: its block is executed, and its log goes, in one transaction.

use super::{
    Effect, Halt, Head, Order,
    rows::{CANDIDATES, LOG, LogEntry},
    step::Turn,
    timers::Timer,
};
use magpie_protocol::{
    beacon::Beacon,
    consensus::DecidedBlock,
    ledger::{Block, BlockHash},
};
use magpie_storage::{engine::Order as Direction, overlay::View, table::Keys};

/// Rows of one height that are read, and one more than are written: thousands of rounds in which all
/// validators fill their shares. A log that long ends the node; it is never replayed in part.
pub(super) const ROWS: usize = 1 << 20;
/// The rule that a longer log breaks.
pub(super) const FULL: &str = "the log is full";

/// Returns the log of a height in its order.
pub(super) fn read_log(store: &dyn View, height: u64) -> Result<Vec<LogEntry>, Halt> {
    read_rows(store, height, ROWS)
}

/// Returns the log of a height in its order, if it is shorter than `most`.
pub(super) fn read_rows(store: &dyn View, height: u64, most: usize) -> Result<Vec<LogEntry>, Halt> {
    let rows = LOG.scan(store, &Keys::under(&height), Direction::Ascending, most)?;
    if rows.len() >= most {
        return Err(Halt::Rows { height, rule: FULL });
    }
    let rule = "the log has a gap";
    let whole = rows.iter().enumerate().all(|(at, ((_, place), _))| at as u64 == u64::from(*place));
    if !whole {
        return Err(Halt::Rows { height, rule });
    }
    Ok(rows.into_iter().map(|(_, entry)| entry).collect())
}

/// Returns the blocks of a height that may be decided.
pub(super) fn read_candidates(
    store: &dyn View,
    height: u64,
) -> Result<Vec<(BlockHash, Block)>, Halt> {
    let rows = CANDIDATES.scan(store, &Keys::under(&height), Direction::Ascending, ROWS)?;
    Ok(rows.into_iter().map(|((_, hash), row)| (BlockHash(hash), row.0)).collect())
}

impl Order {
    /// Ends the height if malachite decided it, and tells whether it did.
    pub(super) fn commit_decided(&mut self, turn: &mut Turn<'_, '_>) -> Result<bool, Halt> {
        let Some(running) = &mut self.running else { return Ok(false) };
        let Some(certificate) = running.decided.take() else { return Ok(false) };
        let Some(held) = running.candidates.take(certificate.block) else {
            // Dropped as superfluous: the others have it, and their status lets us ask for it.
            return Ok(false);
        };
        let decided = DecidedBlock { block: held.block, certificate };
        self.commit(turn, decided, held.beacon)?;
        Ok(true)
    }

    /// Makes a decided block the head. It follows the head, and its certificate holds.
    pub(super) fn commit(
        &mut self,
        turn: &mut Turn<'_, '_>,
        decided: DecidedBlock,
        beacon: Beacon,
    ) -> Result<(), Halt> {
        let height = self.height()?;
        let validators = turn.chain.decide(turn.tx, &decided, &beacon)?;
        if validators.hash() != decided.block.header.next_validators {
            return Err(Halt::Refused(height));
        }
        self.past.certified(self.head.tip.chain, &decided.certificate);
        if let Some(mut running) = self.running.take() {
            let found = running.machine.accuse()?;
            self.accuse(turn, found)?;
            let proposals = running.candidates.signed();
            self.past.said(height, running.machine.votes()?, proposals);
            for place in 0..running.logged {
                LOG.delete(turn.tx, &(height, place));
            }
            for hash in running.stored {
                CANDIDATES.delete(turn.tx, &(height, hash.0));
            }
        }
        self.settle_evidence(turn, &decided.block);
        let tip = decided.block.header.tip()?;
        self.head = Head { tip, beacon, validators };
        self.since_ms = turn.now_ms;
        self.timers.cancel_rounds();
        self.timers.cancel(Timer::Want);
        self.timers.cancel(Timer::Lag);
        if !self.peers.any_past(height) {
            self.timers.cancel(Timer::Sync);
        }
        turn.effects.push(Effect::Decided(Box::new(decided)));
        Ok(())
    }
}
