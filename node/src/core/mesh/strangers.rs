//! The strangers' pool of a mailbox: small, oldest out first, apart from mail with a token.
//!
//! What leaves the pool is remembered for a while: a stamp buys one stay, not one after another.

use super::{
    bounds::{STRANGERS_PAST, STRANGERS_POOL},
    mailbox::OpenMailbox,
    rows::{PAST, PLACES, POOL, State, StrangerRow},
};
use crate::core::turn::Turn;
use magpie_protocol::ids::EnvelopeId;
use magpie_storage::{
    engine::Order,
    table::{Keys, TableError},
};

impl Turn<'_> {
    /// Lets the oldest strangers' envelopes go until one more fits.
    pub(super) fn make_room_for_stranger(
        &mut self,
        mailbox: &mut OpenMailbox,
    ) -> Result<(), TableError> {
        if mailbox.row.strangers < STRANGERS_POOL {
            return Ok(());
        }
        let oldest = POOL.scan(&self.tx, &Keys::under(&mailbox.at), Order::Ascending, 1)?;
        for (_, StrangerRow(id)) in oldest {
            self.part(mailbox, id, State::Pushed)?;
        }
        Ok(())
    }

    /// Counts an envelope into the pool.
    pub(super) fn enter_pool(
        &mut self,
        mailbox: &mut OpenMailbox,
        sequence: u64,
        id: EnvelopeId,
    ) -> Result<(), TableError> {
        let (account, node) = mailbox.at;
        mailbox.row.strangers = mailbox.row.strangers.saturating_add(1);
        POOL.put(&mut self.tx, &(account, node, sequence), &StrangerRow(id))
    }

    /// Counts an envelope out of the pool.
    pub(super) fn leave_pool(&mut self, mailbox: &mut OpenMailbox, sequence: u64) {
        let (account, node) = mailbox.at;
        POOL.delete(&mut self.tx, &(account, node, sequence));
        mailbox.row.strangers = mailbox.row.strangers.saturating_sub(1);
    }

    /// Ends the stay of a waiting envelope and leaves `state` in its place, which says why.
    pub(super) fn part(
        &mut self,
        mailbox: &mut OpenMailbox,
        id: EnvelopeId,
        state: State,
    ) -> Result<(), TableError> {
        let (account, node) = mailbox.at;
        let key = (account, node, id);
        let Some(mut place) = PLACES.get(&self.tx, &key)? else { return Ok(()) };
        self.release(mailbox, &place)?;
        place.state = state;
        PLACES.put(&mut self.tx, &key, &place)?;
        if matches!(state, State::Passed | State::Pushed) {
            PAST.put(&mut self.tx, &(account, node, place.sequence), &StrangerRow(id))?;
            mailbox.row.past = mailbox.row.past.saturating_add(1);
            if mailbox.row.past > STRANGERS_PAST {
                let oldest = PAST.scan(&self.tx, &Keys::under(&mailbox.at), Order::Ascending, 1)?;
                for (_, StrangerRow(oldest)) in oldest {
                    self.forget(mailbox, oldest)?;
                }
            }
        }
        Ok(())
    }
}
