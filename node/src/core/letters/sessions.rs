//! This vault's Olm identity, and its sessions with other devices, in memory and in their rows.

use super::rows::{IDENTITY, IdentityRow, OFFERS, Offers, SESSIONS, SessionRow};
use crate::core::{
    ratchet::{Identity, OlmError, OlmMessage, Ratchet},
    turn::Turn,
};
use magpie_protocol::{
    api::{ApiError, ApiResult, ErrorCode},
    ids::DeviceId,
    limits::DAY_MS,
    record::VerifiedKeyBundle,
};
use magpie_storage::{engine::Order, table::Keys};
use std::cmp::Reverse;

/// Sessions kept with one device; the one unused longest gives way.
const SESSIONS_PER_DEVICE: usize = 4;
/// How often sessions that do not decrypt are given up, at most, milliseconds (page 2).
const RENEW_MS: u64 = 60 * 60 * 1_000;
/// How long a fallback key is published, milliseconds (page 2).
const FALLBACK_MS: u64 = 30 * DAY_MS;

/// This vault's Olm identity and what its bundle says of it.
#[derive(Debug)]
pub(crate) struct OwnIdentity {
    pub(crate) identity: Identity,
    pub(crate) fallback: [u8; 32],
    pub(crate) fallback_id: u64,
    pub(crate) fallback_ms: u64,
}

/// The sessions with one device.
#[derive(Debug)]
pub(crate) struct Sessions {
    all: Vec<Session>,
    offers: Offers,
    /// Whether the next payload opens a session though there are some: the device cannot read them.
    opens_anew: bool,
}

#[derive(Debug)]
struct Session {
    id: String,
    ratchet: Ratchet,
    on_one_time_key: bool,
    used_ms: u64,
}

impl Sessions {
    /// Returns the session to send with: one opened on a one-time key if there is any, and the
    /// smaller id of those, so that both ends choose alike.
    fn best(&mut self) -> Option<&mut Session> {
        self.all
            .iter_mut()
            .min_by(|a, b| (b.on_one_time_key, &a.id).cmp(&(a.on_one_time_key, &b.id)))
    }
}

/// What a sealed letter needs of a session.
#[derive(Debug)]
pub(crate) struct Encrypted {
    pub(crate) message: OlmMessage,
    /// The one-time key to introduce oneself with, until the other end has answered.
    pub(crate) offer: Option<[u8; 32]>,
}

impl Turn<'_> {
    /// Makes or reads this vault's Olm identity, and renews its fallback key when it is due.
    pub(crate) fn load_identity(&mut self) -> ApiResult<()> {
        let own = match self.read(&IDENTITY, &(), &())? {
            None => {
                let (identity, fallback) = Identity::generate();
                OwnIdentity { identity, fallback, fallback_id: 1, fallback_ms: self.now }
            }
            Some(row) => {
                let identity = Identity::unpickle(&row.pickle).map_err(broken)?;
                let IdentityRow { fallback, fallback_id, fallback_ms, .. } = row;
                let mut own = OwnIdentity { identity, fallback, fallback_id, fallback_ms };
                if own.fallback_ms + FALLBACK_MS > self.now {
                    self.open_mut()?.letters.identity = Some(own);
                    return Ok(());
                }
                own.fallback = own.identity.rotate_fallback();
                own.fallback_id += 1;
                own.fallback_ms = self.now;
                own
            }
        };
        self.open_mut()?.letters.identity = Some(own);
        self.save_identity()
    }

    fn save_identity(&mut self) -> ApiResult<()> {
        let Some(own) = &self.open()?.letters.identity else { return Ok(()) };
        let row = IdentityRow {
            pickle: own.identity.pickle(),
            fallback: own.fallback,
            fallback_id: own.fallback_id,
            fallback_ms: own.fallback_ms,
        };
        self.write(&IDENTITY, &(), &(), &row)
    }

    /// Encrypts the next message for a device, opening a session if there is none, or if the device
    /// offered a one-time key on which a better one can be opened.
    pub(crate) fn encrypt(
        &mut self,
        bundle: &VerifiedKeyBundle,
        plaintext: &[u8],
    ) -> ApiResult<Option<Encrypted>> {
        let device = bundle.body().device;
        let mut sessions = self.take_sessions(device)?;
        let before = sessions.offers.clone();
        let now = self.now;
        let has_good = sessions.all.iter().any(|s| s.on_one_time_key);
        let anew = std::mem::take(&mut sessions.opens_anew);
        let key = match sessions.offers.theirs {
            Some(key) if !has_good => Some((key, true)),
            _ if anew || sessions.all.is_empty() => Some((bundle.body().fallback.key.0, false)),
            _ => None,
        };
        if let Some((key, on_one_time_key)) = key {
            let opened = match &self.open()?.letters.identity {
                Some(own) => own.identity.open(bundle.body().identity.0, key),
                None => Err(OlmError::UnknownKey),
            };
            // A weak key in a signed bundle: nothing can be sent to that device.
            let Ok(ratchet) = opened else {
                self.put_sessions(device, sessions)?;
                return Ok(None);
            };
            if on_one_time_key {
                sessions.offers.theirs = None;
            }
            self.add(device, &mut sessions, ratchet, on_one_time_key)?;
        }
        let session = if anew { sessions.all.last_mut() } else { sessions.best() };
        let Some(session) = session else { return Ok(None) };
        let Ok(message) = session.ratchet.encrypt(plaintext) else { return Ok(None) };
        session.used_ms = now;
        let answered = session.ratchet.is_answered();
        let (id, row) = (session.id.clone(), session.row());
        self.write(&SESSIONS, &device, &id, &row)?;
        let offer = if answered { None } else { Some(self.own_offer(&mut sessions)?) };
        if sessions.offers != before {
            self.write(&OFFERS, &(), &device, &sessions.offers.clone())?;
        }
        self.put_sessions(device, sessions)?;
        Ok(Some(Encrypted { message, offer }))
    }

    fn own_offer(&mut self, sessions: &mut Sessions) -> ApiResult<[u8; 32]> {
        if let Some(key) = sessions.offers.ours {
            return Ok(key);
        }
        let own = self.open_mut()?.letters.identity.as_mut().ok_or(ErrorCode::Unexpected)?;
        let key = own.identity.one_time_key();
        self.save_identity()?;
        sessions.offers.ours = Some(key);
        Ok(key)
    }

    /// Decrypts a message of a device, accepting the session that it opens. None if no session of
    /// ours fits; then nothing changes.
    pub(crate) fn decrypt(
        &mut self,
        device: DeviceId,
        identity: [u8; 32],
        message: &OlmMessage,
    ) -> ApiResult<Option<Vec<u8>>> {
        let mut sessions = self.take_sessions(device)?;
        let plaintext = self.decrypt_with(device, identity, message, &mut sessions)?;
        self.put_sessions(device, sessions)?;
        Ok(plaintext)
    }

    /// Returns whether there is a session with a device.
    pub(crate) fn has_session(&mut self, device: DeviceId) -> ApiResult<bool> {
        let sessions = self.take_sessions(device)?;
        let has = !sessions.all.is_empty();
        self.put_sessions(device, sessions)?;
        Ok(has)
    }

    /// Prepares to ask a device, whose message no session decrypts, for a new session: the next
    /// payload for it opens one. Returns the one-time key to ask with, and none within an hour of the
    /// last time (page 2). No session is dropped: anybody can seal a letter in the device's name, and
    /// shall not make this one forget what it can still read.
    pub(crate) fn renew_sessions(&mut self, device: DeviceId) -> ApiResult<Option<[u8; 32]>> {
        let mut sessions = self.take_sessions(device)?;
        let mut key = None;
        if sessions.offers.renewed_ms + RENEW_MS <= self.now {
            sessions.offers.renewed_ms = self.now;
            sessions.opens_anew = true;
            key = Some(self.own_offer(&mut sessions)?);
            self.write(&OFFERS, &(), &device, &sessions.offers.clone())?;
        }
        self.put_sessions(device, sessions)?;
        Ok(key)
    }

    /// Makes the next payload for a device open a session: it cannot read those there are.
    pub(super) fn open_anew(&mut self, device: DeviceId) -> ApiResult<()> {
        let mut sessions = self.take_sessions(device)?;
        sessions.opens_anew = true;
        self.put_sessions(device, sessions)
    }

    /// Does as a device asks that cannot read the sessions it has: the next message opens another on
    /// the key it sent, and the old ones are kept for what is still on its way.
    pub(crate) fn replace_sessions(&mut self, device: DeviceId, key: [u8; 32]) -> ApiResult<()> {
        let mut sessions = self.take_sessions(device)?;
        for session in &mut sessions.all {
            session.on_one_time_key = false;
            let (id, row) = (session.id.clone(), session.row());
            self.write(&SESSIONS, &device, &id, &row)?;
        }
        sessions.offers.theirs = Some(key);
        self.write(&OFFERS, &(), &device, &sessions.offers.clone())?;
        self.put_sessions(device, sessions)
    }

    fn decrypt_with(
        &mut self,
        device: DeviceId,
        identity: [u8; 32],
        message: &OlmMessage,
        sessions: &mut Sessions,
    ) -> ApiResult<Option<Vec<u8>>> {
        let named = Identity::session_of(message);
        // The one in use first: one that does not fit works through its curve and as many chain keys as
        // the message's number says (2,000 at most) before it says so.
        let mut latest: Vec<_> = sessions.all.iter_mut().collect();
        latest.sort_by_key(|session| Reverse(session.used_ms));
        for session in latest {
            if named.as_ref().is_some_and(|id| *id != session.id) {
                continue;
            }
            if let Ok(plaintext) = session.ratchet.decrypt(message) {
                session.used_ms = self.now;
                let (id, row) = (session.id.clone(), session.row());
                self.write(&SESSIONS, &device, &id, &row)?;
                return Ok(Some(plaintext));
            }
        }
        if named.is_none() || sessions.all.iter().any(|s| Some(&s.id) == named.as_ref()) {
            return Ok(None);
        }
        let ours = sessions.offers.ours;
        let own = self.open_mut()?.letters.identity.as_mut().ok_or(ErrorCode::Unexpected)?;
        let Ok(inbound) = own.identity.accept(identity, message) else { return Ok(None) };
        let on_one_time_key = ours.is_some_and(|key| Some(key) == Identity::key_of(message));
        if on_one_time_key {
            sessions.offers.ours = None;
            self.write(&OFFERS, &(), &device, &sessions.offers.clone())?;
        }
        self.save_identity()?;
        self.add(device, sessions, inbound.ratchet, on_one_time_key)?;
        Ok(Some(inbound.plaintext))
    }

    /// Keeps a one-time key that a device offers, to open a better session with.
    pub(crate) fn offered(&mut self, device: DeviceId, key: [u8; 32]) -> ApiResult<()> {
        let mut sessions = self.take_sessions(device)?;
        let has_good = sessions.all.iter().any(|s| s.on_one_time_key);
        if !has_good && sessions.offers.theirs != Some(key) {
            sessions.offers.theirs = Some(key);
            self.write(&OFFERS, &(), &device, &sessions.offers.clone())?;
        }
        self.put_sessions(device, sessions)
    }

    fn add(
        &mut self,
        device: DeviceId,
        sessions: &mut Sessions,
        ratchet: Ratchet,
        on_one_time_key: bool,
    ) -> ApiResult<()> {
        if sessions.all.len() >= SESSIONS_PER_DEVICE {
            let oldest = sessions.all.iter().enumerate().min_by_key(|(_, s)| s.used_ms);
            if let Some((at, _)) = oldest {
                let old = sessions.all.swap_remove(at);
                self.delete(&SESSIONS, &device, &old.id)?;
            }
        }
        let session = Session { id: ratchet.id(), ratchet, on_one_time_key, used_ms: self.now };
        self.write(&SESSIONS, &device, &session.id, &session.row())?;
        sessions.all.push(session);
        Ok(())
    }

    /// Takes a device's sessions out of memory, or reads them; [`Self::put_sessions`] brings them
    /// back.
    fn take_sessions(&mut self, device: DeviceId) -> ApiResult<Sessions> {
        if let Some(sessions) = self.open_mut()?.letters.sessions.remove(&device) {
            return Ok(sessions);
        }
        let rows = self.rows()?;
        let found = SESSIONS.scan(
            &self.tx,
            &rows,
            &device,
            &Keys::all(),
            Order::Ascending,
            SESSIONS_PER_DEVICE,
        );
        let mut all = Vec::new();
        for (id, row) in self.stored(found)? {
            let ratchet = Ratchet::unpickle(&row.pickle).map_err(broken)?;
            let SessionRow { on_one_time_key, used_ms, .. } = row;
            all.push(Session { id, ratchet, on_one_time_key, used_ms });
        }
        let offers = self.read(&OFFERS, &(), &device)?.unwrap_or_default();
        Ok(Sessions { all, offers, opens_anew: false })
    }

    fn put_sessions(&mut self, device: DeviceId, sessions: Sessions) -> ApiResult<()> {
        self.open_mut()?.letters.sessions.insert(device, sessions);
        Ok(())
    }
}

impl Session {
    fn row(&self) -> SessionRow {
        SessionRow {
            pickle: self.ratchet.pickle(),
            on_one_time_key: self.on_one_time_key,
            used_ms: self.used_ms,
        }
    }
}

/// A pickle of ours that does not parse; the row's own checks make this a fault of this program.
fn broken(error: OlmError) -> ApiError {
    ApiError::new(ErrorCode::Unexpected, error.to_string())
}
