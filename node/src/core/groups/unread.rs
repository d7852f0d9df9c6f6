//! What was said and cannot be read yet: kept until its key or an operation comes, bounded for each
//! device that claims it, so that nobody pushes out what waits honestly.

use super::{
    former::Word,
    listening::{Heard, KEY_MS},
    rows::{UNREAD, UnreadRow},
};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{
    api::ApiResult,
    bounded::Blob,
    codec::{decode, encode},
    digest::digest,
    domain::UNREAD_UTTERANCE,
    group::Said,
    ids::{DeviceId, GroupId, MegolmSession},
    limits::DAY_MS,
};
use magpie_storage::{engine::Order, table::Keys};

/// Things said by one device in one group that wait; further ones are left to the other members, who
/// have them.
const UNREAD_PER_DEVICE: usize = 1_024;
/// Those claimed by devices that are no member's as far as is known, together.
const UNREAD_BY_OTHERS: usize = 256;
/// How long one waits, milliseconds.
const UNREAD_MS: u64 = 7 * DAY_MS;
/// Those judged again in one step.
const JUDGED_PER_STEP: usize = 64;
/// Stands for all devices that are no member's.
const NOBODYS: DeviceId = DeviceId([0; 32]);

/// Where something that waits stands in its group.
pub(super) type UnreadKey = (DeviceId, MegolmSession, [u8; 32]);

const FIRST: UnreadKey = (DeviceId([0; 32]), MegolmSession([0; 32]), [0; 32]);

impl Turn<'_> {
    /// Keeps something said until it can be read.
    pub(super) fn wait_for_key(&mut self, group: GroupId, said: &Said) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let bytes = encode(said).ok().and_then(|bytes| Blob::new(bytes).ok());
        let Some(bytes) = bytes else { return Ok(()) };
        let is_members = fold.state().is_device(said.account, said.device);
        let (device, most) = match is_members {
            true => (said.device, UNREAD_PER_DEVICE),
            false => (NOBODYS, UNREAD_BY_OTHERS),
        };
        let key = (device, said.session, digest(UNREAD_UTTERANCE, &bytes));
        if self.read(&UNREAD, &group, &key)?.is_some() {
            return Ok(());
        }
        let waiting = match self.open()?.groups.waiting.get(&(group, device)) {
            Some(count) => *count,
            None => self.unread_of(group, device, None)?.len(),
        };
        if waiting >= most {
            return Ok(());
        }
        self.open_mut()?.groups.waiting.insert((group, device), waiting + 1);
        let row = UnreadRow { said: bytes, account: said.account, since_ms: self.now };
        self.write(&UNREAD, &group, &key, &row)?;
        self.core.agenda.nudge(Task::Want(group), self.now + KEY_MS);
        Ok(())
    }

    /// Returns what waits of a device, of one of its sessions if one is named.
    fn unread_of(
        &mut self,
        group: GroupId,
        device: DeviceId,
        session: Option<MegolmSession>,
    ) -> ApiResult<Vec<(UnreadKey, UnreadRow)>> {
        let rows = self.rows()?;
        let first = session.unwrap_or(MegolmSession([0; 32]));
        let last = session.unwrap_or(MegolmSession([0xff; 32]));
        let range =
            Keys::all().at_least(&(device, first, [0; 32])).at_most(&(device, last, [0xff; 32]));
        let found =
            UNREAD.scan(&self.tx, &rows, &group, &range, Order::Ascending, UNREAD_PER_DEVICE);
        self.stored(found)
    }

    /// Returns what waits in a group, from a place on.
    pub(super) fn unread_from(
        &mut self,
        group: GroupId,
        after: Option<UnreadKey>,
        limit: usize,
    ) -> ApiResult<Vec<(UnreadKey, UnreadRow)>> {
        let rows = self.rows()?;
        let range = match after {
            Some(key) => Keys::all().above(&key),
            None => Keys::all().at_least(&FIRST),
        };
        let found = UNREAD.scan(&self.tx, &rows, &group, &range, Order::Ascending, limit);
        self.stored(found)
    }

    /// Tries what waits for a session whose key came.
    pub(super) fn judge_session(
        &mut self,
        group: GroupId,
        (device, session): (DeviceId, MegolmSession),
    ) -> ApiResult<()> {
        for from in [device, NOBODYS] {
            for (key, row) in self.unread_of(group, from, Some(session))? {
                self.judge_one(group, key, &row)?;
            }
        }
        Ok(())
    }

    /// Begins to try again all that waits in a group, because an operation came.
    pub(super) fn judge_again(&mut self, group: GroupId) -> ApiResult<()> {
        self.open_mut()?.groups.judged.insert(group, FIRST);
        self.core.agenda.plan(Task::Judge(group), self.now);
        Ok(())
    }

    /// Tries again some of what waits in a group; the rest follows in the next step.
    pub(crate) fn judge(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(after) = self.open_mut()?.groups.judged.remove(&group) else { return Ok(()) };
        let page = self.unread_from(group, Some(after), JUDGED_PER_STEP)?;
        for (key, row) in &page {
            self.judge_one(group, *key, row)?;
        }
        if let Some((last, _)) = page.last().filter(|_| page.len() == JUDGED_PER_STEP) {
            self.open_mut()?.groups.judged.insert(group, *last);
            self.core.agenda.plan(Task::Judge(group), self.now);
        }
        Ok(())
    }

    fn judge_one(&mut self, group: GroupId, key: UnreadKey, row: &UnreadRow) -> ApiResult<()> {
        let is_old = row.since_ms.saturating_add(UNREAD_MS) < self.now;
        let heard = match decode::<Said>(&row.said) {
            Ok(said) if !is_old => self.try_said(group, &said, Word::Author)?,
            _ => Heard::Done,
        };
        if matches!(heard, Heard::Done) {
            self.delete(&UNREAD, &group, &key)?;
            if let Some(count) = self.open_mut()?.groups.waiting.get_mut(&(group, key.0)) {
                *count = count.saturating_sub(1);
            }
        }
        Ok(())
    }
}
