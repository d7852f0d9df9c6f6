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
        let mut found = Vec::new();
        for from in [device, NOBODYS] {
            found.extend(self.unread_of(group, from, Some(session))?);
        }
        for (key, row) in self.in_order(group, found)? {
            self.judge_one(group, key, &row)?;
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
        if let Some((last, _)) = page.last().filter(|_| page.len() == JUDGED_PER_STEP) {
            self.open_mut()?.groups.judged.insert(group, *last);
            self.core.agenda.plan(Task::Judge(group), self.now);
        }
        for (key, row) in self.in_order(group, page)? {
            self.judge_one(group, key, &row)?;
        }
        Ok(())
    }

    /// Puts what waits into the order of the conversation, as far as it can be read by now: by their
    /// keys rows are in the order of sessions and hashes, which are chance.
    fn in_order(
        &mut self,
        group: GroupId,
        found: Vec<(UnreadKey, UnreadRow)>,
    ) -> ApiResult<Vec<(UnreadKey, UnreadRow)>> {
        let mut placed = Vec::with_capacity(found.len());
        for (key, row) in found {
            let place = match decode::<Said>(&row.said) {
                Ok(said) => self.place_of(group, &said)?,
                Err(_) => None,
            };
            placed.push((place, key, row));
        }
        placed.sort_by_key(|(place, key, _)| (*place, *key));
        Ok(placed.into_iter().map(|(_, key, row)| (key, row)).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        fixture::{Peer, text_of},
        groups::{
            fixture::group_of,
            former::Word,
            rows::{HOLDERS, PARCELS},
        },
    };
    use magpie_protocol::{api::event::Event, content::GroupSession, group::Parcel};
    use serde_json::json;

    /// Takes what a peer said, as it goes into frames, and the key that it gave.
    fn said_with_key(peer: &mut Peer, group: GroupId) -> (Vec<Said>, GroupSession) {
        peer.turn(|turn| {
            let rows = turn.rows().unwrap();
            let all = Keys::all();
            let parcels = PARCELS.scan(&turn.tx, &rows, &(), &all, Order::Ascending, 100).unwrap();
            let said =
                parcels.iter().filter_map(|(_, row)| match Parcel::from_bytes(&row.parcel) {
                    Ok(Parcel::Said(said)) => Some(*said),
                    _ => None,
                });
            let all = Keys::all();
            let held = HOLDERS.scan(&turn.tx, &rows, &group, &all, Order::Ascending, 1).unwrap();
            let key = held.into_iter().next().unwrap().1.key;
            (said.collect(), GroupSession { group, key })
        })
    }

    #[test]
    fn what_waited_for_its_key_is_told_in_the_order_of_the_conversation() {
        let (mut boss, mut other) = (Peer::new(1), Peer::new(2));
        let group = group_of(&mut boss, &mut other);
        let want: Vec<String> = (0..8).map(|number| format!("m{number}")).collect();
        for text in &want {
            let params = json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "",
                                "text": text});
            other.ok("chat", "sendTextMessage", params);
            other.now += 1;
        }
        let (said, session) = said_with_key(&mut other, group);
        assert_eq!(said.len(), want.len());
        boss.now = other.now;
        for said in &said {
            let now = boss.now;
            boss.turn(|turn| turn.hear_said(group, said, (now, Word::Author))).unwrap();
        }
        boss.events();
        let sender = other.sender();
        boss.turn(|turn| turn.hear_session(sender, session)).unwrap();
        let told = boss.events().into_iter().filter_map(|event| match event {
            Event::Message(row) => Some(text_of(&serde_json::to_value(row).unwrap())),
            _ => None,
        });
        let told: Vec<String> = told.collect();
        assert_eq!(told, want);
    }
}
