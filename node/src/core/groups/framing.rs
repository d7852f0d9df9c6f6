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
    group::{EpochKey, EpochKeys, Frame, Parcel},
    ids::{GroupId, MessageId},
    limits::{DAY_MS, MAIL_ENVELOPES, MAIL_FRAME},
    mail::{Answer, PutAnswer, PutFrame, Refusal, Request},
    receipt::Stored,
};
use magpie_storage::{engine::Order, table::Keys};

/// Parcels of one group sealed in one step.
const SEALED_PER_STEP: usize = 64;
/// How often parcels are looked at whose epoch's secret does not come, milliseconds.
const LOOK_AGAIN_MS: u64 = 60 * 60 * 1_000;
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

    /// Seals the parcels of a group whose epochs' secrets are known, in order for each epoch; those of
    /// other epochs wait.
    pub(crate) fn seal_parcels(&mut self, group: GroupId) -> ApiResult<()> {
        let rows = self.rows()?;
        let last = self.sending_epoch(group)?;
        let (mut after, mut sealed) = ((group, 0), 0);
        let mut lacks = false;
        loop {
            let range = Keys::all().above(&after).at_most(&(group, u64::MAX));
            let found =
                PARCELS.scan(&self.tx, &rows, &(), &range, Order::Ascending, SEALED_PER_STEP);
            let found = self.stored(found)?;
            let Some((end, _)) = found.last() else { break };
            after = *end;
            for (key, row) in found {
                if row.since_ms.saturating_add(GIVE_UP_MS) < self.now {
                    self.drop_parcel(key, row.about)?;
                    continue;
                }
                let epoch = row.on.or(last);
                let known = epoch.and_then(|epoch| self.known_epoch(group, epoch));
                match known.map(|known| known.keys.clone()) {
                    Some(keys) => self.seal_parcel(key, &row, &keys)?,
                    // The secret is on its way, or asked for.
                    None => {
                        lacks = true;
                        continue;
                    }
                }
                sealed += 1;
            }
            if sealed >= SEALED_PER_STEP {
                self.core.agenda.plan(Task::SealParcels(group), self.now);
                return Ok(());
            }
        }
        if lacks {
            self.core.agenda.nudge(Task::Want(group), self.now);
            self.core.agenda.plan(Task::SealParcels(group), self.now + LOOK_AGAIN_MS);
        }
        Ok(())
    }

    fn seal_parcel(
        &mut self,
        key: (GroupId, u64),
        row: &ParcelRow,
        keys: &EpochKeys,
    ) -> ApiResult<()> {
        let frame = keys.seal(self.rng, self.now, &row.parcel).ok();
        let bytes = frame.and_then(|frame| encode(&frame).ok());
        let Some(bytes) = bytes.and_then(|bytes| Blob::new(bytes).ok()) else {
            return self.drop_parcel(key, row.about);
        };
        self.send_frame(key.0, keys.key(), bytes, row)?;
        self.delete(&PARCELS, &(), &key)?;
        self.leave_way()
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
        let refused = self.open()?.groups.refused.get(&to).cloned().unwrap_or_default();
        let mut puts = List::<PutFrame, MAIL_ENVELOPES>::default();
        let (mut numbers, mut room) = (Vec::new(), MAIL_FRAME - PUT_OVERHEAD);
        let mut after = 0;
        'pages: loop {
            let range = Keys::all().above(&after);
            let found = FRAMES.scan(&self.tx, &rows, &(), &range, Order::Ascending, MAIL_ENVELOPES);
            let found = self.stored(found)?;
            let Some((end, _)) = found.last() else { break };
            after = *end;
            for (number, row) in found {
                if row.since_ms.saturating_add(GIVE_UP_MS) < self.now {
                    self.give_up_frame(number, &row)?;
                    continue;
                }
                let known = self.known_epoch(row.group, row.epoch).map(|known| known.pseudonym);
                let wanted = row.stored & (1 << index) == 0 && !refused.contains(&row.epoch);
                let Some(sender) = known.filter(|_| wanted) else { continue };
                let size = row.frame.len() + PUT_OVERHEAD;
                if room < size || puts.push(PutFrame { frame: row.frame, sender }).is_err() {
                    break 'pages;
                }
                room -= size;
                numbers.push(number);
            }
        }
        if numbers.is_empty() && !refused.is_empty() {
            // Every other epoch had its turn.
            self.open_mut()?.groups.refused.remove(&to);
            self.retry(Task::PutFrames(to));
            return Ok(());
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
        for (number, result) in numbers.into_iter().zip(results) {
            self.one_frame_put(from, number, result)?;
        }
        self.core.agenda.plan(Task::PutFrames(from), self.now);
        Ok(())
    }

    fn one_frame_put(&mut self, from: NodeId, number: u64, result: PutAnswer) -> ApiResult<()> {
        let Some(mut row) = self.read(&FRAMES, &(), &number)? else { return Ok(()) };
        let Some((index, keys, network)) = self.core.super_at(from) else { return Ok(()) };
        let put = Stored::Frame { epoch: row.epoch, frame: row.id };
        let is_stored = match result {
            PutAnswer::Stored(receipt) => receipt.verify(network, &keys, &put).is_ok(),
            PutAnswer::Refused(Refusal::TooLarge | Refusal::Expiry) => {
                return self.give_up_frame(number, &row);
            }
            PutAnswer::Refused(_) => false,
        };
        let groups = &mut self.open_mut()?.groups;
        if !is_stored {
            groups.refused.entry(from).or_default().insert(row.epoch);
            return Ok(());
        }
        self.core.agenda.went_well(Task::PutFrames(from));
        row.stored |= 1 << index;
        let (k, n) = (row.stored.count_ones(), self.core.supers().len());
        let is_enough = usize::try_from(k).is_ok_and(|k| k >= self.core.enough_to_write());
        if !is_enough {
            return self.write(&FRAMES, &(), &number, &row);
        }
        self.delete(&FRAMES, &(), &number)?;
        self.leave_way()?;
        let (k, n) = (u8::try_from(k).unwrap_or(u8::MAX), u8::try_from(n).unwrap_or(u8::MAX));
        match row.about {
            Some(message) => self.group_stored(message, k, n),
            None => Ok(()),
        }
    }
}
