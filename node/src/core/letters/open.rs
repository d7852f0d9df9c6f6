//! Opening: an envelope becomes a payload whose sender is proven, or a reason why not.

use super::{
    rows::{SEEN, Seen},
    sender::{Sender, Taken},
};
use crate::core::{ratchet::OlmMessage, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    content::Payload,
    direct::{Ack, Refusal},
    envelope::{Envelope, OlmKind},
    ids::MessageId,
};

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    /// What its carrier is told.
    pub(crate) ack: Ack,
    /// The message it brought, and from whom.
    pub(crate) message: Option<(Address, MessageId)>,
}

impl From<Ack> for Opened {
    fn from(ack: Ack) -> Self {
        Self { ack, message: None }
    }
}

fn refused(refusal: Refusal) -> Opened {
    Ack::Refused(refusal).into()
}

impl Turn<'_> {
    /// Opens an envelope and lets the rules take its payload. A second copy changes nothing.
    pub(crate) fn open_envelope(&mut self, envelope: &Envelope) -> ApiResult<Opened> {
        let header = *envelope.header();
        if header.mailbox != self.core.node_id() {
            return Ok(refused(Refusal::NotMine));
        }
        if header.expiry_ms <= self.now {
            return Ok(refused(Refusal::Expired));
        }
        if self.read(&SEEN, &(), &envelope.id())?.is_some() {
            return Ok(Ack::Delivered.into());
        }
        let Ok(letter) = envelope.open(&self.core.device.seal()) else {
            return Ok(refused(Refusal::Malformed));
        };
        let known = self.correspondent(letter.account)?.map(|person| person.list);
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
            return Ok(refused(Refusal::Session));
        };
        if let Some(key) = letter.one_time_key {
            self.offered(letter.device, key.0)?;
        }
        // The session has moved on, so a copy could not be decrypted again.
        self.write(&SEEN, &(), &envelope.id(), &Seen { until_ms: header.expiry_ms })?;
        let Ok(payload) = Payload::from_bytes(&plaintext) else {
            return Ok(refused(Refusal::Malformed));
        };
        let sender = Sender {
            account: letter.account,
            device: letter.device,
            list_version: letter.list.at(),
        };
        let message = match &payload {
            Payload::Message(message) => {
                let verified = (**message).clone().verify(sender.account, sender.device);
                verified.ok().map(|message| (sender.account, message.id()))
            }
            _ => None,
        };
        Ok(match self.received(sender, payload)? {
            Taken::Kept => Opened { ack: Ack::Delivered, message },
            Taken::Refused(_) => refused(Refusal::Stranger),
        })
    }
}
