//! Somebody who is out: what they said before they saw it still counts, for all who stay alike. So its
//! key is still taken from them and asked of them, and their own node still gives it.

use super::{listening::CLOCKS_APART_MS, rows::OUTBOUND};
use crate::core::{letters::sender::Sender, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    content::Message,
    group::{EpochKey, Fold, Former, State},
    ids::GroupId,
    limits::DAY_MS,
};

/// How long after somebody left what they said before is still taken on their own word, and their keys
/// with it, milliseconds: as long as it may be on its way.
const AFTER_LEAVING_MS: u64 = 7 * DAY_MS;

/// On whose word something said is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Its author's alone.
    Author,
    /// That of a member who took it. Who had not seen yet that its author is out took it whatever its
    /// time; with their word all who stay come to have the same.
    Member,
}

/// Returns until when somebody who is out is heard on their own word, milliseconds since the Unix epoch.
const fn heard_until(former: &Former) -> u64 {
    former.left_ms.saturating_add(CLOCKS_APART_MS).saturating_add(AFTER_LEAVING_MS)
}

impl Turn<'_> {
    /// Whether a message of somebody who is out counts.
    pub(super) const fn counts_of(&self, former: &Former, message: &Message, word: Word) -> bool {
        let left_ms = former.left_ms.saturating_add(CLOCKS_APART_MS);
        let is_before = message.lamport <= left_ms && message.time_ms <= left_ms;
        matches!(word, Word::Member) || (is_before && self.now <= heard_until(former))
    }

    /// Returns how somebody who is out went, while they are still heard.
    pub(super) fn heard_former<'s>(
        &self,
        state: &'s State,
        account: Address,
    ) -> Option<&'s Former> {
        state.former.get(&account).filter(|former| self.now <= heard_until(former))
    }

    /// Whether an account may send keys inside a group: it is a member as far as is known, or is out
    /// and still heard.
    pub(crate) fn is_heard_in(&self, group: GroupId, account: Address) -> ApiResult<bool> {
        Ok(self.fold_of(group)?.is_some_and(|fold| {
            let state = fold.state();
            state.members.contains_key(&account) || self.heard_former(state, account).is_some()
        }))
    }

    /// Whether a device may bring the key of its session: it is a member's, or somebody's who is out and
    /// still heard.
    pub(super) fn may_bring_session(&self, state: &State, from: Sender) -> bool {
        // A device that was off the list when its account went does not come back with an older list.
        state.is_device(from.account, from.device)
            || self
                .heard_former(state, from.account)
                .is_some_and(|former| former.list <= from.list_version)
    }

    /// Whether this account is out and said something before, whose key some may still lack.
    pub(super) fn owes_keys(&mut self, group: GroupId, state: &State) -> ApiResult<bool> {
        let me = self.open()?.account.address;
        let is_heard = self.heard_former(state, me).is_some();
        Ok(is_heard && self.read(&OUTBOUND, &(), &group)?.is_some())
    }

    /// Returns when this account's node stops listening for those who lack a key of it, milliseconds
    /// since the Unix epoch.
    pub(super) fn owes_until(&self, state: &State) -> ApiResult<Option<u64>> {
        let me = self.open()?.account.address;
        Ok(state.former.get(&me).map(heard_until))
    }

    /// Returns the epoch on which somebody who is out can be reached: the last one before they went
    /// whose secret is known here.
    pub(super) fn epoch_before(
        &self,
        group: GroupId,
        fold: &Fold,
        former: &Former,
    ) -> Option<EpochKey> {
        let place = |id| fold.order().iter().position(|it| *it == id);
        let end = place(former.ended_by)?;
        let epochs = fold.state().epochs.iter().rev();
        let mut before = epochs.filter(|it| place(it.opened_by).is_some_and(|at| at < end));
        before.find(|it| self.known_epoch(group, it.key).is_some()).map(|it| it.key)
    }

    /// Returns the epoch on which what names none is sent: the last; for who is out, the last whose
    /// secret they have, for what they said before has to get to the others.
    pub(super) fn sending_epoch(&self, group: GroupId) -> ApiResult<Option<EpochKey>> {
        let Some(fold) = self.fold_of(group)? else { return Ok(None) };
        let state = fold.state();
        match state.members.contains_key(&self.open()?.account.address) {
            true => Ok(state.epoch().map(|epoch| epoch.key)),
            false => Ok(self.speakable_epoch(group, state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        fixture::Peer,
        groups::{
            fixture::{bring_operations, group_of},
            rows::{FRAMES, PARCELS},
        },
    };
    use magpie_protocol::{
        bounded::List,
        group::{Parcel, Remove},
    };
    use magpie_storage::{engine::Order, table::Keys};
    use serde_json::json;

    /// A group from which the second peer was removed; whether it knows that is up to the caller.
    fn removed(speaks: bool) -> (Peer, Peer, GroupId, EpochKey) {
        let (mut boss, mut other) = (Peer::new(1), Peer::new(2));
        let group = group_of(&mut boss, &mut other);
        let first = boss.turn(|turn| turn.last_epoch(group)).unwrap().unwrap();
        let secret = boss.turn(|turn| turn.secret_of(group, first)).unwrap().unwrap();
        other.turn(|turn| turn.keep_secret(group, secret)).unwrap();
        if speaks {
            other.ok(
                "chat",
                "sendTextMessage",
                json!({"cnd": group, "cid": group, "conversationType": 1, "pub": "", "text": "hi"}),
            );
        }
        let members = List::new(vec![other.address()]).unwrap();
        boss.turn(|turn| turn.act_opening(group, |epoch| Remove { members, epoch }.into()))
            .unwrap();
        (boss, other, group, first)
    }

    fn topics(peer: &mut Peer) -> usize {
        peer.turn(|turn| turn.open().unwrap().groups.topics.len())
    }

    #[test]
    fn who_spoke_listens_for_a_week_after_a_removal_and_who_did_not_no_longer() {
        for (speaks, after) in [(true, 1), (false, 0)] {
            let (mut boss, mut other, group, _) = removed(speaks);
            other.turn(|turn| turn.tune(group)).unwrap();
            assert_eq!(topics(&mut other), 1);
            bring_operations(&mut boss, &mut other, group);
            assert_eq!(topics(&mut other), after, "spoke: {speaks}");
            other.now += AFTER_LEAVING_MS + CLOCKS_APART_MS + 1;
            other.turn(|turn| turn.duties(group)).unwrap();
            assert_eq!(topics(&mut other), 0);
        }
    }

    #[test]
    fn what_waits_to_be_sent_when_somebody_is_removed_goes_on_the_epoch_they_had() {
        let (mut boss, mut other, group, first) = removed(true);
        let parcel = other.turn(|turn| {
            let rows = turn.rows().unwrap();
            for (number, _) in
                FRAMES.scan(&turn.tx, &rows, &(), &Keys::all(), Order::Ascending, 100).unwrap()
            {
                turn.delete(&FRAMES, &(), &number).unwrap();
            }
            let said = Parcel::Unknown { number: 99, body: vec![7] };
            turn.send_parcel(group, &said, None, None).unwrap();
            let found =
                PARCELS.scan(&turn.tx, &rows, &(), &Keys::all(), Order::Ascending, 100).unwrap();
            found.len()
        });
        assert!(parcel > 0);
        bring_operations(&mut boss, &mut other, group);
        assert_ne!(other.turn(|turn| turn.last_epoch(group)).unwrap(), Some(first));
        other.turn(|turn| turn.seal_parcels(group)).unwrap();
        let frames = other.turn(|turn| {
            let rows = turn.rows().unwrap();
            FRAMES.scan(&turn.tx, &rows, &(), &Keys::all(), Order::Ascending, 100).unwrap()
        });
        assert!(!frames.is_empty());
        assert!(frames.iter().all(|(_, row)| row.epoch == first));
    }
}
