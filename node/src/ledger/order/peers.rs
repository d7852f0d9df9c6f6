//! What the other super nodes say about their heights, and how often each is answered.

use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

/// Peers that are remembered; more than a network has super nodes.
const PEERS: usize = 128;
/// What an answer with blocks costs its peer at least, in milliseconds: so many a second are given.
const ANSWER_MS: u64 = 20;
/// Bytes of answers that a peer gets in a millisecond; a longer answer costs more.
const BYTES_PER_MS: u64 = 1_024;
/// How far ahead of the clock a peer may spend, in milliseconds.
const BURST_MS: u64 = 1_000;
/// The least time between two hints to one peer that it is behind, in milliseconds.
const HINT_MS: u64 = 500;

#[derive(Debug, Default, Clone, Copy)]
struct Peer {
    height: u64,
    /// Questions that it did not answer, or not with all that it says to have, of late.
    misses: u32,
    /// What it sent did not hold; it is not heard again until it is asked.
    refused: bool,
    /// Until when its answers are paid for.
    paid_ms: u64,
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
            known.misses = known.misses.saturating_add(1);
        }
    }

    /// Notes that a peer sent what does not hold.
    pub(super) fn refuse(&mut self, peer: NodeId) {
        if let Some(known) = self.get(peer) {
            (known.refused, known.height) = (true, 0);
            known.misses = known.misses.saturating_add(1);
        }
    }

    /// Tells whether decided blocks of a peer are looked at.
    pub(super) fn hears(&self, peer: NodeId) -> bool {
        self.all.get(&peer).is_none_or(|known| !known.refused)
    }

    /// Notes how many blocks a peer brought of those that were asked of it: who brings all is asked
    /// sooner again than who drips.
    pub(super) fn brought(&mut self, peer: NodeId, blocks: u64, of: u64) {
        if let Some(known) = self.get(peer) {
            let misses = known.misses;
            known.misses = if blocks < of { misses.saturating_add(1) } else { misses / 2 };
        }
    }

    /// Returns the peer to ask next, of those that say to be past `height`, with how many blocks it
    /// says to have more: who missed least, and then the next after the one asked last.
    pub(super) fn ask(&mut self, height: u64) -> Option<(NodeId, u64)> {
        let before = |peer: &NodeId| self.asked.is_some_and(|asked| *peer <= asked);
        let past = self.all.iter().filter(|(_, known)| known.height > height);
        let next = past.min_by_key(|(peer, known)| (known.misses, before(peer), **peer));
        let (peer, behind) = next.map(|(peer, known)| (*peer, known.height - height))?;
        self.asked = Some(peer);
        if let Some(known) = self.get(peer) {
            known.refused = false;
        }
        Some((peer, behind))
    }

    /// Tells whether this is the peer that decided blocks were asked of.
    pub(super) fn was_asked(&self, peer: NodeId) -> bool {
        self.asked == Some(peer)
    }

    /// Returns how many blocks after `height` a peer says to have.
    pub(super) fn ahead_of(&self, peer: NodeId, height: u64) -> u64 {
        self.all.get(&peer).map_or(0, |known| known.height.saturating_sub(height))
    }

    /// Tells whether some peer says to be past `height`.
    pub(super) fn any_past(&self, height: u64) -> bool {
        self.all.values().any(|known| known.height > height)
    }

    /// Tells whether a peer may be answered with blocks now.
    pub(super) fn may_answer(&mut self, peer: NodeId, now_ms: u64) -> bool {
        let most = now_ms.saturating_add(BURST_MS);
        self.get(peer).is_some_and(|known| known.paid_ms < most)
    }

    /// Counts an answer of so many bytes to a peer.
    pub(super) fn answered(&mut self, peer: NodeId, bytes: usize, now_ms: u64) {
        let costs = ANSWER_MS.max(bytes as u64 / BYTES_PER_MS);
        if let Some(known) = self.get(peer) {
            known.paid_ms = known.paid_ms.max(now_ms).saturating_add(costs);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: NodeId = NodeId([1; 32]);
    const OTHER: NodeId = NodeId([2; 32]);

    #[test]
    fn a_peer_gets_so_many_bytes_and_answers_a_second() {
        for (bytes, most) in [(1 << 20, 12), (100, 600)] {
            let mut peers = Peers::default();
            let mut answers = 0;
            for now_ms in 10_000..20_000 {
                while peers.may_answer(PEER, now_ms) {
                    peers.answered(PEER, bytes, now_ms);
                    answers += 1;
                }
            }
            assert!(answers <= most && answers > most / 2, "{answers} of {bytes} bytes");
            // Another's are its own.
            assert!(peers.may_answer(OTHER, 20_000));
        }
    }

    #[test]
    fn who_brings_all_is_asked_before_who_drips_or_says_nothing() {
        let mut peers = Peers::default();
        for number in 1..=3 {
            peers.is_at(NodeId([number; 32]), 1_000);
        }
        let mut asked = [0; 3];
        for _ in 0..100 {
            let (peer, behind) = peers.ask(10).unwrap();
            assert_eq!(behind, 990);
            asked[usize::from(peer.0[0]) - 1] += 1;
            match peer.0[0] {
                1 => peers.brought(peer, 1, 64),
                2 => {
                    peers.distrust_asked();
                    peers.is_at(peer, 1_000);
                }
                _ => peers.brought(peer, 64, 64),
            }
        }
        assert!(asked[2] > 90, "{asked:?}");
    }

    #[test]
    fn who_missed_alike_is_asked_in_turn() {
        let mut peers = Peers::default();
        for number in 1..=3 {
            peers.is_at(NodeId([number; 32]), 5);
        }
        let turn: Vec<_> = (0..4).map(|_| peers.ask(1).unwrap().0.0[0]).collect();
        assert_eq!(turn, [1, 2, 3, 1]);
    }
}
