//! What each other super node may ask: more than anybody else, and still a bounded number.
//!
//! Statements and entries of others come through super nodes, so the rates of people's nodes would
//! hold up the network; without any, one faulty super node could hold up this one.

use magpie_protocol::address::NodeId;
use std::collections::BTreeMap;

/// Requests that one super node may make at once.
pub(super) const SHARE: u64 = 4_096;
/// Requests that it gets back in a second.
pub(super) const SHARE_PER_SECOND: u64 = 2_048;

#[derive(Debug, Clone, Copy)]
struct Level {
    left: u64,
    at_ms: u64,
}

/// What is left to each super node that asked; who asks is one of the genesis.
#[derive(Debug, Default)]
pub(super) struct Shares(BTreeMap<NodeId, Level>);

impl Shares {
    /// Counts a request, and tells whether it is served.
    pub(super) fn admit(&mut self, peer: NodeId, now: u64) -> bool {
        let level = self.0.entry(peer).or_insert(Level { left: SHARE, at_ms: now });
        let gained = now.saturating_sub(level.at_ms).saturating_mul(SHARE_PER_SECOND) / 1_000;
        // Time that gained no whole request yet is not lost.
        if gained > 0 || now < level.at_ms {
            level.left = level.left.saturating_add(gained).min(SHARE);
            level.at_ms = now;
        }
        let served = level.left > 0;
        level.left = level.left.saturating_sub(1);
        served
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_share_is_served_at_once_and_comes_back_with_time() {
        let (mut shares, peer, other) = (Shares::default(), NodeId([1; 32]), NodeId([2; 32]));
        let served = (0..2 * SHARE).filter(|_| shares.admit(peer, 1_000)).count() as u64;
        assert_eq!(served, SHARE);
        assert!(shares.admit(other, 1_000));
        let served = (0..2 * SHARE).filter(|_| shares.admit(peer, 1_500)).count() as u64;
        assert_eq!(served, SHARE_PER_SECOND / 2);
        // A clock that was set back gives nothing.
        assert!(!shares.admit(peer, 0));
        assert!(shares.admit(peer, 1));
    }
}
