//! Forgetting frames that expired, and leaving the topics that nobody needs any more.

use super::{
    super::bounds::FORGOTTEN_PER_STEP,
    rows::{EpochBytes, FRAME_EXPIRY, FRAME_PLACES, FRAMES, FrameBytes, FramePlace, SHARES, Share},
};
use crate::core::turn::Turn;
use magpie_protocol::group::EpochKey;
use magpie_storage::{
    engine::Order,
    table::{Keys, TableError},
};

impl Turn<'_> {
    /// Forgets frames that expired, a bounded piece at a time.
    pub(in super::super) fn forget_frames(&mut self) -> Result<(), TableError> {
        let keys = Keys::all().below(&(self.now.saturating_add(1), [0; 32], [0; 32]));
        let due = FRAME_EXPIRY.scan(&self.tx, &keys, Order::Ascending, FORGOTTEN_PER_STEP)?;
        for ((expiry_ms, at, id), _) in due {
            FRAME_EXPIRY.delete(&mut self.tx, &(expiry_ms, at, id));
            if let Some(place) = FRAME_PLACES.get(&self.tx, &(at, id))? {
                self.forget_frame(at, id, &place)?;
            }
        }
        Ok(())
    }

    fn forget_frame(
        &mut self,
        at: EpochBytes,
        id: FrameBytes,
        place: &FramePlace,
    ) -> Result<(), TableError> {
        FRAMES.delete(&mut self.tx, &(at, place.sequence));
        FRAME_PLACES.delete(&mut self.tx, &(at, id));
        let share = self.share(at, place.sender)?;
        if share.frames <= 1 {
            SHARES.delete(&mut self.tx, &(at, place.sender));
        } else {
            let bytes = share.bytes.saturating_sub(u64::from(place.len));
            let share = Share { frames: share.frames - 1, bytes };
            SHARES.put(&mut self.tx, &(at, place.sender), &share)?;
        }
        let mut epoch = self.open_epoch(at)?;
        epoch.count_out(place.len);
        self.close_epoch(&epoch)?;
        if epoch.is_empty() {
            self.core.mesh.topics.release(&EpochKey(at).topic());
        }
        Ok(())
    }
}
