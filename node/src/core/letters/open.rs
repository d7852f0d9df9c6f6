//! Opening: an envelope becomes a payload whose sender is proven, or a reason why not.

use super::{
    rows::{BROUGHT, Brought, NAMED, REFUSED, SEEN, Seen},
    sender::{Sender, Taken},
};
use crate::core::{agenda::Task, ratchet::OlmMessage, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    content::Payload,
    direct::{Ack, Refusal},
    envelope::{Envelope, OlmKind},
    ids::{DeviceId, EnvelopeId, GroupId, MessageId},
    keys::OlmSessionKey,
    record::OneTimeKey,
};
use magpie_storage::{engine::Order, table::Keys};

/// What became of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// What its carrier is told.
    pub(crate) ack: Ack,
    /// Who sent the messages it brought.
    pub(crate) from: Option<Address>,
    /// The messages it brought, if all of them are here.
    pub(crate) messages: Vec<MessageId>,
    /// The device that sent it, if no session with it decrypts what it holds.
    pub(crate) unread: Option<(Address, DeviceId)>,
}

impl From<Ack> for Opened {
    fn from(ack: Ack) -> Self {
        Self { ack, from: None, messages: vec![], unread: None }
    }
}

fn refused(refusal: Refusal) -> Opened {
    Ack::Refused(refusal).into()
}

/// How often expired ids are forgotten, milliseconds.
const PRUNE_MS: u64 = 60 * 60 * 1_000;
/// Expired ids forgotten in one step.
const PRUNED_PER_STEP: usize = 512;

impl Turn<'_> {
    /// Forgets envelopes that have expired: a copy of them is refused anyway.
    pub(crate) fn prune_seen(&mut self) -> ApiResult<()> {
        let rows = self.rows()?;
        let expired = Keys::all().below(&(self.now, EnvelopeId([0; 32])));
        let mut next = PRUNE_MS;
        let brought = Keys::all().below(&(self.now, EnvelopeId([0; 32])));
        let brought =
            BROUGHT.scan(&self.tx, &rows, &(), &brought, Order::Ascending, PRUNED_PER_STEP);
        let brought = self.stored(brought)?;
        if brought.len() == PRUNED_PER_STEP {
            next = 0;
        }
        for (key, _) in brought {
            self.delete(&BROUGHT, &(), &key)?;
        }
        for table in [&SEEN, &NAMED, &REFUSED] {
            let found =
                table.scan(&self.tx, &rows, &(), &expired, Order::Ascending, PRUNED_PER_STEP);
            let found = self.stored(found)?;
            if found.len() == PRUNED_PER_STEP {
                next = 0;
            }
            for (key, _) in found {
                self.delete(table, &(), &key)?;
            }
        }
        self.core.agenda.plan(Task::Prune, self.now + next);
        Ok(())
    }

    /// Opens an envelope that its sender's device handed over, and remembers that it brought messages.
    pub(crate) fn open_direct(&mut self, envelope: &Envelope) -> ApiResult<Ack> {
        let opened = self.open_envelope(envelope)?;
        if let (Some(account), Some(message)) = (opened.from, opened.messages.first()) {
            let key = (envelope.header().expiry_ms, envelope.id());
            self.write(&BROUGHT, &(), &key, &Brought { account, message: *message })?;
        }
        Ok(opened.ack)
    }

    /// Opens an envelope and lets the rules take its payload. A second copy changes nothing.
    pub(crate) fn open_envelope(&mut self, envelope: &Envelope) -> ApiResult<Opened> {
        self.open_envelope_within(envelope, None)
    }

    /// Opens an envelope that came in a group's frame: only members, and those who are lately out, say
    /// anything there, and only what is the group's or the session's.
    pub(crate) fn open_envelope_of(
        &mut self,
        group: GroupId,
        envelope: &Envelope,
    ) -> ApiResult<Opened> {
        self.open_envelope_within(envelope, Some(group))
    }

    fn open_envelope_within(
        &mut self,
        envelope: &Envelope,
        within: Option<GroupId>,
    ) -> ApiResult<Opened> {
        let header = *envelope.header();
        if header.mailbox != self.core.node_id() {
            return Ok(refused(Refusal::NotMine));
        }
        if header.expiry_ms <= self.now {
            return Ok(refused(Refusal::Expired));
        }
        let key = (header.expiry_ms, envelope.id());
        if self.read(&SEEN, &(), &key)?.is_some() {
            return Ok(match self.read(&REFUSED, &(), &key)? {
                Some(_) => refused(Refusal::Stranger),
                None => Ack::Delivered.into(),
            });
        }
        let Ok(letter) = envelope.open(&self.core.device.seal()) else {
            return Ok(refused(Refusal::Malformed));
        };
        if let Some(group) = within
            && !self.is_heard_in(group, letter.account)?
        {
            return Ok(refused(Refusal::Stranger));
        }
        let known = self.correspondent(letter.account)?.map(|person| person.list.clone());
        let Ok(letter) = letter.verify(known.as_ref()) else {
            return Ok(refused(Refusal::Sender));
        };
        let person = self.met(&letter.list, letter.bundle.clone())?;
        let Some(bundle) = person.bundles.get(&letter.device).cloned() else {
            return Ok(refused(Refusal::Sender));
        };
        let message = OlmMessage {
            opens: letter.olm.kind == OlmKind::PreKey,
            bytes: letter.olm.body.into_vec(),
        };
        let identity = bundle.body().identity.0;
        let Some(plaintext) = self.decrypt(letter.device, identity, &message)? else {
            self.ask_again(letter.account, letter.device)?;
            let unread = Some((letter.account, letter.device));
            return Ok(Opened { unread, ..refused(Refusal::Session) });
        };
        self.open_mut()?.letters.notices.heard(letter.device);
        if let Some(key) = letter.one_time_key {
            self.offered(letter.device, key.0)?;
        }
        // The session has moved on, so a copy could not be decrypted again.
        self.write(&SEEN, &(), &key, &Seen)?;
        let Ok(payload) = Payload::from_bytes(&plaintext) else {
            return Ok(refused(Refusal::Malformed));
        };
        if within.is_some() && !goes_in_groups(&payload) {
            return Ok(refused(Refusal::Stranger));
        }
        let sender = Sender {
            account: letter.account,
            device: letter.device,
            list_version: letter.list.at(),
        };
        match &payload {
            Payload::OneTimeKey(key) => {
                let Ok(key) = key.verify(sender.account, sender.device) else {
                    return Ok(refused(Refusal::Malformed));
                };
                self.replace_sessions(sender.device, key.0)?;
            }
            Payload::Receipt(receipt) => {
                let node = letter.list.device(letter.device).map(|device| device.node);
                for message in receipt.delivered.iter() {
                    if let Some(node) = node {
                        self.arrived(*message, node)?;
                    }
                }
            }
            Payload::Unread(unread) => self.hear_unread(sender, &unread.ids)?,
            _ => {}
        }
        let (taken, messages) = match payload {
            Payload::Message(message) => self.hear_messages(sender, vec![*message])?,
            Payload::Messages(several) => {
                self.hear_messages(sender, several.messages.into_vec())?
            }
            other => (self.received(sender, other)?, vec![]),
        };
        Ok(match taken {
            Taken::Kept => Opened { from: Some(sender.account), messages, ..Ack::Delivered.into() },
            Taken::Refused(_) => {
                self.write(&REFUSED, &(), &key, &Seen)?;
                refused(Refusal::Stranger)
            }
        })
    }

    /// Asks a device whose message no session decrypts for a new session.
    fn ask_again(&mut self, account: Address, device: DeviceId) -> ApiResult<()> {
        let Some(key) = self.renew_sessions(device)? else { return Ok(()) };
        let signing = self.open()?.account.device_key.signing();
        let key = OneTimeKey::sign(OlmSessionKey(key), &signing);
        self.post(account, &Payload::OneTimeKey(Box::new(key)), None)
    }
}

/// Whether a payload may come in a group's frame, past the strangers' stamp.
const fn goes_in_groups(payload: &Payload) -> bool {
    matches!(
        payload,
        Payload::GroupOperations(_)
            | Payload::GroupSecrets(_)
            | Payload::GroupSession(_)
            | Payload::GroupWanted(_)
            | Payload::OneTimeKey(_)
    )
}
