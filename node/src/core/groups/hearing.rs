//! Frames come in, by gossip or from a super node: operations, what members say, and letters.

use super::{former::Word, kept::KnownEpoch};
use crate::core::{net::Verdict as Forwarded, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    codec::DecodeError,
    envelope::Envelope,
    group::{
        Frame, FrameError, Freshness, Letters, OperationId, Parcel, SignedOperation, Topic,
        Verdict, freshness,
    },
    ids::GroupId,
};

/// Operations of one group whose author is not known as a member yet, kept in memory; further ones,
/// and those that a restart loses, are pulled from members once something names them.
const STRAYS: usize = 64;

/// Operations without effect that are kept of somebody who is out: who was removed still has the
/// secret of the epochs before, and shall not fill the group.
const VOID_BY_FORMER: usize = 64;

impl Turn<'_> {
    /// Takes operations again whose author was not known, because the group has changed.
    pub(super) fn take_strays(&mut self, group: GroupId) -> ApiResult<()> {
        for operation in self.open_mut()?.groups.strays.remove(&group).unwrap_or_default() {
            self.take_operation(group, operation)?;
        }
        Ok(())
    }

    /// Takes a frame that was gossiped and returns whether it is to be forwarded.
    pub(crate) fn hear_gossip(&mut self, topic: Topic, bytes: &[u8]) -> ApiResult<Forwarded> {
        let frame = match Frame::from_bytes(bytes) {
            Ok(frame) => frame,
            // It may be honest, and newer than this node.
            Err(FrameError::Decode(DecodeError::Version { .. })) => return Ok(Forwarded::Ignore),
            Err(_) => return Ok(Forwarded::Reject),
        };
        if frame.body.key.topic() != topic {
            return Ok(Forwarded::Reject);
        }
        if freshness(frame.body.time_ms, self.now) != Freshness::Fresh {
            return Ok(Forwarded::Ignore);
        }
        if self.open()?.groups.with_secret(frame.body.key).next().is_none() {
            return Ok(Forwarded::Ignore);
        }
        if self.take_frame(bytes)? { Ok(Forwarded::Accept) } else { Ok(Forwarded::Reject) }
    }

    /// Takes a frame and returns whether a member of its epoch signed it. A second copy changes
    /// nothing.
    pub(super) fn take_frame(&mut self, bytes: &[u8]) -> ApiResult<bool> {
        let Ok(frame) = Frame::from_bytes(bytes) else { return Ok(false) };
        let key = frame.body.key;
        let known: Vec<KnownEpoch> = self.open()?.groups.with_secret(key).cloned().collect();
        if known.is_empty() || freshness(frame.body.time_ms, self.now) == Freshness::Ahead {
            return Ok(false);
        }
        let id = Frame::id_of(bytes);
        if self.open()?.groups.has_seen(id) {
            return Ok(true);
        }
        let Ok(frame) = frame.verify() else { return Ok(false) };
        self.open_mut()?.groups.see(id);
        for known in known {
            // It was made by a member; one that says nothing is not the forwarder's fault.
            let Ok(payload) = known.keys.open(&frame) else { continue };
            if let Ok(parcel) = Parcel::from_bytes(&payload) {
                self.take_parcel(known.group, parcel, frame.frame().body.time_ms)?;
            }
        }
        Ok(true)
    }

    fn take_parcel(&mut self, group: GroupId, parcel: Parcel, framed_ms: u64) -> ApiResult<()> {
        match parcel {
            Parcel::Operation(operation) => self.take_operation(group, *operation),
            Parcel::Said(said) => self.hear_said(group, &said, (framed_ms, Word::Author)),
            Parcel::Letters(letters) => self.take_letters(group, *letters),
            Parcel::Unknown { .. } => Ok(()),
        }
    }

    fn take_operation(&mut self, group: GroupId, operation: SignedOperation) -> ApiResult<()> {
        let author = operation.operation.author;
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let state = fold.state();
        // Who was never a member makes no operation that counts; the one that takes them in may still
        // be on its way.
        if !state.members.contains_key(&author) && !state.former.contains_key(&author) {
            let strays = self.open_mut()?.groups.strays.entry(group).or_default();
            if strays.len() < STRAYS && !strays.contains(&operation) {
                strays.push(operation);
            }
            return Ok(());
        }
        if !state.members.contains_key(&author) && self.is_spent(group, author)? {
            return Ok(());
        }
        match operation.verify() {
            Ok(operation) => self.enter_operations(group, vec![operation]),
            Err(_) => Ok(()),
        }
    }

    /// Whether somebody who is out has made as many operations without effect as are kept of them.
    fn is_spent(&self, group: GroupId, author: Address) -> ApiResult<bool> {
        let Some(kept) = self.open()?.groups.kept.get(&group) else { return Ok(true) };
        let is_void =
            |id: OperationId| matches!(kept.fold.verdict(id), Some(Verdict::Void(_)) | None);
        let theirs = kept.graph.operations().filter(|it| it.operation().author == author);
        Ok(theirs.filter(|it| is_void(it.id())).count() >= VOID_BY_FORMER)
    }

    /// Opens the letters that are for this device.
    fn take_letters(&mut self, group: GroupId, letters: Letters) -> ApiResult<()> {
        for bytes in letters.envelopes {
            let Ok(envelope) = Envelope::parse(&bytes) else { continue };
            if envelope.header().mailbox == self.core.node_id() {
                self.open_envelope_of(group, &envelope)?;
            }
        }
        Ok(())
    }
}
