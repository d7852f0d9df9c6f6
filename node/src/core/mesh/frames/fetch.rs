//! Fetching frames: for whoever has the epoch's key, oldest first, by a cursor of their own.

use super::{
    super::paging::page,
    Judged,
    rows::{EPOCHS, FRAMES, KeptFrame},
};
use crate::core::turn::Turn;
use magpie_protocol::{
    address::NodeId,
    group::FrameError,
    mail::{Answer, FetchFrames, Frames, Refusal},
};
use magpie_storage::{
    engine::Order,
    table::{Keys, TableError},
};

impl Turn<'_> {
    /// Answers a member with frames of an epoch, and listens to the epoch's topic from then on.
    pub(crate) fn fetch_frames(
        &mut self,
        from: NodeId,
        fetch: FetchFrames,
    ) -> Result<Judged<Answer>, TableError> {
        self.core.mesh.charge(&from, 1, 0, 0);
        let fetch = match fetch.verify(from, self.now) {
            Ok(verified) => *verified.fetch(),
            // A clock that is wrong is no forgery.
            Err(FrameError::Time { .. }) => return Ok(Answer::Refused(Refusal::Expiry).into()),
            Err(_) => {
                return Ok(Judged { answer: Answer::Refused(Refusal::Malformed), forged: true });
            }
        };
        let at = *fetch.epoch.as_bytes();
        let held = EPOCHS.contains(&self.tx, &at)?;
        self.listen_for(from, fetch.epoch.topic(), held);
        let page = page(fetch.after, fetch.limit, |after, limit| {
            let keys = Keys::under(&at).above(&(at, after));
            let rows = FRAMES.scan(&self.tx, &keys, Order::Ascending, limit)?;
            Ok(rows
                .into_iter()
                .map(|((_, sequence), KeptFrame(frame))| (sequence, frame))
                .collect())
        })?;
        Ok(Answer::Frames(Frames { frames: page.items, next: page.next, more: page.more }).into())
    }
}
