//! Speaking in a group: this device's Megolm session, and who has its key.

use super::rows::{HOLDERS, HolderRow, Mark, OUTBOUND, OutboundRow, SAID, SAID_ORDER, SaidRow};
use crate::core::{net::NetCommand, ratchet::GroupOutbound, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::{Blob, List},
    codec::encode,
    content::{GroupSession, MegolmKey, Payload, VerifiedMessage},
    group::{Parcel, Role, Said, Spoken, State, audience},
    ids::{DeviceId, GroupId, MegolmSession, MessageId},
    limits::{DAY_MS, MESSAGE_HEADS},
};
use magpie_storage::{engine::Order, table::Keys};
use std::collections::{BTreeMap, BTreeSet};

/// Messages after which a session is replaced (page 6).
const SESSION_MESSAGES: u32 = 1_000;
/// Age after which a session is replaced, milliseconds (page 6).
const SESSION_MS: u64 = 7 * DAY_MS;
/// Devices with which one session is shared: those of the largest group.
const HOLDERS_MAX: usize = 32_000;

/// This device's session, as it is cached.
#[derive(Debug)]
pub(crate) struct Speaking {
    session: GroupOutbound,
    previous: Option<MegolmSession>,
    made_ms: u64,
    holders: BTreeSet<DeviceId>,
}

impl Turn<'_> {
    /// Returns why nothing may be written to a group, if so: 20043, 20047, 20054, 20042 while only
    /// owner and administrators write, 21011.
    pub(crate) fn check_group_writable(&mut self, group: GroupId) -> ApiResult<()> {
        let fold = self.fold_of(group)?.ok_or(ErrorCode::GroupUnknown)?;
        let state = fold.state();
        let me = self.open()?.account.address;
        if state.dissolved.is_some() {
            return Err(ErrorCode::GroupDissolved.into());
        }
        let role = state.role(me).ok_or(ErrorCode::GroupGone)?;
        if state.config.muted_for_all && role < Role::Admin {
            let why = "only the owner and administrators may write in this group";
            return Err(ApiError::new(ErrorCode::NotAdmin, why));
        }
        self.check_room_for_parcel()
    }

    /// Says a message to a group: it is durable with this step's batch.
    pub(crate) fn speak(&mut self, group: GroupId, message: &VerifiedMessage) -> ApiResult<()> {
        let fold = self.fold_of(group)?.ok_or(ErrorCode::GroupUnknown)?;
        let (heads, _) = match self.open()?.groups.kept.get(&group) {
            Some(kept) => kept.graph.next(),
            None => (vec![], 0),
        };
        let heads = heads.into_iter().take(MESSAGE_HEADS).collect();
        let spoken = Spoken::Message {
            heads: List::new(heads).unwrap_or_default(),
            audience: audience(fold.state()),
            message: Box::new(message.message().clone()),
        };
        self.utter(group, fold.state(), &spoken, Some(message.id()))
    }

    /// Tells a group that one is typing, or no longer: by gossip alone, to who can read it already.
    pub(crate) fn speak_typing(&mut self, group: GroupId, on: bool) -> ApiResult<()> {
        let fold = self.fold_of(group)?.ok_or(ErrorCode::GroupUnknown)?;
        let Some(epoch) = self.last_epoch(group)? else { return Ok(()) };
        let Some(keys) = self.known_epoch(group, epoch).map(|known| known.keys.clone()) else {
            return Ok(());
        };
        let Some(mut speaking) = self.speaking(group)? else { return Ok(()) };
        let devices = self.devices_to_reach(fold.state())?;
        let has_all = devices.keys().all(|device| speaking.holders.contains(device));
        let plaintext = encode(&Spoken::Typing { on }).map_err(|_| ErrorCode::CreateMessage)?;
        if !has_all || !speaking.serves(&devices, self.now) {
            self.open_mut()?.groups.speaking.insert(group, speaking);
            return Ok(());
        }
        let said = self.say_with(&mut speaking, &plaintext)?;
        self.keep_speaking(group, speaking)?;
        let parcel = Parcel::Said(Box::new(said)).to_bytes().ok();
        let frame = parcel.and_then(|bytes| keys.seal(self.rng, self.now, &bytes).ok());
        if let Some(bytes) = frame.and_then(|frame| encode(&frame).ok()) {
            self.command(NetCommand::Publish { topic: epoch.topic(), bytes });
        }
        Ok(())
    }

    fn utter(
        &mut self,
        group: GroupId,
        state: &State,
        spoken: &Spoken,
        about: Option<MessageId>,
    ) -> ApiResult<()> {
        let plaintext = encode(spoken).map_err(|_| ErrorCode::CreateMessage)?;
        let mut speaking = self.ready_to_speak(group, state)?;
        let said = self.say_with(&mut speaking, &plaintext)?;
        self.keep_speaking(group, speaking)?;
        if let Some(id) = about {
            let bytes = encode(&said).ok().and_then(|bytes| Blob::new(bytes).ok());
            let bytes = bytes.ok_or(ErrorCode::CreateMessage)?;
            self.write(&SAID, &group, &id, &SaidRow(bytes))?;
            if let Spoken::Message { message, .. } = spoken {
                self.write(&SAID_ORDER, &group, &(message.lamport, id), &Mark)?;
            }
        }
        self.send_parcel(group, &Parcel::Said(Box::new(said)), None, about)
    }

    fn say_with(&self, speaking: &mut Speaking, plaintext: &[u8]) -> ApiResult<Said> {
        let open = self.open()?;
        let (account, device) = (&open.account, open.device);
        let message = speaking.session.encrypt(plaintext);
        Ok(Said {
            account: account.address,
            device,
            session: speaking.session.id(),
            message: Blob::new(message).map_err(|_| ErrorCode::CreateMessage)?,
        })
    }

    /// Returns the devices of all members but this one, and whose they are.
    fn devices_to_reach(&self, state: &State) -> ApiResult<BTreeMap<DeviceId, Address>> {
        let own = self.open()?.device;
        let mut devices = BTreeMap::new();
        for (account, member) in &state.members {
            for device in member.devices.devices().iter().filter(|it| it.device != own) {
                devices.insert(device.device, *account);
            }
        }
        Ok(devices)
    }

    /// Returns the session to speak with: a new one if the old is used up or has a holder who is
    /// out; every device that is in and lacks the key is sent it, from the current index on.
    fn ready_to_speak(&mut self, group: GroupId, state: &State) -> ApiResult<Speaking> {
        let devices = self.devices_to_reach(state)?;
        let mut speaking = match self.speaking(group)? {
            Some(old) if old.serves(&devices, self.now) => old,
            old => self.speak_anew(group, old)?,
        };
        let lacking: Vec<DeviceId> =
            devices.keys().copied().filter(|it| !speaking.holders.contains(it)).collect();
        if lacking.is_empty() {
            return Ok(speaking);
        }
        let shared = speaking.session.share();
        let key = MegolmKey::new(&shared).ok_or(ErrorCode::CreateMessage)?;
        let session = speaking.session.id();
        let mut accounts = BTreeSet::new();
        for device in lacking {
            self.write(&HOLDERS, &group, &(session, device), &HolderRow { key: key.clone() })?;
            speaking.holders.insert(device);
            accounts.extend(devices.get(&device));
        }
        let payload = Payload::GroupSession(Box::new(GroupSession { group, key }));
        for account in accounts {
            self.share_with(group, account, &payload, None)?;
        }
        Ok(speaking)
    }

    fn speak_anew(&mut self, group: GroupId, old: Option<Speaking>) -> ApiResult<Speaking> {
        let previous = old.as_ref().map(|old| old.session.id());
        if let Some(forgotten) = old.and_then(|old| old.previous) {
            for device in self.holders(group, forgotten)? {
                self.delete(&HOLDERS, &group, &(forgotten, device))?;
            }
        }
        let session = GroupOutbound::new();
        Ok(Speaking { session, previous, made_ms: self.now, holders: BTreeSet::new() })
    }

    /// Takes the cached session out, or reads it.
    fn speaking(&mut self, group: GroupId) -> ApiResult<Option<Speaking>> {
        if let Some(found) = self.open_mut()?.groups.speaking.remove(&group) {
            return Ok(Some(found));
        }
        let Some(row) = self.read(&OUTBOUND, &(), &group)? else { return Ok(None) };
        let Ok(session) = GroupOutbound::unpickle(&row.pickle) else { return Ok(None) };
        let holders = self.holders(group, row.session)?;
        let OutboundRow { previous, made_ms, .. } = row;
        Ok(Some(Speaking { session, previous, made_ms, holders }))
    }

    fn keep_speaking(&mut self, group: GroupId, speaking: Speaking) -> ApiResult<()> {
        let row = OutboundRow {
            session: speaking.session.id(),
            previous: speaking.previous,
            pickle: speaking.session.pickle(),
            made_ms: speaking.made_ms,
        };
        self.write(&OUTBOUND, &(), &group, &row)?;
        self.open_mut()?.groups.speaking.insert(group, speaking);
        Ok(())
    }

    fn holders(&mut self, group: GroupId, session: MegolmSession) -> ApiResult<BTreeSet<DeviceId>> {
        let rows = self.rows()?;
        let range = Keys::all()
            .at_least(&(session, DeviceId([0; 32])))
            .at_most(&(session, DeviceId([0xff; 32])));
        let found = HOLDERS.scan(&self.tx, &rows, &group, &range, Order::Ascending, HOLDERS_MAX);
        Ok(self.stored(found)?.into_iter().map(|((_, device), _)| device).collect())
    }
}

impl Speaking {
    /// Whether the session may go on: it is young, and nobody has it who is out.
    fn serves(&self, devices: &BTreeMap<DeviceId, Address>, now: u64) -> bool {
        self.session.index() < SESSION_MESSAGES
            && now < self.made_ms.saturating_add(SESSION_MS)
            && self.holders.iter().all(|holder| devices.contains_key(holder))
    }
}
