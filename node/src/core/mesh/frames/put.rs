//! Leaving a frame: what is refused, what is kept, and who hears of it at once.

use super::{
    super::{office::Office, rows::Mark},
    Judged,
    epoch::OpenEpoch,
    rows::{
        EpochBytes, FRAME_EXPIRY, FRAME_PLACES, FRAMES, FrameBytes, FramePlace, KeptFrame, SHARES,
        Share,
    },
};
use crate::core::{net::NetCommand, turn::Turn};
use magpie_protocol::{
    address::NodeId,
    group::{EpochKey, Frame, FrameError, Freshness, VerifiedFrame},
    ids::FrameId,
    limits::FRAME_AHEAD_MS,
    mail::{PutAnswer, PutFrame, Refusal},
    receipt::Stored,
};
use magpie_storage::table::TableError;

impl From<Refusal> for Judged<PutAnswer> {
    fn from(refusal: Refusal) -> Self {
        PutAnswer::Refused(refusal).into()
    }
}

impl Turn<'_> {
    /// Judges one frame, and keeps it if it may come in: cheap checks first, the signature last.
    pub(crate) fn put_frame(
        &mut self,
        office: &Office,
        from: NodeId,
        put: PutFrame,
    ) -> Result<Judged<PutAnswer>, TableError> {
        let Ok(frame) = Frame::from_bytes(&put.frame) else {
            return Ok(Refusal::Malformed.into());
        };
        let (at, time_ms) = (*frame.body.key.as_bytes(), frame.body.time_ms);
        let id = *Frame::id_of(&put.frame).as_bytes();
        // Whoever sends the same bytes again hears the same: they were checked when they came first.
        if let Some(place) = FRAME_PLACES.get(&self.tx, &(at, id))? {
            return Ok(frame_receipt(office, at, id, &place).into());
        }
        let late = time_ms.saturating_add(office.retention_ms) < self.now;
        if late || time_ms > self.now.saturating_add(FRAME_AHEAD_MS) {
            return Ok(Refusal::Expiry.into());
        }
        let epoch = self.open_epoch(at)?;
        let share = self.share(at, put.sender)?;
        if let Some(refusal) = epoch.refusal(&share, put.frame.len() as u64) {
            return Ok(refusal.into());
        }
        if !epoch.known
            && let Some(seconds) = self.core.mesh.rates.epoch_wait(&from, self.now)
        {
            return Ok(Refusal::Wait { seconds }.into());
        }
        self.core.mesh.charge(&from, 1, 0, 0);
        let frame = match frame.verify() {
            Ok(frame) => frame,
            Err(error) => {
                let forged = matches!(error, FrameError::Signature(_));
                return Ok(Judged { answer: PutAnswer::Refused(Refusal::Malformed), forged });
            }
        };
        if !epoch.known {
            self.core.mesh.rates.take_epoch(&from);
        }
        let place = self.keep_frame(office, epoch, share, id, &put)?;
        self.spread(&frame, put);
        Ok(frame_receipt(office, at, id, &place).into())
    }

    /// Writes a verified frame for which there is room.
    fn keep_frame(
        &mut self,
        office: &Office,
        mut epoch: OpenEpoch,
        share: Share,
        id: FrameBytes,
        put: &PutFrame,
    ) -> Result<FramePlace, TableError> {
        let (at, sender, stored_ms) = (epoch.at, put.sender, self.now);
        let len = u32::try_from(put.frame.len()).expect("a frame is at most FRAME bytes");
        let expiry_ms = stored_ms.saturating_add(office.retention_ms);
        let sequence = epoch.count_in(len, self.now);
        let share = Share {
            frames: share.frames.saturating_add(1),
            bytes: share.bytes.saturating_add(u64::from(len)),
        };
        let place = FramePlace { sequence, len, stored_ms, expiry_ms, sender };
        FRAMES.put(&mut self.tx, &(at, sequence), &KeptFrame(put.frame.clone()))?;
        FRAME_PLACES.put(&mut self.tx, &(at, id), &place)?;
        FRAME_EXPIRY.put(&mut self.tx, &(expiry_ms, at, id), &Mark)?;
        SHARES.put(&mut self.tx, &(at, sender), &share)?;
        self.close_epoch(&epoch)?;
        self.core.mesh.forget_not_after(expiry_ms);
        Ok(place)
    }

    /// Gives a frame that was just kept to the members who listen: its sender may have no other
    /// connection than this one. The pseudonym stays here.
    fn spread(&mut self, frame: &VerifiedFrame, put: PutFrame) {
        let topic = frame.epoch().topic();
        self.join_topic(topic, true);
        if frame.freshness(self.now) == Freshness::Fresh {
            self.command(NetCommand::Publish { topic, bytes: put.frame.into_vec() });
        }
    }
}

fn frame_receipt(
    office: &Office,
    epoch: EpochBytes,
    frame: FrameBytes,
    place: &FramePlace,
) -> PutAnswer {
    let stored = Stored::Frame { epoch: EpochKey(epoch), frame: FrameId(frame) };
    PutAnswer::Stored(office.receipt(stored, place.stored_ms, place.expiry_ms))
}
