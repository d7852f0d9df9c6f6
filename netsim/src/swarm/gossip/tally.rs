//! Who got which message, and when.

use crate::swarm::links::Host;
use std::{collections::BTreeMap, time::Duration};

/// A message that was published.
#[derive(Debug)]
struct Published {
    at: Duration,
    source: Host,
    /// When each node had it.
    had: BTreeMap<Host, Duration>,
}

/// When a node was there: from, and until if it left.
type Stays = Vec<(Duration, Option<Duration>)>;

/// Who got which message. Times are those since the run began.
#[derive(Debug, Default)]
pub(super) struct Tally {
    messages: Vec<Published>,
    stays: BTreeMap<Host, Stays>,
    delivered: u64,
    /// How long before a message a node has to be there for the message to be due to it.
    before: Duration,
}

/// How long that is at most.
const BEFORE: Duration = Duration::from_secs(10);
/// How long after it.
const AFTER: Duration = Duration::from_secs(5);

impl Tally {
    /// Returns a tally of a network that has so long before its first message.
    pub(super) fn new(warmup: Duration) -> Self {
        Self { before: BEFORE.min(warmup / 2), ..Self::default() }
    }

    /// Notes that a node is there.
    pub(super) fn came(&mut self, host: Host, at: Duration) {
        self.stays.entry(host).or_default().push((at, None));
    }

    /// Notes that a node is gone.
    pub(super) fn left(&mut self, host: Host, at: Duration) {
        if let Some((_, until)) = self.stays.get_mut(&host).and_then(|stays| stays.last_mut()) {
            *until = Some(at);
        }
    }

    /// Notes a message and returns its number. Its source has it.
    pub(super) fn published(&mut self, source: Host, at: Duration) -> u32 {
        let number = u32::try_from(self.messages.len()).unwrap_or(u32::MAX);
        let had = BTreeMap::from([(source, at)]);
        self.messages.push(Published { at, source, had });
        self.delivered += 1;
        number
    }

    /// Notes that a node got a message, and says whether for the first time.
    pub(super) fn got(&mut self, host: Host, number: u32, at: Duration) -> bool {
        let message = usize::try_from(number).ok().and_then(|at| self.messages.get_mut(at));
        let Some(message) = message else { return false };
        let before = message.had.len();
        message.had.entry(host).or_insert(at);
        let is_new = message.had.len() > before;
        self.delivered += u64::from(is_new);
        is_new
    }

    /// Returns how many deliveries there were, to whomever.
    pub(super) const fn delivered(&self) -> u64 {
        self.delivered
    }

    fn was_there(&self, host: Host, from: Duration, until: Duration) -> bool {
        let spans = |(came, left): &(Duration, Option<Duration>)| {
            *came <= from && left.is_none_or(|left| left >= until)
        };
        self.stays.get(&host).is_some_and(|stays| stays.iter().any(spans))
    }

    /// Returns the deliveries that were due and those of them that took place, the source's own among
    /// both, and how long each of the others took.
    pub(super) fn due(&self) -> Due {
        let mut due = Due::default();
        for message in &self.messages {
            for host in self.stays.keys() {
                let from = message.at.saturating_sub(self.before);
                if !self.was_there(*host, from, message.at + AFTER) {
                    continue;
                }
                due.expected += 1;
                let Some(at) = message.had.get(host) else {
                    due.missed.push((*host, message.at));
                    continue;
                };
                due.delivered += 1;
                if *host != message.source {
                    due.took.push((message.at, at.saturating_sub(message.at)));
                }
            }
        }
        due
    }
}

/// Deliveries that were due.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) expected: u64,
    pub(super) delivered: u64,
    /// When each message was published and how long it took, without the source's own.
    pub(super) took: Vec<(Duration, Duration)>,
    /// Who did not get what was published when.
    pub(super) missed: Vec<(Host, Duration)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_due_to_who_is_there_long_enough_around_it() {
        let s = Duration::from_secs;
        let mut tally = Tally::new(s(20));
        for host in 0..4 {
            tally.came(Host(host), s(0));
        }
        tally.left(Host(2), s(22));
        tally.left(Host(3), s(15));
        tally.came(Host(3), s(16));
        let number = tally.published(Host(0), s(20));
        assert!(tally.got(Host(1), number, s(21)));
        assert!(!tally.got(Host(1), number, s(22)), "had it already");
        assert!(tally.got(Host(3), number, s(21)) && !tally.got(Host(0), 9, s(20)));
        let due = tally.due();
        assert_eq!((due.expected, due.delivered, tally.delivered()), (2, 2, 3));
        assert_eq!(due.took, [(s(20), s(1))]);
        let number = tally.published(Host(0), s(40));
        tally.got(Host(3), number, s(43));
        let due = tally.due();
        assert_eq!((due.expected, due.delivered), (5, 4));
        assert_eq!(due.took, [(s(20), s(1)), (s(40), s(3))]);
        assert_eq!(due.missed, [(Host(1), s(40))]);
    }
}
