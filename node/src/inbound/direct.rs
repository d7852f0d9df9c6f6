//! `/magpie/direct/1`: envelopes that a contact's device hands over.

use crate::core::{
    Turn,
    net::{Fault, InboundId},
};
use magpie_protocol::{
    address::NodeId,
    api::ApiResult,
    bounded::List,
    codec::{decode, encode},
    direct::{Ack, Answer, Refusal, Request},
    envelope::Envelope,
    limits::DIRECT_ENVELOPES,
    version::VersionRange,
};

impl Turn<'_> {
    /// Takes a batch of envelopes; each gets its acknowledgement once this step is on disk.
    pub(crate) fn take_direct(
        &mut self,
        id: InboundId,
        from: NodeId,
        bytes: &[u8],
    ) -> ApiResult<()> {
        let Ok(request) = decode::<Request>(bytes) else {
            self.fault(id, from, Fault::Malformed);
            return Ok(());
        };
        let answer = match request {
            Request::Hello(_) => Answer::Hello(VersionRange::OURS),
            // A locked node cannot tell a contact from a stranger; mail waits at the super nodes.
            Request::Deliver(batch) if self.core.open.is_none() => {
                Answer::Acks(acks(vec![Ack::Held; batch.len()]))
            }
            Request::Deliver(batch) => {
                let account = self.account_of(from)?;
                let standing = match account {
                    Some(account) => Some(self.standing(account)?),
                    None => None,
                };
                if standing.is_some_and(|standing| standing.comes_directly()) {
                    let mut taken = Vec::with_capacity(batch.len());
                    for bytes in batch {
                        taken.push(match Envelope::parse(&bytes) {
                            Ok(envelope) => self.open_direct(&envelope)?,
                            Err(_) => Ack::Refused(Refusal::Malformed),
                        });
                    }
                    Answer::Acks(acks(taken))
                } else {
                    Answer::Refused(Refusal::Stranger)
                }
            }
        };
        match encode(&answer) {
            Ok(bytes) => self.respond(id, bytes),
            Err(_) => self.fault(id, from, Fault::Malformed),
        }
        Ok(())
    }
}

/// The batch was bounded by the same number.
fn acks(acks: Vec<Ack>) -> List<Ack, DIRECT_ENVELOPES> {
    List::new(acks).unwrap_or_default()
}
