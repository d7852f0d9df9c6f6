//! Keys that did not come are asked for, and given to members who ask.

use super::rows::HOLDERS;
use crate::core::{
    agenda::Task,
    letters::sender::{Refusal, Sender, Taken},
    turn::Turn,
};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    bounded::List,
    content::{GroupSecrets, GroupSession, GroupWanted, Payload},
    group::{EpochKey, State},
    ids::{DeviceId, GroupId, MegolmSession},
    limits::{EPOCHS_LISTENED, SESSIONS_WANTED},
};
use std::collections::{BTreeMap, BTreeSet};

/// How long a session is asked for, milliseconds: who has it answers sooner, or never.
const ASKED_MS: u64 = 60 * 60 * 1_000;
/// Members asked at once.
const ASKED_AT_ONCE: usize = 16;
/// How long after a device was given a key it is given it again, milliseconds.
const GIVEN_EVERY_MS: u64 = 10_000;
/// Keys given lately that are remembered; while there are so many, nobody is given another.
const GIVEN_MAX: usize = 4_096;
/// Utterances looked through for sessions that are missing.
const LOOKED_THROUGH: usize = 256;

impl Turn<'_> {
    /// Asks for the keys that a group's frames and messages need and this device lacks, less often
    /// each time.
    pub(crate) fn want(&mut self, group: GroupId) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let state = fold.state();
        if !self.is_member(state)? {
            return Ok(());
        }
        let wanted = self.wanted(group, state)?;
        if wanted.is_empty() {
            self.core.agenda.went_well(Task::Want(group));
            return Ok(());
        }
        let on = self.speakable_epoch(group, state);
        for (account, (epochs, sessions)) in wanted.into_iter().take(ASKED_AT_ONCE) {
            let epochs = epochs.into_iter().take(EPOCHS_LISTENED).collect();
            let sessions = sessions.into_iter().take(SESSIONS_WANTED).collect();
            let wanted = GroupWanted {
                group,
                epochs: List::new(epochs).unwrap_or_default(),
                sessions: List::new(sessions).unwrap_or_default(),
            };
            // Who is out has only the epochs before.
            let on = match state.former.get(&account) {
                Some(former) => self.epoch_before(group, &fold, former),
                None => on,
            };
            self.share_with(group, account, &Payload::GroupWanted(Box::new(wanted)), on)?;
        }
        self.retry(Task::Want(group));
        Ok(())
    }

    /// Returns whom to ask for which epochs and sessions.
    #[expect(clippy::type_complexity, reason = "built and read in this file alone")]
    fn wanted(
        &mut self,
        group: GroupId,
        state: &State,
    ) -> ApiResult<BTreeMap<Address, (BTreeSet<EpochKey>, BTreeSet<MegolmSession>)>> {
        let me = self.open()?.account.address;
        let joined_ms = state.members.get(&me).map_or(0, |member| member.joined_ms);
        let last = state.epoch().map(|epoch| epoch.key);
        let mut wanted: BTreeMap<Address, (BTreeSet<EpochKey>, BTreeSet<MegolmSession>)> =
            BTreeMap::new();
        let lacking: Vec<_> = state
            .listened(self.now)
            .filter(|epoch| self.known_epoch(group, epoch.key).is_none())
            .filter(|epoch| epoch.opened_ms >= joined_ms || Some(epoch.key) == last)
            .copied()
            .collect();
        for epoch in lacking {
            let opener =
                self.open()?.groups.kept.get(&group).and_then(|kept| {
                    kept.graph.get(epoch.opened_by).map(|it| it.operation().author)
                });
            for whom in opener.into_iter().chain([state.owner]) {
                if whom != me && state.members.contains_key(&whom) {
                    wanted.entry(whom).or_default().0.insert(epoch.key);
                }
            }
        }
        for ((_, session, _), row) in self.unread_from(group, None, LOOKED_THROUGH)? {
            let is_young = self.now < row.since_ms.saturating_add(ASKED_MS);
            let is_heard = state.members.contains_key(&row.account)
                || self.heard_former(state, row.account).is_some();
            if is_young && row.account != me && is_heard {
                wanted.entry(row.account).or_default().1.insert(session);
            }
        }
        Ok(wanted)
    }

    /// Returns the last epoch whose secret this device has.
    pub(super) fn speakable_epoch(&self, group: GroupId, state: &State) -> Option<EpochKey> {
        let has_secret = |key: &EpochKey| self.known_epoch(group, *key).is_some();
        state.epochs.iter().rev().map(|epoch| epoch.key).find(has_secret)
    }

    /// Notes that a device is given a key, and returns whether it is long enough since the last time.
    fn gives(&mut self, device: DeviceId, key: [u8; 32]) -> ApiResult<bool> {
        let now = self.now;
        let given = &mut self.open_mut()?.groups.given;
        given.retain(|_, at| at.saturating_add(GIVEN_EVERY_MS) > now);
        if given.len() >= GIVEN_MAX || given.contains_key(&(device, key)) {
            return Ok(false);
        }
        given.insert((device, key), now);
        Ok(true)
    }

    /// Gives a member the keys it asks for, if it may have them; who is out gives those of what it said.
    pub(crate) fn hear_wanted(&mut self, from: Sender, payload: GroupWanted) -> ApiResult<Taken> {
        let group = payload.group;
        let Some(fold) = self.fold_of(group)? else {
            return Ok(Taken::Refused(Refusal::NotFriend));
        };
        let state = fold.state();
        let Some(member) = state.members.get(&from.account) else {
            return Ok(Taken::Refused(Refusal::NotFriend));
        };
        let is_member = self.is_member(state)?;
        let gives = is_member || self.owes_keys(group, state)?;
        if member.devices.device(from.device).is_none() || !gives {
            return Ok(Taken::Refused(Refusal::NotFriend));
        }
        // Who asks may lack the last epoch's secret: the answer goes on one they had before.
        let mut secrets = List::<_, EPOCHS_LISTENED>::default();
        let mut before = None;
        for (at, epoch) in state.epochs.iter().enumerate() {
            let is_last = at + 1 == state.epochs.len();
            let asked = payload.epochs.contains(&epoch.key);
            if !asked && !is_last && self.known_epoch(group, epoch.key).is_some() {
                before = Some(epoch.key);
            }
            if asked
                && is_member
                && (is_last || epoch.opened_ms >= member.joined_ms)
                && self.gives(from.device, epoch.key.0)?
                && let Some(secret) = self.secret_of(group, epoch.key)?
            {
                let _room = secrets.push(secret);
            }
        }
        if !secrets.is_empty() {
            let payload = Payload::GroupSecrets(Box::new(GroupSecrets { group, secrets }));
            self.share_with(group, from.account, &payload, before)?;
        }
        for session in &*payload.sessions {
            if let Some(holder) = self.read(&HOLDERS, &group, &(*session, from.device))?
                && self.gives(from.device, session.0)?
            {
                let session = GroupSession { group, key: holder.key };
                self.share_with(
                    group,
                    from.account,
                    &Payload::GroupSession(Box::new(session)),
                    None,
                )?;
            }
        }
        Ok(Taken::Kept)
    }
}
