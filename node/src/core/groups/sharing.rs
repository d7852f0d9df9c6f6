//! Payloads for members, in envelopes inside frames: members who are no contacts have no token for
//! each other's mailboxes, and the super nodes do not learn who gets what.

use super::rows::{SHARE, SHARES, ShareRow};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    bounded::{Blob, List},
    content::{GroupSecrets, Payload},
    group::{EpochKey, EpochSecret, FRAME_PAYLOAD, Letters, Parcel},
    ids::GroupId,
    limits::{DAY_MS, FRAME_LETTERS},
};
use magpie_storage::{engine::Order, table::Keys};
use std::collections::{BTreeMap, BTreeSet};

/// Shares sealed in one step.
const SEALED_PER_STEP: usize = 64;
/// How long a share waits for the keys of its member's devices, milliseconds.
const GIVE_UP_MS: u64 = 7 * DAY_MS;
/// Bytes of envelopes in one frame; the rest is room for lengths.
const ENVELOPE_BYTES: usize = FRAME_PAYLOAD - 1_024;

impl Turn<'_> {
    /// Sends a payload to the devices of a member, through the group.
    pub(super) fn share_with(
        &mut self,
        group: GroupId,
        to: Address,
        payload: &Payload,
        on: Option<EpochKey>,
    ) -> ApiResult<()> {
        let Ok(payload) = payload.to_bytes() else { return Ok(()) };
        if payload.len() + 128 > SHARE {
            return Ok(());
        }
        let number = self.next_number()?;
        let row = ShareRow { to, payload: payload.into(), on, since_ms: self.now };
        self.write(&SHARES, &(), &(group, number), &row)?;
        let groups = &mut self.open_mut()?.groups;
        groups.on_way += 1;
        groups.sharing.insert(group);
        self.core.agenda.plan(Task::Share(group), self.now);
        Ok(())
    }

    /// Sends the secret of an epoch to everybody who is a member in it, on the epoch it replaces.
    pub(super) fn share_secret(
        &mut self,
        group: GroupId,
        secret: &EpochSecret,
        on: Option<EpochKey>,
    ) -> ApiResult<()> {
        let Some(fold) = self.fold_of(group)? else { return Ok(()) };
        let me = self.open()?.account.address;
        let secrets = List::new(vec![secret.clone()]).unwrap_or_default();
        let payload = Payload::GroupSecrets(Box::new(GroupSecrets { group, secrets }));
        for (account, member) in &fold.state().members {
            if *account != me || member.devices.devices().len() > 1 {
                self.share_with(group, *account, &payload, on)?;
            }
        }
        Ok(())
    }

    /// Seals shares whose members' devices are known, as many to a frame as fit.
    pub(crate) fn seal_shares(&mut self, group: GroupId) -> ApiResult<()> {
        let rows = self.rows()?;
        let (mut after, mut done, mut left) = ((group, 0), 0, 0);
        let mut absent = BTreeSet::new();
        let mut sealed: BTreeMap<Option<EpochKey>, Vec<Vec<u8>>> = BTreeMap::new();
        while done < SEALED_PER_STEP {
            let range = Keys::all().above(&after).at_most(&(group, u64::MAX));
            let found =
                SHARES.scan(&self.tx, &rows, &(), &range, Order::Ascending, SEALED_PER_STEP);
            let found = self.stored(found)?;
            let Some((end, _)) = found.last() else { break };
            after = *end;
            for (key, row) in found {
                let is_due = row.since_ms.saturating_add(GIVE_UP_MS) >= self.now;
                if is_due && self.is_for(group, &row)? {
                    let envelopes = match absent.contains(&row.to) {
                        true => None,
                        false => self.seal_share(&row)?,
                    };
                    let Some(envelopes) = envelopes else {
                        absent.insert(row.to);
                        left += 1;
                        continue;
                    };
                    sealed.entry(row.on).or_default().extend(envelopes);
                }
                self.delete(&SHARES, &(), &key)?;
                let groups = &mut self.open_mut()?.groups;
                groups.on_way = groups.on_way.saturating_sub(1);
                done += 1;
            }
        }
        for (on, envelopes) in sealed {
            for letters in packed(envelopes) {
                self.send_parcel(group, &Parcel::Letters(Box::new(letters)), on, None)?;
            }
        }
        if done >= SEALED_PER_STEP {
            self.core.agenda.plan(Task::Share(group), self.now);
        } else if left > 0 {
            // What is learned of a member hurries it.
            self.retry(Task::Share(group));
        } else {
            self.core.agenda.went_well(Task::Share(group));
            self.open_mut()?.groups.sharing.remove(&group);
        }
        Ok(())
    }

    /// Whether a share still goes to whom it is for: to a member all, to who is out nothing but the
    /// question for a key of what they said before.
    fn is_for(&self, group: GroupId, row: &ShareRow) -> ApiResult<bool> {
        let Some(fold) = self.fold_of(group)? else { return Ok(false) };
        if fold.state().members.contains_key(&row.to) {
            return Ok(true);
        }
        let asks = matches!(Payload::from_bytes(&row.payload), Ok(Payload::GroupWanted(_)));
        Ok(asks && self.is_heard_in(group, row.to)?)
    }

    /// Seals a share for every device of its member but this one; nothing while they are unknown.
    fn seal_share(&mut self, row: &ShareRow) -> ApiResult<Option<Vec<Vec<u8>>>> {
        let person = self.correspondent(row.to)?.filter(|person| !person.bundles.is_empty());
        let Some(person) = person else {
            self.core.agenda.nudge(Task::LookUp(row.to), self.now);
            return Ok(None);
        };
        let own = self.open()?.device;
        let mut envelopes = Vec::new();
        for bundle in person.bundles.values() {
            if bundle.body().device == own {
                continue;
            }
            let Some(encrypted) = self.encrypt(bundle, &row.payload)? else { continue };
            if let Some((_, sealed)) = self.seal_letter(&person, bundle, encrypted)? {
                envelopes.push(sealed.bytes);
            }
        }
        Ok(Some(envelopes))
    }

    /// Goes on with shares that waited for what was learned now.
    pub(crate) fn hurry_shares(&mut self) -> ApiResult<()> {
        for group in self.open()?.groups.sharing.clone() {
            self.core.agenda.plan(Task::Share(group), self.now);
        }
        Ok(())
    }
}

/// Packs envelopes into as few parcels as hold them.
fn packed(envelopes: Vec<Vec<u8>>) -> Vec<Letters> {
    let mut packs: Vec<Letters> = Vec::new();
    let mut room = 0;
    for bytes in envelopes {
        let size = bytes.len() + 5;
        let Ok(blob) = Blob::new(bytes) else { continue };
        let full = packs.last().is_none_or(|last| last.envelopes.len() == FRAME_LETTERS);
        if full || room < size {
            packs.push(Letters { envelopes: List::default() });
            room = ENVELOPE_BYTES;
        }
        room = room.saturating_sub(size);
        if let Some(last) = packs.last_mut() {
            let _fits = last.envelopes.push(blob);
        }
    }
    packs
}
