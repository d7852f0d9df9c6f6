//! Which super nodes were asked and do not answer.
//!
//! One whose process was killed stays connected until the transport gives it up, ten seconds later;
//! until then silence alone tells it from one that lives. It is not asked while another is near.

use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

/// After how long without an answer a super node counts as silent, and another is asked, milliseconds.
pub(super) const SILENT_MS: u64 = 1_000;

#[derive(Debug, Clone, Copy)]
struct Unanswered {
    /// Requests under way.
    count: usize,
    /// When the first of them was made, or one was answered last, milliseconds since the Unix epoch.
    since_ms: u64,
}

/// The requests under way, by super node.
#[derive(Debug, Default)]
pub(super) struct Silence(BTreeMap<NodeId, Unanswered>);

impl Silence {
    /// Notes that a node was asked something.
    pub(super) fn asked(&mut self, node: NodeId, now: u64) {
        let of = self.0.entry(node).or_insert(Unanswered { count: 0, since_ms: now });
        of.count = of.count.saturating_add(1);
    }

    /// Notes that a request to a node is over: it was answered, or was given up.
    pub(super) fn over(&mut self, node: NodeId, now: u64) {
        let Some(of) = self.0.get_mut(&node) else { return };
        (of.count, of.since_ms) = (of.count.saturating_sub(1), now);
        if of.count == 0 {
            self.0.remove(&node);
        }
    }

    /// Forgets what a node was asked: it is connected anew, and what was asked before is lost.
    pub(super) fn forget(&mut self, node: NodeId) {
        self.0.remove(&node);
    }

    /// Tells whether a node has had time to answer, and did not.
    pub(super) fn is_silent(&self, node: NodeId, now: u64) -> bool {
        self.0.get(&node).is_some_and(|of| of.since_ms.saturating_add(SILENT_MS) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_in_time_is_silent_until_it_does() {
        let (mut silence, one, other) = (Silence::default(), NodeId([1; 32]), NodeId([2; 32]));
        silence.asked(one, 100);
        silence.asked(one, 900);
        silence.asked(other, 900);
        assert!(!silence.is_silent(one, 99 + SILENT_MS) && silence.is_silent(one, 100 + SILENT_MS));
        assert!(!silence.is_silent(other, 100 + SILENT_MS));
        // It lives: the second of its answers has its own time.
        silence.over(one, 1_200);
        assert!(!silence.is_silent(one, 1_300) && silence.is_silent(one, 1_200 + SILENT_MS));
        silence.over(one, 9_000);
        assert!(!silence.is_silent(one, 20_000));
        silence.over(one, 9_000);
        silence.asked(one, 30_000);
        assert!(!silence.is_silent(one, 30_500) && silence.is_silent(one, 40_000));
        silence.forget(one);
        assert!(!silence.is_silent(one, 40_000));
    }
}
