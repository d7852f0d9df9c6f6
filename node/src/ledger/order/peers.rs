//! What the other super nodes say about their heights, and how often each is answered.

use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

/// Peers that are remembered; more than a network has super nodes.
const PEERS: usize = 128;
/// The least time between two answers with blocks to one peer, in milliseconds.
const ANSWER_MS: u64 = 50;
/// The least time between two hints to one peer that it is behind, in milliseconds.
const HINT_MS: u64 = 500;

#[derive(Debug, Default, Clone, Copy)]
struct Peer {
    height: u64,
    answered_ms: Option<u64>,
    hinted_ms: Option<u64>,
}

/// The other super nodes.
#[derive(Debug, Default)]
pub(super) struct Peers {
    all: BTreeMap<NodeId, Peer>,
    /// Whom decided blocks were asked of last.
    asked: Option<NodeId>,
}

impl Peers {
    /// Notes that a peer has decided a height, or says so.
    pub(super) fn is_at(&mut self, peer: NodeId, height: u64) {
        if let Some(known) = self.get(peer) {
            known.height = height;
        }
    }

    /// Notes that a peer has decided this height at least.
    pub(super) fn is_past(&mut self, peer: NodeId, height: u64) {
        if let Some(known) = self.get(peer) {
            known.height = known.height.max(height);
        }
    }

    /// Forgets what the peer said that was asked last: it did not keep its word.
    pub(super) fn distrust_asked(&mut self) {
        if let Some(known) = self.asked.and_then(|peer| self.all.get_mut(&peer)) {
            known.height = 0;
        }
    }

    /// Returns the next peer after the one asked last that says to be past `height`.
    pub(super) fn ask(&mut self, height: u64) -> Option<NodeId> {
        let past = |(peer, known): (&NodeId, &Peer)| (known.height > height).then_some(*peer);
        let after = match self.asked {
            Some(asked) => {
                let later = (std::ops::Bound::Excluded(asked), std::ops::Bound::Unbounded);
                self.all.range(later).find_map(past)
            }
            None => None,
        };
        let next = after.or_else(|| self.all.iter().find_map(past))?;
        self.asked = Some(next);
        Some(next)
    }

    /// Tells whether this is the peer that decided blocks were asked of.
    pub(super) fn was_asked(&self, peer: NodeId) -> bool {
        self.asked == Some(peer)
    }

    /// Returns the peer that was asked last, if it says to be past `height` still.
    pub(super) fn ask_again(&self, height: u64) -> Option<NodeId> {
        let asked = self.asked?;
        (self.all.get(&asked)?.height > height).then_some(asked)
    }

    /// Tells whether some peer says to be past `height`.
    pub(super) fn any_past(&self, height: u64) -> bool {
        self.all.values().any(|known| known.height > height)
    }

    /// Tells whether a peer may be answered with blocks now, and counts it.
    pub(super) fn may_answer(&mut self, peer: NodeId, now_ms: u64) -> bool {
        let Some(known) = self.get(peer) else { return false };
        let may = known.answered_ms.is_none_or(|at| now_ms >= at.saturating_add(ANSWER_MS));
        if may {
            known.answered_ms = Some(now_ms);
        }
        may
    }

    /// Tells whether a peer may be told now that it is behind, and counts it.
    pub(super) fn may_hint(&mut self, peer: NodeId, now_ms: u64) -> bool {
        let Some(known) = self.get(peer) else { return false };
        let may = known.hinted_ms.is_none_or(|at| now_ms >= at.saturating_add(HINT_MS));
        if may {
            known.hinted_ms = Some(now_ms);
        }
        may
    }

    /// Returns what is known of a peer, or nothing if there are too many.
    fn get(&mut self, peer: NodeId) -> Option<&mut Peer> {
        if self.all.len() >= PEERS && !self.all.contains_key(&peer) {
            return None;
        }
        Some(self.all.entry(peer).or_default())
    }
}
