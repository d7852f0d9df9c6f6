//! What has to happen at a time, and when.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a validator waits for the proposal of round 0, in milliseconds.
const PROPOSE_MS: u64 = 2_000;
/// How long it waits for more prevotes, or precommits, once two thirds have voted differently.
const VOTE_MS: u64 = 1_000;
/// After how long it says its last votes again.
const REBROADCAST_MS: u64 = 2_000;
/// After how long it says them again after a restart.
pub(super) const RESUME_MS: u64 = 100;
/// How much longer each later round lets it wait.
const ROUND_MS: u64 = 500;
/// The longest wait of a round.
const MOST_MS: u64 = 60_000;
/// How often a node tells its height.
pub(super) const STATUS_MS: u64 = 3_000;
/// After how long a request to one peer goes to another.
pub(super) const REQUEST_MS: u64 = 1_000;

/// What a round waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Wait {
    /// The proposal.
    Propose,
    /// More prevotes.
    Prevote,
    /// More precommits.
    Precommit,
    /// Silence, after which the last votes are said again.
    Rebroadcast,
}

/// A wait of one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct RoundTimer {
    /// The round.
    pub(super) round: u32,
    /// For what.
    pub(super) wait: Wait,
}

impl RoundTimer {
    /// Returns how long the wait is, in milliseconds.
    pub(super) const fn millis(self) -> u64 {
        let first = match self.wait {
            Wait::Propose => PROPOSE_MS,
            Wait::Prevote | Wait::Precommit => VOTE_MS,
            Wait::Rebroadcast => REBROADCAST_MS,
        };
        let millis = first.saturating_add(ROUND_MS.saturating_mul(self.round as u64));
        if millis < MOST_MS { millis } else { MOST_MS }
    }
}

/// Something that is due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A wait of the running height's round.
    Round(RoundTimer),
    /// The next block may be due.
    Block,
    /// A peer is ahead, and what it decided did not come by itself.
    Lag,
    /// A peer did not answer which blocks were decided.
    Sync,
    /// A peer did not answer with a block.
    Want,
    /// The height is told again.
    Status,
}

/// The timers that are set, each at most once.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeMap<Timer, u64>);

impl Timers {
    /// Sets a timer, in place of when it was set for before.
    pub(super) fn set(&mut self, timer: Timer, at_ms: u64) {
        self.0.insert(timer, at_ms);
    }

    /// Tells whether a timer is set.
    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.0.contains_key(&timer)
    }

    /// Removes a timer.
    pub(super) fn cancel(&mut self, timer: Timer) {
        self.0.remove(&timer);
    }

    /// Removes the waits of all rounds.
    pub(super) fn cancel_rounds(&mut self) {
        self.0.retain(|timer, _| !matches!(timer, Timer::Round(_)));
    }

    /// Says the last votes again at a time, or sooner if that was set.
    pub(super) fn hurry_rebroadcasts(&mut self, at_ms: u64) {
        for (timer, at) in &mut self.0 {
            if let Timer::Round(RoundTimer { wait: Wait::Rebroadcast, .. }) = timer {
                *at = at_ms.min(*at);
            }
        }
    }

    /// Returns when the first is due.
    pub(super) fn next(&self) -> Option<u64> {
        self.0.values().min().copied()
    }

    /// Takes the one that is due longest at `now_ms`, if one is.
    pub(super) fn due(&mut self, now_ms: u64) -> Option<Timer> {
        let (timer, at) = self.0.iter().min_by_key(|(timer, at)| (**at, **timer))?;
        let (timer, at) = (*timer, *at);
        if at > now_ms {
            return None;
        }
        self.0.remove(&timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_with_the_round_up_to_a_bound() {
        let wait = |round, wait| RoundTimer { round, wait }.millis();
        assert_eq!(wait(0, Wait::Propose), 2_000);
        assert_eq!(wait(4, Wait::Prevote), 3_000);
        assert_eq!(wait(u32::MAX, Wait::Precommit), MOST_MS);
    }

    #[test]
    fn timers_come_in_the_order_of_their_times_and_never_early() {
        let mut timers = Timers::default();
        timers.set(Timer::Sync, 5);
        timers.set(Timer::Block, 5);
        timers.set(Timer::Status, 3);
        timers.set(Timer::Status, 9);
        let round = Timer::Round(RoundTimer { round: 1, wait: Wait::Prevote });
        timers.set(round, 1);
        assert!(timers.is_set(round));
        timers.cancel_rounds();
        assert_eq!(timers.next(), Some(5));
        assert_eq!(timers.due(4), None);
        assert_eq!(timers.due(9), Some(Timer::Block));
        timers.cancel(Timer::Sync);
        assert_eq!(timers.due(8), None);
        assert_eq!(timers.due(9), Some(Timer::Status));
        assert_eq!(timers.next(), None);
    }
}
