//! Parcels become frames, and frames go to everybody who listens: by gossip at once, and to the
//! super nodes until a majority of them keeps it.

use super::rows::{FRAMES, FrameRow, GROUP_ON_WAY, PARCELS, ParcelRow};
use crate::core::{
    agenda::Task,
    net::{NetCommand, Protocol},
    requests::Purpose,
    turn::Turn,
};
use magpie_protocol::{
    address::NodeId,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::{Blob, List},
    codec::{decode, encode},
    group::{EpochKey, Frame, Parcel},
    ids::{GroupId, MessageId},
    limits::{DAY_MS, MAIL_ENVELOPES, MAIL_FRAME},
    mail::{Answer, PutAnswer, PutFrame, Request},
    receipt::Stored,
};
use magpie_storage::{engine::Order, table::Keys};

/// Parcels of one group sealed in one step.
const SEALED_PER_STEP: usize = 64;
/// Rows looked through for one request to a super node.
const LOOKED_THROUGH: usize = 4 * MAIL_ENVELOPES;
/// How long a parcel or frame may be on its way before it counts as failed, milliseconds.
const GIVE_UP_MS: u64 = 7 * DAY_MS;
/// What a put takes in a request beside its frame, at most.
const PUT_OVERHEAD: usize = 64;

impl Turn<'_> {
    /// Returns 21011 when too much of groups is on its way already.
    pub(super) fn check_room_for_parcel(&self) -> ApiResult<()> {
        if self.open()?.groups.on_way < GROUP_ON_WAY {
            return Ok(());
        }
        let why = format!("{GROUP_ON_WAY} frames are on their way already; wait for some of them");
        Err(ApiError::new(ErrorCode::RateLimited, why))
    }

    /// Sends a parcel to a group, on an epoch or the last one, once its secret is known.
    pub(super) fn send_parcel(
        &mut self,
        group: GroupId,
        parcel: &Parcel,
        on: Option<EpochKey>,
        about: Option<MessageId>,
    ) -> ApiResult<()> {
        let bytes = parcel.to_bytes().ok().and_then(|bytes| Blob::new(bytes).ok());
        // What this node makes itself is within its limits.
        let Some(parcel) = bytes else { return Err(ErrorCode::GroupMessage.into()) };
        let number = self.next_number()?;
        let row = ParcelRow { parcel, on, about, since_ms: self.now };
        self.write(&PARCELS, &(), &(group, number), &row)?;
        self.open_mut()?.groups.on_way += 1;
        self.core.agenda.plan(Task::SealParcels(group), self.now);
        Ok(())
    }

    /// Seals the parcels of a group whose epoch's secret is known, in order.
    pub(crate) fn seal_parcels(&mut self, group: GroupId) -> ApiResult<()> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(group, 0)).at_most(&(group, u64::MAX));
        let found = PARCELS.scan(&self.tx, &rows, &(), &range, Order::Ascending, SEALED_PER_STEP);
        let found = self.stored(found)?;
        let full = found.len() == SEALED_PER_STEP;
        let last = self.last_epoch(group)?;
        for (key, row) in found {
            if row.since_ms + GIVE_UP_MS < self.now {
                self.drop_parcel(key, row.about)?;
                continue;
            }
            let epoch = row.on.or(last);
            let known = epoch.and_then(|epoch| self.core.open.as_ref()?.groups.epochs.get(&epoch));
            let Some(keys) = known.map(|known| known.keys.clone()) else {
                // The secret is on its way, or asked for; what comes later waits its turn.
                self.core.agenda.nudge(Task::Want(group), self.now);
                return Ok(());
            };
            let Ok(frame) = keys.seal(self.rng, self.now, &row.parcel) else {
                self.drop_parcel(key, row.about)?;
                continue;
            };
            let bytes = encode(&frame).ok().and_then(|bytes| Blob::new(bytes).ok());
            let Some(bytes) = bytes else { continue };
            self.send_frame(group, keys.key(), bytes, &row)?;
            self.delete(&PARCELS, &(), &key)?;
            self.leave_way()?;
        }
        if full {
            self.core.agenda.plan(Task::SealParcels(group), self.now);
        }
        Ok(())
    }

    fn drop_parcel(&mut self, key: (GroupId, u64), about: Option<MessageId>) -> ApiResult<()> {
        self.delete(&PARCELS, &(), &key)?;
        self.leave_way()?;
        match about {
            Some(message) => self.group_failed(message, "it was on its way too long".into()),
            None => Ok(()),
        }
    }

    fn send_frame(
        &mut self,
        group: GroupId,
        epoch: EpochKey,
        frame: Blob<{ magpie_protocol::limits::FRAME }>,
        parcel: &ParcelRow,
    ) -> ApiResult<()> {
        let id = Frame::id_of(&frame);
        // It comes back from whoever relays or keeps it.
        self.open_mut()?.groups.see(id);
        let number = self.next_number()?;
        let publish = NetCommand::Publish { topic: epoch.topic(), bytes: frame.to_vec() };
        let (about, since_ms) = (parcel.about, parcel.since_ms);
        let row = FrameRow { group, epoch, id, frame, about, since_ms, stored: 0 };
        self.write(&FRAMES, &(), &number, &row)?;
        self.open_mut()?.groups.on_way += 1;
        self.command(publish);
        for to in self.core.supers() {
            self.core.agenda.nudge(Task::PutFrames(to), self.now);
        }
        Ok(())
    }

    fn leave_way(&mut self) -> ApiResult<()> {
        let groups = &mut self.open_mut()?.groups;
        groups.on_way = groups.on_way.saturating_sub(1);
        Ok(())
    }

    /// Leaves frames at a super node that does not have them yet.
    pub(crate) fn put_frames(&mut self, to: NodeId) -> ApiResult<()> {
        let busy = |purpose: &Purpose| matches!(purpose, Purpose::PutFrames(_));
        let Some((index, ..)) = self.core.super_at(to) else { return Ok(()) };
        if self.core.requests.is_waiting(to, busy) {
            // Its answer plans the next one.
            return Ok(());
        }
        let rows = self.rows()?;
        let found =
            FRAMES.scan(&self.tx, &rows, &(), &Keys::all(), Order::Ascending, LOOKED_THROUGH);
        let mut puts = List::<PutFrame, MAIL_ENVELOPES>::default();
        let (mut numbers, mut room) = (Vec::new(), MAIL_FRAME - PUT_OVERHEAD);
        for (number, row) in self.stored(found)? {
            if row.since_ms + GIVE_UP_MS < self.now {
                self.give_up_frame(number, &row)?;
                continue;
            }
            let known = self.open()?.groups.epochs.get(&row.epoch).map(|known| known.pseudonym);
            let Some(sender) = known.filter(|_| row.stored & (1 << index) == 0) else { continue };
            let size = row.frame.len() + PUT_OVERHEAD;
            if room < size || puts.push(PutFrame { frame: row.frame, sender }).is_err() {
                break;
            }
            room -= size;
            numbers.push(number);
        }
        if numbers.is_empty() {
            return Ok(());
        }
        let Ok(bytes) = encode(&Request::PutFrames(puts)) else { return Ok(()) };
        if !self.ask_peer(to, Protocol::Mail, bytes, Purpose::PutFrames(numbers)) {
            self.retry(Task::PutFrames(to));
        }
        Ok(())
    }

    fn give_up_frame(&mut self, number: u64, row: &FrameRow) -> ApiResult<()> {
        self.delete(&FRAMES, &(), &number)?;
        self.leave_way()?;
        match row.about {
            Some(message) => self.group_failed(message, "the super nodes did not take it".into()),
            None => Ok(()),
        }
    }

    /// Takes a super node's answer to frames left there, or that there is none.
    pub(crate) fn frames_put(
        &mut self,
        from: NodeId,
        numbers: Vec<u64>,
        answer: Option<&[u8]>,
    ) -> ApiResult<()> {
        let answer = answer.and_then(|bytes| decode::<Answer>(bytes).ok());
        let Some(Answer::Put(results)) = answer.filter(
            |answer| matches!(answer, Answer::Put(results) if results.len() == numbers.len()),
        ) else {
            self.retry(Task::PutFrames(from));
            return Ok(());
        };
        let mut refused = false;
        for (number, result) in numbers.into_iter().zip(results) {
            refused |= !self.one_frame_put(from, number, result)?;
        }
        if refused {
            self.retry(Task::PutFrames(from));
        } else {
            self.core.agenda.went_well(Task::PutFrames(from));
            self.core.agenda.plan(Task::PutFrames(from), self.now);
        }
        Ok(())
    }

    /// Returns whether the super node signed for the frame, or need not any more.
    fn one_frame_put(&mut self, from: NodeId, number: u64, result: PutAnswer) -> ApiResult<bool> {
        let Some(mut row) = self.read(&FRAMES, &(), &number)? else { return Ok(true) };
        let Some((index, keys, network)) = self.core.super_at(from) else { return Ok(true) };
        let put = Stored::Frame { epoch: row.epoch, frame: row.id };
        let PutAnswer::Stored(receipt) = result else { return Ok(false) };
        if receipt.verify(network, &keys, &put).is_err() {
            return Ok(false);
        }
        row.stored |= 1 << index;
        let (k, n) = (row.stored.count_ones(), self.core.supers().len());
        let is_enough = usize::try_from(k).is_ok_and(|k| k >= self.core.enough_to_write());
        if !is_enough {
            self.write(&FRAMES, &(), &number, &row)?;
            return Ok(true);
        }
        self.delete(&FRAMES, &(), &number)?;
        self.leave_way()?;
        let (k, n) = (u8::try_from(k).unwrap_or(u8::MAX), u8::try_from(n).unwrap_or(u8::MAX));
        if let Some(message) = row.about {
            self.group_stored(message, k, n)?;
        }
        Ok(true)
    }
}
