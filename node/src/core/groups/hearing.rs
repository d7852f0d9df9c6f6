//! Frames come in, by gossip or from a super node: operations, what members say, and letters.

use crate::core::{net::Verdict, turn::Turn};
use magpie_protocol::{
    api::ApiResult,
    envelope::Envelope,
    group::{Frame, Freshness, Letters, Parcel, SignedOperation, Topic},
    ids::GroupId,
};

impl Turn<'_> {
    /// Takes a frame that was gossiped and returns whether it is to be forwarded.
    pub(crate) fn hear_gossip(&mut self, topic: Topic, bytes: &[u8]) -> ApiResult<Verdict> {
        let Ok(frame) = Frame::from_bytes(bytes) else { return Ok(Verdict::Reject) };
        if frame.body.key.topic() != topic {
            return Ok(Verdict::Reject);
        }
        match magpie_protocol::group::freshness(frame.body.time_ms, self.now) {
            Freshness::Fresh => {}
            Freshness::Old | Freshness::Ahead => return Ok(Verdict::Ignore),
        }
        if self.take_frame(bytes)? { Ok(Verdict::Accept) } else { Ok(Verdict::Reject) }
    }

    /// Takes a frame and returns whether a member of its epoch signed it. A second copy changes
    /// nothing.
    pub(super) fn take_frame(&mut self, bytes: &[u8]) -> ApiResult<bool> {
        let Ok(frame) = Frame::from_bytes(bytes) else { return Ok(false) };
        let Some(known) = self.open()?.groups.epochs.get(&frame.body.key).cloned() else {
            // Of an epoch that this node does not listen to: nothing to say for or against it.
            return Ok(true);
        };
        let id = Frame::id_of(bytes);
        if self.open()?.groups.has_seen(id) {
            return Ok(true);
        }
        let Ok(frame) = frame.verify() else { return Ok(false) };
        self.open_mut()?.groups.see(id);
        // It was made by a member; one that says nothing is not the forwarder's fault.
        let Ok(payload) = known.keys.open(&frame) else { return Ok(true) };
        if let Ok(parcel) = Parcel::from_bytes(&payload) {
            self.take_parcel(known.group, parcel, frame.frame().body.time_ms)?;
        }
        Ok(true)
    }

    fn take_parcel(&mut self, group: GroupId, parcel: Parcel, framed_ms: u64) -> ApiResult<()> {
        match parcel {
            Parcel::Operation(operation) => self.take_operation(group, *operation),
            Parcel::Said(said) => self.hear_said(group, &said, framed_ms),
            Parcel::Letters(letters) => self.take_letters(*letters),
            Parcel::Unknown { .. } => Ok(()),
        }
    }

    fn take_operation(&mut self, group: GroupId, operation: SignedOperation) -> ApiResult<()> {
        match operation.verify() {
            Ok(operation) => self.enter_operations(group, vec![operation]),
            Err(_) => Ok(()),
        }
    }

    /// Opens the letters that are for this device.
    fn take_letters(&mut self, letters: Letters) -> ApiResult<()> {
        for bytes in letters.envelopes {
            let Ok(envelope) = Envelope::parse(&bytes) else { continue };
            if envelope.header().mailbox == self.core.node_id() {
                self.open_envelope(&envelope)?;
            }
        }
        Ok(())
    }
}
