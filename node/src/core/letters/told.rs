//! What the senders of mail are told once some of it was opened: one receipt for all that arrived, one
//! notice of all that could not be read.

use super::unread::Unread;
use crate::core::turn::Turn;
use magpie_protocol::{
    address::Address,
    api::ApiResult,
    bounded::List,
    content::{DeliveryReceipt, Payload},
    ids::MessageId,
    limits::NAMED_MESSAGES,
};
use std::collections::BTreeMap;

/// What was opened in one step, by its sender.
#[derive(Debug, Default)]
pub(super) struct Told {
    arrived: BTreeMap<Address, Vec<MessageId>>,
    pub(super) unread: Unread,
}

impl Told {
    /// Notes that messages of an account are here.
    pub(super) fn arrived(&mut self, from: Address, messages: Vec<MessageId>) {
        if !messages.is_empty() {
            self.arrived.entry(from).or_default().extend(messages);
        }
    }
}

impl Turn<'_> {
    /// Tells the senders.
    pub(super) fn tell(&mut self, told: Told) -> ApiResult<()> {
        for (account, messages) in told.arrived {
            for delivered in messages.chunks(NAMED_MESSAGES) {
                let delivered = List::new(delivered.to_vec()).unwrap_or_default();
                let receipt = DeliveryReceipt { delivered, read: List::default() };
                self.post(account, &Payload::Receipt(Box::new(receipt)), None)?;
            }
        }
        self.name_unread(told.unread)
    }
}
