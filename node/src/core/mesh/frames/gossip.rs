//! Judging the frames that peers pass on: a super node relays them and keeps none.
//!
//! A frame in gossip tells nobody which member sent it, so there is no share it could be counted
//! against; its sender puts it, too, under a pseudonym.

use crate::core::{net::Verdict, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    codec::DecodeError,
    group::{Frame, FrameError, Freshness, Topic, freshness},
};

impl Turn<'_> {
    /// Says what becomes of a frame that a peer passed on: cheap checks first, the signature last.
    pub(crate) fn judge_frame(&mut self, from: NodeId, topic: Topic, bytes: &[u8]) -> Verdict {
        let (mesh, now) = (&mut self.core.mesh, self.now);
        if !mesh.topics.is_joined(&topic) {
            return Verdict::Ignore;
        }
        // Too many is nobody's fault: whoever passes frames on did not make them.
        if !mesh.admit_relayed(from, now, bytes.len()) {
            return Verdict::Ignore;
        }
        let frame = match Frame::from_bytes(bytes) {
            Ok(frame) => frame,
            // It may be honest, and newer than this node.
            Err(FrameError::Decode(DecodeError::Version { .. })) => return Verdict::Ignore,
            Err(_) => return Verdict::Reject,
        };
        if frame.body.key.topic() != topic {
            return Verdict::Reject;
        }
        if freshness(frame.body.time_ms, now) != Freshness::Fresh {
            return Verdict::Ignore;
        }
        if frame.verify().is_err() {
            return Verdict::Reject;
        }
        mesh.topics.note(&topic, now);
        Verdict::Accept
    }
}
