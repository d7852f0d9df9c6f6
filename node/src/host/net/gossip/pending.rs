//! Frames that wait for the core's verdict.

use crate::core::net::GossipId;
use libp2p::{PeerId, gossipsub::MessageId};
use std::collections::BTreeMap;

/// Frames that wait for a verdict; over it the one that waited longest is ignored.
const PENDING: usize = 1_024;

/// A frame as gossipsub knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) id: MessageId,
    /// Who passed it on.
    pub(super) source: PeerId,
}

/// Frames that wait for a verdict.
#[derive(Debug, Default)]
pub(super) struct Pending {
    next_id: u64,
    frames: BTreeMap<GossipId, Frame>,
}

impl Pending {
    /// Takes a frame in and names it, and returns the one that had to leave for it.
    pub(super) fn admit(&mut self, frame: Frame) -> (GossipId, Option<Frame>) {
        let oldest = if self.frames.len() >= PENDING { self.frames.pop_first() } else { None };
        let id = GossipId(self.next_id);
        self.next_id += 1;
        self.frames.insert(id, frame);
        (id, oldest.map(|(_, frame)| frame))
    }

    /// Removes the frame of this name, if it still waits.
    pub(super) fn take(&mut self, id: GossipId) -> Option<Frame> {
        self.frames.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_and_the_oldest_leaves_first() {
        let mut pending = Pending::default();
        let frame = |n: u64| Frame { id: MessageId::new(&n.to_be_bytes()), source: source() };
        let first = PENDING as u64;
        for n in 0..first {
            assert_eq!(pending.admit(frame(n)), (GossipId(n), None));
        }
        assert_eq!(pending.take(GossipId(1)), Some(frame(1)));
        assert_eq!(pending.take(GossipId(1)), None);
        assert_eq!(pending.admit(frame(first)), (GossipId(first), None));
        let (id, oldest) = pending.admit(frame(first + 1));
        assert_eq!((id, oldest), (GossipId(first + 1), Some(frame(0))));
        assert_eq!(pending.take(GossipId(0)), None);
        assert_eq!(pending.frames.len(), PENDING);
    }

    fn source() -> PeerId {
        PeerId::from_bytes(&magpie_protocol::address::NodeId([1; 32]).peer_id_bytes()).unwrap()
    }
}
