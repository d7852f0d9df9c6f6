//! Sealing: a waiting payload becomes one finished envelope for each device of its account.

use super::{
    correspondents::Correspondent,
    rows::{About, Kept, OUTBOX, Outgoing, TOKENS, WAITING},
    sessions::Encrypted,
    together::together,
};
use crate::core::{agenda::Task, net::Protocol, requests::Purpose, turn::Turn};
use magpie_protocol::{
    address::{Address, NodeId},
    api::ApiResult,
    bounded::Blob,
    codec::encode,
    content::Payload,
    direct,
    envelope::{Intro, Letter, OlmKind, OlmMessage, Sealed, seal},
    keys::OlmSessionKey,
    limits::PAYLOAD,
    record::{OneTimeKey, VerifiedKeyBundle},
};
use magpie_storage::{engine::Order, table::Keys};

/// Payloads of one account sealed in one step, at most.
const SEALED_PER_STEP: usize = 64;

/// How long sealing is put off while deliveries are under way, at most, milliseconds: a request that is
/// not answered fails about then.
const PUT_OFF_MS: u64 = 10_000;

/// What one envelope brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Load {
    /// The encoded payload.
    pub(super) payload: Blob<PAYLOAD>,
    /// The messages whose progress it decides.
    pub(super) about: About,
    /// Since when the oldest of them is on its way, milliseconds since the Unix epoch.
    pub(super) since_ms: u64,
}

impl Turn<'_> {
    /// Seals what waits for an account, in the order it was posted, if its devices are known and the
    /// token that lets its answer in is registered.
    pub(crate) fn seal_waiting(&mut self, to: Address) -> ApiResult<()> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(to, 0)).at_most(&(to, u64::MAX));
        let waiting = WAITING.scan(&self.tx, &rows, &(), &range, Order::Ascending, SEALED_PER_STEP);
        let waiting = self.stored(waiting)?;
        if waiting.is_empty() {
            return Ok(());
        }
        let Some(person) = self.correspondent(to)? else {
            self.core.agenda.plan(Task::LookUp(to), self.now);
            return Ok(());
        };
        self.refresh(&person);
        let tokens = self.read(&TOKENS, &(), &to)?.unwrap_or_default();
        if tokens.given.is_some() && !tokens.registered {
            // The token's registration plans the sealing again.
            self.core.agenda.plan(Task::Tokens, self.now);
            return Ok(());
        }
        if person.bundles.is_empty() {
            self.retry(Task::LookUp(to));
            return Ok(());
        }
        if person.list.devices().iter().any(|device| !self.core.net.has(&device.node)) {
            self.keep_near(to)?;
        }
        let own = self.core.node_id();
        let others = person.list.devices().iter().map(|device| device.node);
        if self.all_are_taking(others.filter(|node| *node != own))? {
            // The answer plans the sealing again; in case none comes, the agenda does.
            self.core.agenda.plan(Task::Seal(to), self.now + PUT_OFF_MS);
            return Ok(());
        }
        let full = waiting.len() == SEALED_PER_STEP;
        for (key, _) in &waiting {
            self.delete(&WAITING, &(), key)?;
            self.left_way(1)?;
        }
        for load in together(waiting.into_iter().map(|(_, row)| row)) {
            self.seal_one(&person, &load)?;
        }
        if full {
            self.core.agenda.plan(Task::Seal(to), self.now);
        }
        Ok(())
    }

    /// Notes that so much of what is on its way was deleted.
    pub(crate) fn left_way(&mut self, weight: usize) -> ApiResult<()> {
        let on_way = &mut self.open_mut()?.letters.on_way;
        *on_way = on_way.saturating_sub(weight);
        Ok(())
    }

    /// Returns whether anything waits for an account.
    pub(crate) fn has_waiting(&mut self, to: Address) -> ApiResult<bool> {
        let rows = self.rows()?;
        let range = Keys::all().at_least(&(to, 0)).at_most(&(to, u64::MAX));
        let waiting = WAITING.scan(&self.tx, &rows, &(), &range, Order::Ascending, 1);
        Ok(!self.stored(waiting)?.is_empty())
    }

    fn seal_one(&mut self, person: &Correspondent, load: &Load) -> ApiResult<()> {
        let own = self.open()?.device;
        for bundle in person.bundles.values() {
            if bundle.body().device == own {
                continue;
            }
            self.seal_to(person, bundle, load, 0)?;
        }
        Ok(())
    }

    /// Seals a payload for one device, which could not read it so many times, into the outbox.
    /// Returns whether it can be sent there.
    pub(super) fn seal_to(
        &mut self,
        person: &Correspondent,
        bundle: &VerifiedKeyBundle,
        load: &Load,
        unread: u8,
    ) -> ApiResult<bool> {
        let Some(encrypted) = self.encrypt(bundle, &load.payload)? else { return Ok(false) };
        self.put_outgoing(person, bundle, load, (encrypted, unread))
    }

    fn put_outgoing(
        &mut self,
        person: &Correspondent,
        bundle: &VerifiedKeyBundle,
        load: &Load,
        (encrypted, unread): (Encrypted, u8),
    ) -> ApiResult<bool> {
        let Some((node, sealed)) = self.seal_letter(person, bundle, encrypted)? else {
            return Ok(false);
        };
        let Ok(envelope) = Blob::new(sealed.bytes) else { return Ok(false) };
        let number = self.next_number()?;
        let kept = Kept {
            to: person.list.account(),
            device: bundle.body().device,
            id: sealed.id,
            payload: load.payload.clone(),
            about: load.about.clone(),
            since_ms: load.since_ms,
            unread,
        };
        self.keep_payload(node, number, &kept)?;
        let outgoing = Outgoing {
            to: person.list.account(),
            device: bundle.body().device,
            id: sealed.id,
            envelope,
            about: load.about.clone(),
            since_ms: load.since_ms,
            stored: 0,
            stamp: None,
        };
        self.write(&OUTBOX, &(), &(node, number), &outgoing)?;
        self.open_mut()?.letters.on_way += outgoing.weight();
        self.core.agenda.nudge(Task::Carry(node), self.now);
        Ok(true)
    }

    /// Seals one encrypted payload to the device of a bundle. None for a device that nothing can be
    /// sent to: it left the list, or a key that its owner signed is weak.
    pub(crate) fn seal_letter(
        &mut self,
        person: &Correspondent,
        bundle: &VerifiedKeyBundle,
        encrypted: Encrypted,
    ) -> ApiResult<Option<(NodeId, Sealed)>> {
        let Encrypted { message, offer } = encrypted;
        let kind = if message.opens { OlmKind::PreKey } else { OlmKind::Normal };
        // A payload is bounded so that its ciphertext fits.
        let Ok(body) = Blob::new(message.bytes) else { return Ok(None) };
        let Some(listed) = person.list.device(bundle.body().device).cloned() else {
            return Ok(None);
        };
        let own_list = self.own_list()?;
        let intro = match offer {
            None => None,
            Some(key) => {
                let signing = self.open()?.account.device_key.signing();
                let Some(bundle) = self.own_bundle()? else { return Ok(None) };
                Some(Box::new(Intro {
                    list: own_list.list().clone(),
                    bundle,
                    one_time_key: OneTimeKey::sign(OlmSessionKey(key), &signing),
                }))
            }
        };
        let open = self.open()?;
        let (account, device) = (&open.account, open.device);
        let letter = Letter {
            account: account.address,
            device,
            entry: own_list.entry_hash(),
            list: own_list.at(),
            intro,
            olm: OlmMessage { kind, body },
        };
        let expiry_ms = self.now + self.core.mail_retention_ms();
        let sealed = seal(self.rng, &bundle.body().seal, listed.node, expiry_ms, &letter);
        Ok(sealed.ok().map(|sealed| (listed.node, sealed)))
    }

    /// Sends a payload that is worth nothing later, as that somebody is writing: to devices that are
    /// connected and have a session, or to nobody.
    pub(crate) fn whisper(&mut self, to: Address, payload: &Payload) -> ApiResult<()> {
        let Some(person) = self.correspondent(to)? else { return Ok(()) };
        let Ok(bytes) = payload.to_bytes() else { return Ok(()) };
        for bundle in person.bundles.values() {
            let node = person.list.device(bundle.body().device).map(|device| device.node);
            let is_near = node.is_some_and(|node| self.core.net.has(&node));
            if !is_near || !self.has_session(bundle.body().device)? {
                continue;
            }
            let Some(encrypted) = self.encrypt(bundle, &bytes)? else { continue };
            if let Some((node, sealed)) = self.seal_letter(&person, bundle, encrypted)? {
                let batch = direct::batch([&sealed.bytes[..]]);
                if let Ok(bytes) = encode(&direct::Request::Deliver(batch)) {
                    self.ask_peer(node, Protocol::Direct, bytes, Purpose::Nothing);
                }
            }
        }
        Ok(())
    }
}
