//! Posting: a rule hands over a payload and goes on; the rest follows by itself.

use super::rows::{WAITING, Waiting};
use crate::core::{agenda::Task, turn::Turn};
use magpie_protocol::{
    address::Address,
    api::{ApiError, ApiResult, ErrorCode},
    bounded::Blob,
    content::Payload,
    ids::MessageId,
};

/// Payloads and envelopes on their way at once; a person who writes more is told to wait. What the
/// node itself has to say (receipts, answers) goes out all the same: each answers something.
pub(crate) const LETTERS_ON_WAY: usize = 5_000;

impl Turn<'_> {
    /// Returns 21011 when too much is on its way already: nobody takes it, or the network is gone.
    pub(crate) fn check_room_on_way(&self) -> ApiResult<()> {
        if self.open()?.letters.on_way < LETTERS_ON_WAY {
            return Ok(());
        }
        let why =
            format!("{LETTERS_ON_WAY} messages are on their way already; wait for some of them");
        Err(ApiError::new(ErrorCode::RateLimited, why))
    }

    /// Sends a payload to every device of an account. It is durable with this step's batch; `about`
    /// names the message whose progress the delivery decides. Errors: 20059 for a payload that no
    /// envelope holds.
    pub(crate) fn post(
        &mut self,
        to: Address,
        payload: &Payload,
        about: Option<MessageId>,
    ) -> ApiResult<()> {
        let too_large = || ApiError::from(ErrorCode::SendMessage);
        let bytes = payload.to_bytes().map_err(|_| too_large())?;
        let payload = Blob::new(bytes).map_err(|_| too_large())?;
        let number = self.next_number()?;
        let row = Waiting { payload, about, since_ms: self.now };
        self.write(&WAITING, &(), &(to, number), &row)?;
        self.open_mut()?.letters.on_way += 1;
        self.core.agenda.plan(Task::Seal(to), self.now);
        Ok(())
    }

    /// Returns a number greater than that of every payload and envelope on its way.
    pub(crate) fn next_number(&mut self) -> ApiResult<u64> {
        let letters = &mut self.open_mut()?.letters;
        let number = letters.next;
        letters.next += 1;
        Ok(number)
    }
}
