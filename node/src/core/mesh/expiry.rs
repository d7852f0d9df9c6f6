//! Forgetting: envelopes and tombstones that expired, and mailboxes whose device left; frames have
//! their own.

use super::{
    bounds::{FORGOTTEN_PER_STEP, ROW_BYTES},
    mailbox::OpenMailbox,
    memory::forget_at,
    rows::{EXPIRY, LEFT, MAILBOXES, PAST, PLACES, State},
};
use crate::core::turn::Turn;
use magpie_protocol::{address::NodeId, ids::EnvelopeId};
use magpie_storage::{
    engine::Order,
    table::{Keys, TableError},
};

impl Turn<'_> {
    /// Does what is due of a super node's upkeep, a bounded piece of it.
    pub(crate) fn mesh_tick(&mut self) {
        self.due_notices();
        if self.core.mesh.forget_at.is_some_and(|at| at <= self.now) {
            let done = self.forget_due();
            // A store that failed ends the node after this step.
            let _ = self.stored(done);
        }
        self.leave_topics();
    }

    fn forget_due(&mut self) -> Result<(), TableError> {
        self.forget_expired()?;
        self.forget_frames()?;
        self.empty_left()?;
        self.core.mesh.forget_at = forget_at(&self.tx)?;
        Ok(())
    }

    fn forget_expired(&mut self) -> Result<(), TableError> {
        let keys = Keys::all().below(&(
            self.now.saturating_add(1),
            [0; 32],
            NodeId([0; 32]),
            EnvelopeId([0; 32]),
        ));
        let due = EXPIRY.scan(&self.tx, &keys, Order::Ascending, FORGOTTEN_PER_STEP)?;
        for ((expiry_ms, account, node, id), _) in due {
            let mut mailbox = self.open_mailbox((account, node))?;
            self.forget(&mut mailbox, id)?;
            self.close_mailbox(&mailbox)?;
            EXPIRY.delete(&mut self.tx, &(expiry_ms, account, node, id));
        }
        Ok(())
    }

    /// Empties the first mailbox whose device left, as far as one step goes.
    fn empty_left(&mut self) -> Result<(), TableError> {
        let first = LEFT.scan(&self.tx, &Keys::all(), Order::Ascending, 1)?;
        let Some((at, _)) = first.into_iter().next() else { return Ok(()) };
        let keys = Keys::under(&at);
        let places = PLACES.scan(&self.tx, &keys, Order::Ascending, FORGOTTEN_PER_STEP)?;
        let empty = places.len() < FORGOTTEN_PER_STEP;
        let mut mailbox = self.open_mailbox(at)?;
        for ((_, _, id), _) in places {
            self.forget(&mut mailbox, id)?;
        }
        self.close_mailbox(&mailbox)?;
        if empty {
            MAILBOXES.delete(&mut self.tx, &at);
            LEFT.delete(&mut self.tx, &at);
        }
        Ok(())
    }

    /// Forgets that an envelope ever was here, whether it still waits or not.
    pub(super) fn forget(
        &mut self,
        mailbox: &mut OpenMailbox,
        id: EnvelopeId,
    ) -> Result<(), TableError> {
        let (account, node) = mailbox.at;
        let Some(place) = PLACES.get(&self.tx, &(account, node, id))? else { return Ok(()) };
        self.release(mailbox, &place)?;
        match place.state {
            State::Token(_) | State::Drained => {
                mailbox.row.places = mailbox.row.places.saturating_sub(1);
            }
            State::Stranger => {}
            State::Passed | State::Pushed => {
                PAST.delete(&mut self.tx, &(account, node, place.sequence));
                mailbox.row.past = mailbox.row.past.saturating_sub(1);
            }
        }
        mailbox.totals.bytes = mailbox.totals.bytes.saturating_sub(ROW_BYTES);
        PLACES.delete(&mut self.tx, &(account, node, id));
        EXPIRY.delete(&mut self.tx, &(place.expiry_ms, account, node, id));
        Ok(())
    }
}
